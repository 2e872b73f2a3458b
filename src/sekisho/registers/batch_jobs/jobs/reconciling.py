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
from sekisho.registers.batch_jobs.queries import JobRecord, State, Wanted
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
    faults: list[str] = field(default_factory=list)  # what is wrong with the times in carrier.yaml


def reconcile(worker: Worker, *, wants: Iterable[Wants], at: datetime) -> Reconciled:
    """One look. Evidence: what the actions leave."""
    found = Reconciled()
    actions.begin_schedules(at=at)
    found.faults += [f"{fault.code} {fault.message()}" for fault in actions.retime_schedules(at=at)]
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
        if ref in worker.active or not _is_left(worker, job, live.get(ref), at):
            continue
        status = worker.durable.status(ref)
        if status is None:  # the process died between the row's commit and the workflow's
            worker.start(ref)
            found.taken_over.append(ref)
        elif ref in live:
            worker.durable.go_on(ref)
            found.taken_over.append(ref)
        elif not queries.job(ref).has_ended:
            actions.end_job(job=ref, state=State.FAILED, at=at, why="batch_jobs.broke")
            found.closed.append(ref)
    for ref in live.keys() - rows.keys():
        if _has_no_use(ref):
            worker.durable.cancel(ref)
            found.orphans.append(ref)


def _is_left(worker: Worker, job: JobRecord, live: tuple[str, str] | None, at: datetime) -> bool:
    """Whether nobody carries on with a running job.

    INVARIANT: a workflow that runs, or waits to be taken, is not handed out again: two of it would do each step twice.
    """
    if live is None:
        return job.executor == worker.lease.executor or _is_free(job.executor)
    holder, status = live
    if status != worker.durable.RUNS:
        return False  # it waits to be taken
    if holder != worker.lease.executor:
        return _is_free(holder)
    # Ours, and not active: it is about to begin, or its thread broke off. Time tells which.
    return (job.heartbeat_at or at) <= at - limits().silent


def _is_free(executor: str) -> bool:
    """Whether that executor's place is free: its process died."""
    lease = Lease.take_named(Path(settings.HOME), executor) if executor else None
    if lease is None:
        return not executor
    lease.release()
    return True


def _has_no_use(ref: str) -> bool:
    """A workflow whose row is gone, as after a restore of the product database alone, or has ended."""
    return not queries.is_known(ref) or queries.job(ref).has_ended
