"""Asking for work: a row in the asker's own transaction. Whether it is ever carried out is seen from the row."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from sekisho.evidence.actions import append
from sekisho.evidence.writing import writing
from sekisho.registers.batch_jobs.models import JobRequest, JobSchedule
from sekisho.registers.batch_jobs.queries import live_of, slot_name
from sekisho.registers.batch_jobs.rules import Schedule, kind_of, require_ids, schedules


def ask_job(
    *,
    kind: str,
    arguments: Mapping[str, object],
    at: datetime,
    acting_user: str,
    as_of: datetime | None = None,
    slot: str = "",
) -> str:
    """Ask for work; returns the job's reference. What is asked for and not ended yet is not asked for twice.

    May be called inside another action's transaction: the job exists if that commits.
    Evidence: `batch_jobs.asked`. Raises: batch_jobs.unknown-kind, batch_jobs.arguments.
    """
    known = kind_of(kind)
    kept = require_ids(known, arguments)
    with writing():
        already = live_of(kind, kept)
        if already is not None:
            return already.ref
        ref = f"job-{uuid.uuid4().hex[:12]}"
        JobRequest.objects.create(
            ref=ref,
            kind=kind,
            arguments=kept,
            lane=known.lane,
            asked_by=acting_user,
            asked_at=at,
            as_of=as_of,
            slot=slot,
        )
        body = {"job": ref, "kind": kind, "arguments": kept, "slot": slot, "by": acting_user}
        append(kind="batch_jobs.asked", body=body, at=at)
    return ref


def ask_for_slot(*, schedule: str, slot: datetime, at: datetime) -> str | None:
    """Ask for what a schedule's slot is due; None where the slot has its job. While the same work lives it fills the slot."""
    told: Schedule = schedules()[schedule]
    name = slot_name(schedule, slot)
    with writing():
        if JobRequest.objects.filter(slot=name).exists():
            return None
        already = live_of(told.kind, told.arguments(slot))
        if already is None:
            return ask_job(
                kind=told.kind, arguments=told.arguments(slot), at=at, acting_user=f"schedule:{schedule}", slot=name
            )
        JobRequest.objects.filter(ref=already.ref, slot="").update(slot=name)
    return already.ref


def begin_schedules(*, at: datetime) -> tuple[str, ...]:
    """Let schedules that this carrier does not know yet count from now on: nothing before is made up for.

    Evidence: `batch_jobs.schedule-begun` for each.
    """
    with writing():
        known = set(JobSchedule.objects.values_list("schedule", flat=True))
        new = tuple(id_ for id_ in schedules() if id_ not in known)
        for id_ in new:
            JobSchedule.objects.create(schedule=id_, since=at)
            append(kind="batch_jobs.schedule-begun", body={"schedule": id_, "since": at.isoformat()}, at=at)
    return new


def pause_schedule(*, schedule: str, paused: bool, at: datetime, acting_user: str) -> None:
    """Stop a schedule, or let it count again from now. Evidence: `batch_jobs.schedule-paused` or `-begun`."""
    begin_schedules(at=at)
    with writing():
        row = JobSchedule.objects.select_for_update().get(schedule=schedule)
        if (row.paused_at is not None) == paused:
            return
        row.paused_by, row.paused_at = (acting_user, at) if paused else ("", None)
        row.since = row.since if paused else at
        row.save(update_fields=["paused_by", "paused_at", "since"])
        body = {"schedule": schedule, "by": acting_user}
        append(kind=f"batch_jobs.schedule-{'paused' if paused else 'begun'}", body=body, at=at)
