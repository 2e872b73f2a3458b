"""Backups, what is kept apart, who came back, drills: as the register holds them, for commands, pages and proofs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from sekisho.engine.errors import SekishoError
from sekisho.evidence import keys, queries
from sekisho.evidence.continuing import head_of
from sekisho.registers.backups import models
from sekisho.registers.backups.queries.apart import of_log
from sekisho.registers.backups.queries.configured import days_of_life, foreign_stores
from sekisho.registers.backups.queries.stores import stores
from sekisho.registers.backups.rules import ROOM
from sekisho.registers.backups.rules.limits import limits


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupRecord:
    """One backup."""

    ref: str
    place: str
    made_at: datetime
    expires_on: date
    bytes: int
    destroyed_at: datetime | None
    files_left: bool
    foreign: tuple[Mapping[str, Any], ...] = ()

    def as_json(self) -> dict[str, object]:
        """For `--json`."""
        return {
            "backup": self.ref,
            "place": self.place,
            "made_at": self.made_at.isoformat(),
            "expires_on": self.expires_on.isoformat(),
            "bytes": self.bytes,
            "destroyed_at": self.destroyed_at.isoformat() if self.destroyed_at else None,
            "files_left": self.files_left,
            "foreign": [dict(one) for one in self.foreign],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptApart:
    """What stands apart, and how much of what should is not there."""

    folder: str
    tombstones: int
    ledger: int
    missing: int

    def as_json(self) -> dict[str, object]:
        """For `--json`."""
        return {
            "folder": self.folder,
            "tombstones": self.tombstones,
            "ledger": self.ledger,
            "missing": self.missing,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedRecord:
    """Somebody who came back."""

    ref: str
    person: str
    erased: str
    identifier: str
    system: str
    table: str
    rows: int
    found_at: datetime

    def as_json(self) -> dict[str, object]:
        """For `--json`: references and counts."""
        return {
            "returned": self.ref,
            "person": self.person,
            "erased": self.erased,
            "identifier": self.identifier,
            "system": self.system,
            "table": self.table,
            "rows": self.rows,
            "found_at": self.found_at.isoformat(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillRecord:
    """One drill with its times."""

    ref: str
    at: datetime
    people: int
    resurrected: int
    looked_at: int
    passed: bool
    stages: tuple[Mapping[str, Any], ...]
    undrilled: tuple[Mapping[str, str], ...] = ()

    def systems(self) -> tuple[str, ...]:
        """The stores that have a time of their own, the whole first."""
        found = dict.fromkeys(str(one["system"]) for one in self.stages)
        return tuple(sorted(found, key=lambda one: (one != "", one == "sekisho", one)))

    def table(self) -> tuple[tuple[str, Mapping[str, int]], ...]:
        """Stage by stage: milliseconds by store."""
        rows: dict[str, dict[str, int]] = {}
        for one in self.stages:
            rows.setdefault(str(one["stage"]), {})[str(one["system"])] = int(one["milliseconds"])
        return tuple(rows.items())

    def as_json(self) -> dict[str, object]:
        """For `--json`."""
        return {
            "drill": self.ref,
            "at": self.at.isoformat(),
            "people": self.people,
            "resurrected": self.resurrected,
            "looked_at": self.looked_at,
            "passed": self.passed,
            "stages": [dict(one) for one in self.stages],
            "undrilled": [dict(one) for one in self.undrilled],
        }


def drill(ref: str = "") -> DrillRecord | None:
    """One drill, or the last."""
    rows = models.Drill.objects.order_by("-at", "-id")
    row = (rows.filter(ref=ref) if ref else rows).first()
    if row is None:
        return None
    return _drill(row)


def drills(most: int = 20) -> tuple[DrillRecord, ...]:
    """The drills that were held, newest first."""
    return tuple(map(_drill, models.Drill.objects.order_by("-at", "-id")[:most]))


def last_days() -> tuple[Mapping[str, Any], ...]:
    """The last stage of an erasure, store by store: how many days until the last backup with the person dies.

    None where the store's backups are the carrier's own and `carrier.yaml` does not say.
    """
    found, days = stores(), days_of_life() or limits().days
    own = tuple(
        {"system": id_, "dies_after_days": days, "said_by": "sekisho"} for id_ in (*sorted(found.inside), "sekisho")
    )
    return own + foreign_stores(found.foreign)


def backups() -> tuple[BackupRecord, ...]:
    """Every backup, newest first."""
    return tuple(map(_backup, models.Backup.objects.order_by("-made_at", "-id")))


def backup(ref: str) -> BackupRecord:
    """One backup. Raises: backups.unknown-backup."""
    row = models.Backup.objects.filter(ref=ref).first()
    if row is None:
        raise SekishoError("backups.unknown-backup", room=ROOM, backup=ref if ref.isascii() else "?")
    return _backup(row)


def kept_apart() -> KeptApart:
    """Every tombstone checked, and the ledger looked through for events that are missing among them.

    Raises: backups.tombstones-altered, backups.nothing-apart.
    """
    home = Path(settings.HOME)
    signer = keys.signer(home)
    apart = of_log(home, signer.name)
    told = [stone.entry for stone, _ in apart.lines()]
    known = frozenset(told)
    kinds = limits().kinds
    due = [*queries.numbered_from(0, kinds), *queries.unnumbered(kinds)]
    head = head_of(apart.ledger, signer.verifier)
    return KeptApart(
        folder=str(apart.path),
        tombstones=len(told),
        ledger=head.size if head else 0,
        missing=sum(entry.entry not in known for entry in due),
    )


def quarantined() -> tuple[ReturnedRecord, ...]:
    """Everybody who came back and is not settled, oldest first."""
    return tuple(
        ReturnedRecord(
            ref=row.ref,
            person=row.person_ref,
            erased=row.erased_ref,
            identifier=row.identifier,
            system=row.system,
            table=row.table,
            rows=row.rows,
            found_at=row.found_at,
        )
        for row in models.Returned.objects.filter(settled_at=None).order_by("id")
    )


def _drill(row: models.Drill) -> DrillRecord:
    return DrillRecord(
        ref=row.ref,
        at=row.at,
        people=row.people,
        resurrected=row.resurrected,
        looked_at=row.looked_at,
        passed=row.passed,
        stages=tuple(row.stages),
        undrilled=tuple(row.undrilled),
    )


def _backup(row: models.Backup) -> BackupRecord:
    return BackupRecord(
        ref=row.ref,
        place=row.place,
        made_at=row.made_at,
        expires_on=row.expires_on,
        bytes=row.bytes,
        destroyed_at=row.destroyed_at,
        files_left=row.files_left,
        foreign=foreign_stores(stores().foreign),
    )
