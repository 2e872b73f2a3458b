"""What runs by itself: at what time here, when next, and which slots were missed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from pathlib import Path

from sekisho.engine.errors import SekishoError
from sekisho.registers.batch_jobs.models import JobRequest, JobSchedule
from sekisho.registers.batch_jobs.queries.standing import JobRecord, record_of
from sekisho.registers.batch_jobs.rules import (
    ROOM,
    Kind,
    Schedule,
    due_slot,
    kind_of,
    minutes,
    next_slot,
    retimed,
    schedules,
)

CARRIER = "carrier.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """A schedule: when it runs next, when it counted last, whether somebody stopped it."""

    schedule: str
    kind: Kind
    next_at: datetime
    last: JobRecord | None
    paused_by: str
    time: str  # 03:00, or 30 min
    usual: str  # the same, where the carrier says nothing


def missed_hours(at: datetime) -> tuple[tuple[str, datetime], ...]:
    """Schedules whose latest slot since they count has no job yet: the slots to make up for, one of each."""
    known = {row.schedule: row for row in JobSchedule.objects.all()}
    found = []
    for id_, schedule in schedules_here().items():
        row, slot = known.get(id_), due_slot(schedule, at)
        if row is None or row.paused_at is not None or slot < row.since:
            continue
        if not JobRequest.objects.filter(slot=slot_name(id_, slot)).exists():
            found.append((id_, slot))
    return tuple(found)


def next_hours(at: datetime) -> tuple[Hour, ...]:
    """Every schedule with its next run and its last."""
    known = {row.schedule: row for row in JobSchedule.objects.all()}
    return tuple(
        Hour(
            schedule=id_,
            kind=kind_of(schedule.kind),
            next_at=next_slot(schedule, at),
            last=_last_in(id_),
            paused_by=known[id_].paused_by if id_ in known else "",
            time=said_time(schedule),
            usual=said_time(schedules()[id_]),
        )
        for id_, schedule in schedules_here().items()
    )


def schedules_here() -> Mapping[str, Schedule]:
    """Every schedule with the time it runs at for this carrier."""
    rows = {row.schedule: row for row in JobSchedule.objects.all()}
    return {id_: _timed(schedule, rows.get(id_)) for id_, schedule in schedules().items()}


def asked_times(home: Path) -> tuple[Mapping[str, Schedule], tuple[SekishoError, ...]]:
    """Every schedule with the time that carrier.yaml asks for, and what is wrong with that file."""
    path = home / CARRIER
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return schedules(), ()
    except (OSError, UnicodeDecodeError):
        return schedules(), (SekishoError("batch_jobs.carrier-unreadable", room=ROOM, place=str(path)),)
    return retimed(text, str(path))


def times_of(schedule: Schedule) -> tuple[str, int | None]:
    """What a row keeps of a schedule's time: nothing where it is the usual one."""
    usual = schedules()[schedule.id]
    at = f"{schedule.at:%H:%M}" if schedule.at is not None and schedule.at != usual.at else ""
    every = minutes(schedule.every) if schedule.every is not None and schedule.every != usual.every else None
    return at, every


def time_of(row: JobSchedule) -> str:
    """When a schedule runs, in words for the ledger and the pages: 03:00, or every 30 min."""
    return said_time(_timed(schedules()[row.schedule], row))


def said_time(schedule: Schedule) -> str:
    """A time of day, or the interval in minutes."""
    return f"{schedule.at:%H:%M}" if schedule.at is not None else f"{minutes(schedule.every or schedule.least)} min"


def _timed(schedule: Schedule, row: JobSchedule | None) -> Schedule:
    if row is None:
        return schedule
    if schedule.at is not None:
        return replace(schedule, at=time.fromisoformat(row.at)) if row.at else schedule
    return replace(schedule, every=timedelta(minutes=row.every_minutes)) if row.every_minutes else schedule


def slot_name(schedule: str, slot: datetime) -> str:
    """What a slot is called in the request that fills it."""
    return f"{schedule}@{slot:%Y-%m-%dT%H:%MZ}"


def late_by(at: datetime) -> timedelta | None:
    """How long the oldest missed slot has been waiting; None where none was missed."""
    missed = [slot for _, slot in missed_hours(at)]
    return at - min(missed) if missed else None


def _last_in(schedule: str) -> JobRecord | None:
    row = JobRequest.objects.filter(slot__startswith=f"{schedule}@").order_by("-id").first()
    return record_of(row) if row else None
