"""Carrying work out: who took it up, that its process lives, how far it is, and which steps have had their effect.

None of these leaves an entry of its own: they come every few seconds and say nothing that the asking, the work's own
entries and the ending do not say. What they write is the job's row.
"""

from datetime import datetime
from enum import StrEnum

from django.db import IntegrityError, connection

from sekisho.engine.errors import SekishoError
from sekisho.evidence.writing import writing
from sekisho.registers.batch_jobs.models import JobRequest, JobStep
from sekisho.registers.batch_jobs.rules import ROOM, State

LONGEST = 120


class Word(StrEnum):
    """What whoever carries a job out is told between two steps."""

    GO_ON = "go_on"
    GIVE_UP = "give_up"  # somebody asked for it
    LEAVE = "leave"  # another process has it, or it has ended


def claim_job(*, job: str, executor: str, at: datetime) -> bool:
    """Take a request up; False where somebody else did, its lane is busy, or it was cancelled."""
    try:
        with writing():
            taken = JobRequest.objects.filter(ref=job, state=State.REQUESTED).update(
                state=State.RUNNING, executor=executor, started_at=at, heartbeat_at=at, progressed_at=at
            )
    except IntegrityError:  # another worker took a job of this lane in the same moment
        return False
    return bool(taken)


def take_up(*, job: str, executor: str, at: datetime) -> int:
    """A process begins with the job, for the first time or after another died; returns how often that makes."""
    with writing():
        row = JobRequest.objects.select_for_update().get(ref=job)
        row.executor, row.heartbeat_at, row.progressed_at, row.attempts = executor, at, at, row.attempts + 1
        row.save(update_fields=["executor", "heartbeat_at", "progressed_at", "attempts"])
    return row.attempts


def report_alive(*, jobs: tuple[str, ...], at: datetime) -> None:
    """The process that works on these still lives."""
    with writing():
        JobRequest.objects.filter(ref__in=jobs, state=State.RUNNING).update(heartbeat_at=at)


def report_progress(
    *, job: str, attempt: int, done: int, total: int | None, what: str, at: datetime, why: str = ""
) -> Word:
    """How far the job is; returns whether to go on with it. `what`: system.table, no value of a row.

    `attempt`: what `take_up` gave. Whoever was taken for dead and is not learns here that another goes on with the job.
    """
    with writing():
        row = JobRequest.objects.select_for_update().get(ref=job)
        if row.state != State.RUNNING or row.attempts != attempt:
            return Word.LEAVE
        row.done, row.total, row.what, row.why = done, total, what[:LONGEST], why
        row.heartbeat_at = row.progressed_at = at
        row.save(update_fields=["done", "total", "what", "heartbeat_at", "progressed_at", "why"])
    return Word.GIVE_UP if row.cancel_by else Word.GO_ON


def mark_step(*, job: str, key: str, at: datetime) -> bool:
    """Mark a step's effect as committed, in the transaction of that effect; False where it was before.

    Raises: batch_jobs.outside-transaction.
    """
    if not connection.in_atomic_block:
        raise SekishoError("batch_jobs.outside-transaction", room=ROOM, job=job)
    row = JobRequest.objects.get(ref=job)
    _, created = JobStep.objects.get_or_create(job=row, key=key, defaults={"done_at": at})
    return created
