"""Jobs as they stand: one, those that live, those that stand still, those that failed unseen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from sekisho.engine.errors import SekishoError
from sekisho.registers.batch_jobs.models import JobRequest
from sekisho.registers.batch_jobs.rules import ENDED, LIVE, ROOM, Kind, State, kind_of, limits

MANY = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRecord:
    """One job."""

    ref: str
    kind: Kind
    arguments: Mapping[str, str]
    asked_by: str
    asked_at: datetime
    as_of: datetime | None
    slot: str
    state: State
    executor: str
    attempts: int
    done: int
    total: int | None
    what: str
    started_at: datetime | None
    heartbeat_at: datetime | None
    progressed_at: datetime | None
    ended_at: datetime | None
    cancel_by: str
    why: str
    why_values: Mapping[str, str]
    result: str
    acknowledged_by: str = ""

    @property
    def is_unseen(self) -> bool:
        """Whether it failed and nobody has acknowledged that yet."""
        return self.state is State.FAILED and not self.acknowledged_by

    @property
    def has_ended(self) -> bool:
        """Whether nothing more happens under this reference."""
        return self.state in ENDED

    @property
    def is_being_cancelled(self) -> bool:
        """Whether it will stop before its next step."""
        return bool(self.cancel_by) and not self.has_ended

    @property
    def share(self) -> float | None:
        """How much of it is done, between 0 and 1; None while nobody knows."""
        return None if not self.total else min(1.0, self.done / self.total)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doing:
    """What a room's work is given: the job, the instant it takes for now, and whom to tell how far it is.

    `progress` ends the work where the process ends or the job was cancelled: call it where stopping leaves nothing half done.
    `once` marks a step's effect inside the caller's transaction: False where an earlier try has committed it.
    """

    job: JobRecord
    at: datetime
    progress: Callable[[int, int | None, str], None]
    once: Callable[[str], bool]
    reached: Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Work that should exist, as a room recomputes it from what it knows."""

    kind: str
    arguments: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Still:
    """A job that stands still, and in what way: unclaimed, silent, quiet."""

    job: JobRecord
    how: str
    since: datetime


def job(ref: str) -> JobRecord:
    """One job. Raises: batch_jobs.unknown-job."""
    row = JobRequest.objects.filter(ref=ref).first()
    if row is None:
        raise SekishoError("batch_jobs.unknown-job", room=ROOM, job=ref if ref.isascii() else "?")
    return record_of(row)


def is_known(ref: str) -> bool:
    """Whether there ever was a job of this reference."""
    return JobRequest.objects.filter(ref=ref).exists()


def jobs(*, live: bool = False, most: int = MANY) -> tuple[JobRecord, ...]:
    """Jobs, newest first; or only those that have not ended."""
    rows = JobRequest.objects.filter(state__in=LIVE) if live else JobRequest.objects.all()
    return tuple(record_of(row) for row in rows.order_by("-asked_at", "-id")[:most])


def unseen() -> tuple[JobRecord, ...]:
    """Failed jobs that nobody has acknowledged, newest first."""
    rows = JobRequest.objects.filter(state=State.FAILED, acknowledged_at=None)
    return tuple(record_of(row) for row in rows.order_by("-ended_at", "-id")[:MANY])


def running(executor: str | None = None) -> tuple[JobRecord, ...]:
    """Jobs that are being carried out, all or by one executor."""
    rows = JobRequest.objects.filter(state=State.RUNNING)
    rows = rows if executor is None else rows.filter(executor=executor)
    return tuple(record_of(row) for row in rows.order_by("id"))


def claimable() -> tuple[JobRecord, ...]:
    """Requests whose lane is free, oldest first, one of each lane."""
    busy = set(JobRequest.objects.filter(state=State.RUNNING).exclude(lane="").values_list("lane", flat=True))
    found = []
    for row in JobRequest.objects.filter(state=State.REQUESTED).order_by("id"):
        if row.lane not in busy:
            found.append(record_of(row))
            busy |= {row.lane} - {""}
    return tuple(found)


def live_of(kind: str, arguments: Mapping[str, str]) -> JobRecord | None:
    """The job that does just this and has not ended."""
    row = JobRequest.objects.filter(kind=kind, arguments=dict(arguments), state__in=LIVE).first()
    return record_of(row) if row else None


def last_of(kind: str, arguments: Mapping[str, str]) -> JobRecord | None:
    """The newest job that did or does just this."""
    row = JobRequest.objects.filter(kind=kind, arguments=dict(arguments)).order_by("-id").first()
    return record_of(row) if row else None


def standing_still(at: datetime) -> tuple[Still, ...]:
    """Requests nobody takes up, jobs whose process is silent, jobs that make no progress."""
    limit = limits()
    found = []
    for row in JobRequest.objects.filter(state__in=LIVE).order_by("id"):
        record = record_of(row)
        if record.state is State.REQUESTED:
            # Behind another job of its lane it waits its turn; that job is looked at by itself.
            if row.asked_at <= at - limit.unclaimed and not _waits_its_turn(row):
                found.append(Still(job=record, how="unclaimed", since=row.asked_at))
            continue
        heard = row.heartbeat_at or row.started_at or row.asked_at
        moved = row.progressed_at or row.started_at or row.asked_at
        if heard <= at - limit.silent:
            found.append(Still(job=record, how="silent", since=heard))
        elif moved <= at - record.kind.quiet:
            found.append(Still(job=record, how="quiet", since=moved))
    return tuple(found)


def _waits_its_turn(row: JobRequest) -> bool:
    ahead = Q(state=State.RUNNING) | Q(state=State.REQUESTED, pk__lt=row.pk)
    return bool(row.lane) and JobRequest.objects.filter(ahead, lane=row.lane).exists()


def record_of(row: JobRequest) -> JobRecord:
    """A row as a value."""
    return JobRecord(
        ref=row.ref,
        kind=kind_of(row.kind),
        arguments=row.arguments,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        as_of=row.as_of,
        slot=row.slot,
        state=State(row.state),
        executor=row.executor,
        attempts=row.attempts,
        done=row.done,
        total=row.total,
        what=row.what,
        started_at=row.started_at,
        heartbeat_at=row.heartbeat_at,
        progressed_at=row.progressed_at,
        ended_at=row.ended_at,
        cancel_by=row.cancel_by,
        why=row.why,
        why_values=row.why_values,
        result=row.result,
        acknowledged_by=row.acknowledged_by,
    )
