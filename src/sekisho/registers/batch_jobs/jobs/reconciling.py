"""What should exist is worked out anew and asked for where it is missing; what has lost its other half is put right.

Nothing here remembers anything: a look after any crash, restore or upgrade comes to the same end.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.conf import settings

from sekisho.registers.batch_jobs import actions, queries
from sekisho.registers.batch_jobs.jobs.lease import Lease
from sekisho.registers.batch_jobs.jobs.worker import Worker
from sekisho.registers.batch_jobs.queries import State, Wanted
from sekisho.registers.batch_jobs.rules import limits

Wants = Callable[[datetime], Iterable[Wanted]]


@dataclass(slots=True, kw_only=True)
class Reconciled:
    """What one look put right."""

    asked: list[str] = field(default_factory=list)  # jobs for work that should exist, and for slots that were missed
    taken_over: list[str] = field(default_factory=list)  # jobs whose process died
    closed: list[str] = field(default_factory=list)  # rows whose workflow broke
    orphans: list[str] = field(default_factory=list)  # workflows without a row
    still: list[str] = field(default_factory=list)  # jobs that stand still


def reconcile(worker: Worker, *, wants: Iterable[Wants], at: datetime) -> Reconciled:
    """One look. Evidence: what the actions leave."""
    found = Reconciled()
    actions.begin_schedules(at=at)
    found.asked += [job for id_, slot in queries.missed_hours(at) if (job := _slot(id_, slot, at))]
    for want in wants:
        found.asked += [job for one in want(at) if (job := ask_for(one, at))]
    _rows_and_workflows(worker, found, at)
    found.still = [one.job.ref for one in queries.standing_still(at)]
    worker.durable.forget_before(at - limits().workflow_life)
    return found


def ask_for(want: Wanted, at: datetime) -> str | None:
    """Ask for it, unless it is under way, or failed so lately that trying again would only fill the ledger."""
    last = queries.last_of(want.kind, want.arguments)
    if last is not None and (not last.has_ended or (last.ended_at or at) + last.kind.again > at):
        return None
    return actions.ask_job(kind=want.kind, arguments=want.arguments, at=at, acting_user="reconciler")


def _slot(schedule: str, slot: datetime, at: datetime) -> str | None:
    return actions.ask_for_slot(schedule=schedule, slot=slot, at=at)


def _rows_and_workflows(worker: Worker, found: Reconciled, at: datetime) -> None:
    live = worker.durable.live()
    rows = {job.ref: job for job in queries.running()}
    for ref, job in rows.items():
        if ref in worker.active:
            continue
        if job.executor != worker.lease.executor and not _take_over(worker, job.executor):
            continue  # its process lives
        status = worker.durable.status(ref)
        if status is None:  # the process died between the row's commit and the workflow's
            worker.durable.start(ref)
            found.taken_over.append(ref)
        elif ref in live:
            worker.durable.recover({live[ref], worker.lease.executor})
            found.taken_over.append(ref)
        elif not queries.job(ref).has_ended:
            actions.end_job(job=ref, state=State.FAILED, at=at, why="batch_jobs.broke")
            found.closed.append(ref)
    for ref in live.keys() - rows.keys():
        if _has_no_use(ref):
            worker.durable.cancel(ref)
            found.orphans.append(ref)


def _take_over(worker: Worker, executor: str) -> bool:
    """Whether that executor's place is free, so that its work may be gone on with."""
    lease = Lease.take_named(Path(settings.HOME), executor or worker.lease.executor)
    if lease is None:
        return False
    lease.release()
    return True


def _has_no_use(ref: str) -> bool:
    """A workflow whose row is gone, as after a restore of the product database alone, or has ended."""
    return not queries.is_known(ref) or queries.job(ref).has_ended
