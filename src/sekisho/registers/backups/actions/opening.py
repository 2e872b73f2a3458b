"""Open a restored home: believe what was kept apart, take the newer ledger over, replay, erase again, look, and only then open.

Every stage may be repeated, and a home stays locked until the last has passed: a kill between any two costs time only.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from django.conf import settings
from django.db import transaction

from sekisho.engine.errors import SekishoError
from sekisho.engine.merkle.checkpoint import Checkpoint
from sekisho.evidence import keys, queries
from sekisho.evidence import witness as witnesses
from sekisho.evidence.actions import append
from sekisho.evidence.continuing import head_of, is_whole, take_over
from sekisho.registers.backups.actions.erasing import due_erasures, replay_erasure
from sekisho.registers.backups.actions.owning import replay_lines
from sekisho.registers.backups.actions.replaying import Replayed, replay_decisions
from sekisho.registers.backups.actions.returning import erase_returned
from sekisho.registers.backups.queries.apart import Apart, of_log
from sekisho.registers.backups.queries.returned import look_for_returned
from sekisho.registers.backups.rules import ROOM
from sekisho.registers.backups.rules.limits import limits
from sekisho.registers.backups.rules.timing import Stopwatch, milliseconds
from sekisho.registers.backups.rules.tombstones import Tombstone
from sekisho.registers.datamap import queries as datamaps
from sekisho.registers.retention.actions import copies

BY = "restore"
Result = TypeVar("Result")
Reached = Callable[[str], None]
Progress = Callable[[int, int, str], None]


@dataclass(slots=True, kw_only=True)
class Opening:
    """What the check did and saw: counts, times, and what nobody can bring back."""

    backup: str
    tombstones: int = 0
    ledger_old: int = 0
    ledger_new: int = 0
    lost: dict[str, int] = field(default_factory=dict)  # entries taken over whose rows the backup does not have
    replayed: Replayed = field(default_factory=Replayed)
    erased: list[str] = field(default_factory=list)
    gone_before: int = 0
    strays: int = 0  # rows of erased people in stores older than the register
    examined: int = 0
    stores: dict[str, float] = field(default_factory=dict)  # seconds of erasing again, by store
    seconds: dict[str, float] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """Counts only."""
        return {
            "backup": self.backup,
            "tombstones": self.tombstones,
            "ledger": {"restored": self.ledger_old, "now": self.ledger_new, "taken_over": self.lost},
            "replayed": self.replayed.done,
            "lost": self.replayed.lost,
            "erased_again": len(self.erased),
            "nothing_came_back_of": self.gone_before,
            "stray_rows": self.strays,
            "examined": self.examined,
            "milliseconds": milliseconds(self.seconds),
            "stores": milliseconds(self.stores),
        }


def nothing(_point: str) -> None:
    """Go on."""


def silent(_done: int, _total: int, _what: str) -> None:
    """Tell nobody."""


def check_restored(
    *,
    backup: str,
    since: int,
    at: datetime,
    declared_gap: bool = False,
    progress: Progress = silent,
    reached: Reached = nothing,
) -> Opening:
    """Do everything that must be done before a restored home may be used. `since`: tombstones the backup already had.

    Evidence: `backups.opened` with all counts. Raises: backups.nothing-apart, backups.tombstones-altered,
    backups.tombstones-incomplete, backups.ledger-behind, backups.erasure-not-replayed, backups.still-there.
    """
    apart = of_log(Path(settings.HOME), keys.signer(Path(settings.HOME)).name)
    opening = _Stages(opening=Opening(backup=backup), reached=reached)
    stones = opening.run("tombstones", lambda: _believed(apart, since))
    opening.opening.tombstones = len(stones)
    opening.run("ledger", lambda: _take_over(apart, opening.opening, at, declared_gap=declared_gap))
    opening.run("complete", lambda: _require_complete(stones))
    opening.run("copies", lambda: _let_go_of_copies(at))
    fresh = [stone for stone in stones if stone.number >= since]
    lines = opening.run("lines", lambda: replay_lines(fresh, at=at))
    opening.opening.replayed = opening.run("decisions", lambda: replay_decisions(fresh, at=at))
    opening.opening.replayed.add(lines)
    opening.run("erasures", lambda: _erase(stones, since, opening.opening, at, progress, reached))
    opening.run("strays", lambda: _strays(opening.opening, at))
    opening.run("written", lambda: _open(opening.opening, at))
    return opening.opening


@dataclass(slots=True, kw_only=True)
class _Stages:
    opening: Opening
    reached: Reached

    def run(self, name: str, stage: Callable[[], Result]) -> Result:
        """One stage, with its time."""
        began = time.monotonic()
        result = stage()
        self.opening.seconds[name] = time.monotonic() - began
        self.reached(f"stage.{name}")
        return result


def _believed(apart: Apart, since: int) -> list[Tombstone]:
    """The whole file, every line checked; it may not end before the backup's own count."""
    stones = [stone for stone, _ in apart.lines()]
    if len(stones) < since:
        raise SekishoError("backups.tombstones-incomplete", room=ROOM, missing=since - len(stones))
    return stones


def _take_over(apart: Apart, opening: Opening, at: datetime, *, declared_gap: bool) -> None:
    home = Path(settings.HOME)
    verifier = keys.signer(home).verifier
    opening.ledger_old = queries.state().size
    known = head_of(apart.ledger, verifier)
    if known is not None and is_whole(apart.ledger, verifier):
        opening.lost = take_over(apart.ledger, at=at, acting_user=BY).kinds
    opening.ledger_new = queries.state().size
    place = witnesses.place(home)
    seen = witnesses.last_seen(place, verifier) if place else None
    ahead = [head for head in (known, seen) if head is not None and head.size > opening.ledger_new]
    if not ahead:
        return
    furthest = max(ahead, key=lambda head: head.size)
    if not declared_gap:
        raise SekishoError("backups.ledger-behind", room=ROOM, old=opening.ledger_new, new=furthest.size)
    _declare_gap(apart, opening.ledger_new, furthest, at)


def _declare_gap(apart: Apart, size: int, known: Checkpoint, at: datetime) -> None:
    """Entries that somebody has seen are lost: the ledger says so and goes on, and whoever has seen them goes on refusing it.

    What is left of the copy stays beside the new one. Evidence: `evidence.gap-declared`.
    """
    if head_of(apart.ledger, keys.signer(Path(settings.HOME)).verifier) is not None:
        apart.ledger.path.rename(apart.path / f"ledger-lost-{known.size}")
    with transaction.atomic():
        body = {"have": size, "known": known.size, "known_root": known.root.hex(), "by": BY}
        append(kind="evidence.gap-declared", body=body, at=at)


def _require_complete(stones: list[Tombstone]) -> None:
    """Every event of the ledger that a restore must not undo stands among the tombstones: a shortened file is seen."""
    told = {stone.entry for stone in stones}
    missing = sum(entry.entry not in told for entry in queries.numbered_from(0, limits().kinds))
    if missing:
        raise SekishoError("backups.tombstones-incomplete", room=ROOM, missing=missing)


def _let_go_of_copies(at: datetime) -> None:
    """Lists and projections of the backup's day have no file any more, and an approval to send one is used up."""
    tables = ((system.id, table) for system in datamaps.current().systems.values() for table in system.tables)
    copies.let_go_of_tables(tables, at)


def _erase(
    stones: list[Tombstone], since: int, opening: Opening, at: datetime, progress: Progress, reached: Reached
) -> None:
    due = due_erasures(stones, since)
    for index, one in enumerate(due):
        progress(index, len(due), one.plan)
        watch = Stopwatch()
        plan = replay_erasure(one, at=at, progress=watch.told, reached=reached)
        for store, taken in watch.seconds.items():
            opening.stores[store] = opening.stores.get(store, 0.0) + taken
        if plan is None:
            opening.gone_before += 1
        else:
            opening.erased.append(plan)
    progress(len(due), len(due), "")


def _strays(opening: Opening, at: datetime) -> None:
    """A store may be older than the register that was restored with it: nobody erased may stand in any."""
    look = look_for_returned()
    opening.examined, opening.strays = look.examined, sum(one.rows for one in look.found)
    left = erase_returned(look, at=at, acting_user=BY) if look.found else 0
    again = look_for_returned(only={one.system for one in look.found}) if look.found else look
    people = {one.person for one in again.found}
    if left or people or look.unread:
        raise SekishoError("backups.still-there", room=ROOM, erased=len(opening.erased), left=len(people) or "?")


def _open(opening: Opening, at: datetime) -> None:
    with transaction.atomic():
        append(kind="backups.opened", body=opening.as_json() | {"by": BY}, at=at)
