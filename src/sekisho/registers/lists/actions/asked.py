"""Lists that a job builds: the request, and the work itself. A request names purpose and items, never people."""

import uuid
from dataclasses import replace
from datetime import datetime

from sekisho.engine.errors import SekishoError
from sekisho.evidence.actions import append
from sekisho.evidence.writing import writing
from sekisho.registers.batch_jobs import actions as jobs
from sekisho.registers.lists.actions.building import Progress, build_list
from sekisho.registers.lists.models import ListRequest
from sekisho.registers.lists.queries.approving import require_actor
from sekisho.registers.lists.queries.asked import BUILD, job_of, request_of, wanted_of, written
from sekisho.registers.lists.queries.asking import Wanted, asking
from sekisho.registers.lists.rules import ROOM, limits


def ask_list(wanted: Wanted) -> str:
    """Ask for a list as a job; the request's reference. What is asked for and under way is not asked for twice.

    What the policy or the register of staff forbids is refused here, before anybody waits. Evidence: `lists.asked`.
    Raises: lists.unknown-actor, lists.affected-inline, what `asking` raises.
    """
    require_actor(wanted.actor, wanted.at)
    asking(wanted)
    if wanted.affected is not None:
        raise SekishoError("lists.affected-inline", room=ROOM)
    told = written(wanted)
    with writing():
        for row in ListRequest.objects.filter(asked_by=wanted.actor, wanted=told, list_ref=""):
            job = job_of(row.ref)
            if job is not None and not job.has_ended:
                return row.ref
        ref = f"list-{uuid.uuid4().hex[:12]}"
        ListRequest.objects.create(ref=ref, wanted=told, asked_by=wanted.actor, asked_at=wanted.at)
        job_ref = jobs.ask_job(kind=BUILD, arguments={"request": ref}, at=wanted.at, acting_user=wanted.actor)
        body = {"request": ref, "job": job_ref, "purpose": wanted.purpose, "by": wanted.actor}
        append(kind="lists.asked", body=body, at=wanted.at)
    return ref


def build_asked(*, request: str, at: datetime, progress: Progress) -> str:
    """Build the list of a request as it stands at that instant; the list's reference. A repeat builds nothing.

    Raises: lists.unknown-request, what `build_list` raises.
    """
    row = request_of(request)
    if row.list_ref:
        return row.list_ref
    return build_list(replace(wanted_of(row), at=at), request=request, progress=progress).ref


def expire_requests(*, at: datetime) -> int:
    """Let go of requests as old as a list may be that no job works on any more. Evidence: `lists.requests-dropped`."""
    with writing():
        old = ListRequest.objects.filter(asked_at__lte=at - limits().life)
        gone = [row.ref for row in old if (job := job_of(row.ref)) is None or job.has_ended]
        if gone:
            ListRequest.objects.filter(ref__in=gone).delete()
            append(kind="lists.requests-dropped", body={"count": len(gone)}, at=at)
    return len(gone)
