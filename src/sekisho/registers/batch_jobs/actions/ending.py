"""How a job ends: by itself, or because somebody gave it up."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from sekisho.engine.errors import SekishoError
from sekisho.evidence.actions import append
from sekisho.evidence.writing import writing
from sekisho.registers.batch_jobs.models import JobRequest
from sekisho.registers.batch_jobs.rules import ENDED, ROOM, State, kind_of, require_transition


def end_job(
    *,
    job: str,
    state: State,
    at: datetime,
    why: str = "",
    why_values: Mapping[str, str] = MappingProxyType({}),
    result: str = "",
) -> State:
    """Write down how it ended; a repeat changes nothing and says how it ended first. Evidence: `batch_jobs.ended`."""
    with writing():
        row = JobRequest.objects.select_for_update().get(ref=job)
        if State(row.state) in ENDED:
            return State(row.state)
        require_transition(job, row.state, state)
        row.state, row.ended_at, row.why, row.what = state.value, at, why, ""
        row.why_values = dict(why_values)
        row.result = result or row.result
        if state is State.DONE and row.total is not None:
            row.done = row.total
        row.save(update_fields=["state", "ended_at", "why", "why_values", "what", "result", "done"])
        body = {"job": job, "kind": row.kind, "state": state.value, "attempts": row.attempts, "why": why}
        append(kind="batch_jobs.ended", body=body | {"result": row.result}, at=at)
    return state


def cancel_job(*, job: str, at: datetime, acting_user: str) -> State:
    """Give a job up: at once if nobody took it up, else before its next step. Returns the state it is in now.

    Evidence: `batch_jobs.cancel-asked`, and `batch_jobs.ended` with the end itself.
    Raises: batch_jobs.unknown-job, batch_jobs.not-cancellable, batch_jobs.has-ended.
    """
    with writing():
        row = JobRequest.objects.select_for_update().filter(ref=job).first()
        if row is None:
            raise SekishoError("batch_jobs.unknown-job", room=ROOM, job=job if job.isascii() else "?")
        kind = kind_of(row.kind)
        if State(row.state) in ENDED:
            raise SekishoError("batch_jobs.has-ended", room=ROOM, job=job)
        if not kind.is_cancellable:
            values = {"why": kind.cancelled["ja"], "why_en": kind.cancelled["en"]}
            raise SekishoError("batch_jobs.not-cancellable", room=ROOM, job=job, **values)
        if row.cancel_by:
            return State(row.state)
        row.cancel_by, row.cancel_at = acting_user, at
        row.save(update_fields=["cancel_by", "cancel_at"])
        append(kind="batch_jobs.cancel-asked", body={"job": job, "kind": row.kind, "by": acting_user}, at=at)
        if row.state == State.REQUESTED:
            return end_job(job=job, state=State.CANCELLED, at=at)
    return State.RUNNING
