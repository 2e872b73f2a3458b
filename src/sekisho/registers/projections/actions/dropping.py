"""Letting go of projections: when their day is over, and when somebody in them is erased, suppressed or restricted."""

import contextlib
import shutil
import time
from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db.models import Q, QuerySet
from pyroaring import BitMap

from sekisho.evidence.actions import append
from sekisho.evidence.writing import writing
from sekisho.registers.identities import queries as identities
from sekisho.registers.projections import rules
from sekisho.registers.projections.models import FailedRun, Projection, ReleasedGroup

UNDER_WAY = 3600  # seconds: a build or run under way is younger


def expire(*, at: datetime) -> int:
    """Let go of projections and released groups whose time is over, and of files nobody knows. Evidence: `projections.dropped`."""
    over = Projection.objects.filter(Q(expires_at__lte=at), dropped_at=None)
    count = _drop(over, why="expired", at=at)
    with writing():
        ReleasedGroup.objects.filter(released_at__lte=at - rules.WINDOW).delete()
        FailedRun.objects.filter(at__lte=at - rules.WINDOW).delete()
    _remove_strangers(older_than=UNDER_WAY)
    return count


def copies_of(person: str) -> tuple[str, ...]:
    """Keys of the projections that hold a person, or may."""
    number = identities.numbers_of([person]).get(person)
    rows = Projection.objects.filter(dropped_at=None).order_by("key")
    return tuple(row.key for row in rows if number is None or number in BitMap.deserialize(bytes(row.people)))


def drop_for(*, person: str, at: datetime) -> int:
    """Let go of every projection that holds a person, and of the person in released groups; returns how many projections.

    Somebody the identities register no longer knows may be in any: then all go. Evidence: `projections.dropped`.
    """
    number = identities.numbers_of([person]).get(person)
    standing = Projection.objects.filter(dropped_at=None)
    holding = [row.pk for row in standing if number is None or number in BitMap.deserialize(bytes(row.people))]
    count = _drop(Projection.objects.filter(pk__in=holding, dropped_at=None), why="person", at=at)
    _remove_strangers(older_than=0)  # a build or run under way fails: who is to be erased comes first
    if number is not None:
        _forget_in_groups(number)
    return count


def drop_of(*, tables: frozenset[tuple[str, str]], at: datetime) -> int:
    """Let go of every projection of these tables: rows in them were erased. Evidence: `projections.dropped`."""
    standing = Projection.objects.filter(dropped_at=None).values_list("pk", "system", "table")
    stale = [pk for pk, system, table in standing if (system, table) in tables]
    count = _drop(Projection.objects.filter(pk__in=stale, dropped_at=None), why="swept", at=at)
    _remove_strangers(older_than=0, of={f"{system}.{table}" for system, table in tables})
    return count


def _drop(rows: "QuerySet[Projection]", *, why: str, at: datetime) -> int:
    """Files first: a row that says dropped must be true."""
    keys = list(rows.values_list("key", flat=True))
    for key in keys:
        _remove(Path(settings.HOME) / rules.FOLDER / key)
    with writing():
        Projection.objects.filter(key__in=keys).update(dropped_at=at, people=b"")
        if keys:
            append(kind="projections.dropped", body={"keys": keys[:100], "count": len(keys), "why": why}, at=at)
    return len(keys)


def _forget_in_groups(number: int) -> None:
    with writing():
        for group in ReleasedGroup.objects.iterator():
            people = BitMap.deserialize(bytes(group.people))
            if number in people:
                people.discard(number)
                group.people = people.serialize()
                group.size = len(people)
                group.save(update_fields=["people", "size"])


def _remove(folder: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        folder.chmod(0o755)  # a run's folder is closed while it runs
        shutil.rmtree(folder)


def _remove_strangers(older_than: float, of: Collection[str] | None = None) -> None:
    """Folders that no row knows: left by a build or a run that was killed. `of`: only what is being built of these tables."""
    root = Path(settings.HOME) / rules.FOLDER
    known = set(Projection.objects.filter(dropped_at=None).values_list("key", flat=True))
    with contextlib.suppress(FileNotFoundError):
        for folder in root.iterdir():
            if of is not None and _being_built(folder) not in of:
                continue
            if folder.is_dir() and folder.name not in known and _age(folder) >= older_than:
                _remove(folder)


def _being_built(folder: Path) -> str:
    with contextlib.suppress(OSError):
        return (folder / rules.BUILDING).read_text(encoding="utf-8")
    return ""


def _age(folder: Path) -> float:
    with contextlib.suppress(FileNotFoundError):
        return time.time() - folder.stat().st_mtime
    return 0
