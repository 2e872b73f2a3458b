"""Which hour of a schedule is due: Tokyo's days, given the instant."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from sekisho.engine.japanese.tokyo import TOKYO
from sekisho.registers.batch_jobs.rules.kinds import ROOM


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Work that is asked for by itself. `at` once a day, or `every` from midnight."""

    id: str
    kind: str
    at: time | None = None
    every: timedelta | None = None
    day: str = ""  # the argument that takes the slot's Tokyo day
    earliest: time = time.min  # between these a carrier may set the time of day
    latest: time = time.max
    least: timedelta = timedelta(minutes=1)  # between these the interval
    most: timedelta = timedelta(days=1)

    def arguments(self, slot: datetime) -> dict[str, str]:
        """The arguments of the job of this slot."""
        return {self.day: slot.astimezone(TOKYO).date().isoformat()} if self.day else {}


def due_slot(schedule: Schedule, at: datetime) -> datetime:
    """The latest slot that is not after `at`: of several that were missed, the one that is made up for."""
    local = at.astimezone(TOKYO)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    if schedule.at is not None:
        today = datetime.combine(local.date(), schedule.at, tzinfo=TOKYO)
        return (today if today <= local else today - timedelta(days=1)).astimezone(UTC)
    every = _every(schedule)
    return (midnight + every * ((local - midnight) // every)).astimezone(UTC)


def next_slot(schedule: Schedule, at: datetime) -> datetime:
    """The first slot after `at`."""
    step = timedelta(days=1) if schedule.at is not None else _every(schedule)
    following = due_slot(schedule, at) + step
    midnight = datetime.combine(at.astimezone(TOKYO).date() + timedelta(days=1), time(), tzinfo=TOKYO)
    return following if schedule.at is not None else min(following, midnight.astimezone(UTC))


@cache
def schedules() -> Mapping[str, Schedule]:
    """What schedules.toml says."""
    told = tomllib.loads(resources.files(ROOM).joinpath("schedules.toml").read_text(encoding="utf-8"))
    return MappingProxyType(
        {
            id_: Schedule(
                id=id_,
                kind=one["kind"],
                at=time.fromisoformat(one["at"]) if "at" in one else None,
                every=timedelta(minutes=one["every_minutes"]) if "every_minutes" in one else None,
                day=one.get("day", ""),
                **_allowed(one),
            )
            for id_, one in told.items()
        }
    )


def _allowed(one: Mapping[str, Any]) -> dict[str, Any]:
    if "at" in one:
        first, last = one.get("between", ["00:00", "23:59"])
        return {"earliest": time.fromisoformat(first), "latest": time.fromisoformat(last)}
    least, most = one["within_minutes"]
    return {"least": timedelta(minutes=least), "most": timedelta(minutes=most)}


def _every(schedule: Schedule) -> timedelta:
    if schedule.every is None:
        raise ValueError(f"{schedule.id} says neither at nor every_minutes")
    return schedule.every
