"""Copies that a job builds: the request, and the work itself. A request names a table and its columns, never people or queries."""

import uuid
from collections.abc import Callable
from datetime import datetime

from sekisho.engine.errors import SekishoError
from sekisho.evidence.actions import append
from sekisho.evidence.writing import writing
from sekisho.registers.batch_jobs import actions as jobs
from sekisho.registers.projections import rules
from sekisho.registers.projections.actions.asking import Asked
from sekisho.registers.projections.actions.building import build, scope_of, snapshot_for, standing
from sekisho.registers.projections.models import CopyRequest, Projection
from sekisho.registers.projections.queries.projecting import Needed
from sekisho.registers.projections.queries.requested import BUILD, job_of, request_of
from sekisho.registers.projections.queries.seeing import Seen, seen_by

Progress = Callable[[int, int | None, str], None]


def projection_for(needed: Needed, *, seen: Seen, asked: Asked) -> Projection:
    """A projection that a query may use: one that stands, the one it waited for, or one built now if the table is small.

    Evidence: `projections.built`. Raises: projections.being-built with the job that builds a large one.
    """
    snapshot = snapshot_for(needed)
    scope = scope_of(needed, seen=seen, asked=asked, snapshot=snapshot)
    found = standing(scope, asked.at) or _waited_for(needed, seen, asked)
    if found is not None:
        return found
    total = None if asked.spark or asked.here else needed.count()
    if total is None or total <= rules.job_rows():
        return build(needed, seen=seen, asked=asked, scope=scope)
    job, request = _ask(needed, seen, asked, scope, snapshot)
    table = f"{needed.system.id}.{needed.table.name}"
    raise SekishoError("projections.being-built", room=rules.ROOM, table=table, job=job, request=request)


def build_asked(*, request: str, at: datetime, progress: Progress) -> str:
    """Build the copy of a request as everything stands now; its key. A repeat builds nothing.

    Raises: projections.unknown-request, what building refuses.
    """
    row = request_of(request)
    if row.key:
        return row.key
    seen = seen_by(row.purpose, at=at)
    asked = Asked(query="", purpose=row.purpose, actor=row.asked_by, at=at, channel=row.channel or None)
    system = seen.datamap.systems.get(row.system)
    if system is None or row.table not in system.tables:
        raise SekishoError("projections.unknown-request", room=rules.ROOM)
    needed = Needed(system=system, table=system.tables[row.table], columns=tuple(row.columns))
    snapshot = snapshot_for(needed)
    scope = scope_of(needed, seen=seen, asked=asked, snapshot=snapshot)
    total = needed.count()
    built = standing(scope, at) or build(
        needed,
        seen=seen,
        asked=asked,
        scope=scope,
        reading=lambda rows: progress(rows, total, row.table),
    )
    with writing():
        CopyRequest.objects.filter(ref=request).update(key=built.key, scope=scope, snapshot=snapshot)
        append(kind="projections.waited-for", body={"request": request, "key": built.key}, at=at)
    return built.key


def expire_requests(*, at: datetime) -> int:
    """Let go of requests as old as a copy may be that no job works on. Evidence: `projections.requests-dropped`."""
    with writing():
        old = CopyRequest.objects.filter(asked_at__lte=at - rules.LIVES)
        gone = [row.ref for row in old if (job := job_of(row.ref)) is None or job.has_ended]
        if gone:
            CopyRequest.objects.filter(ref__in=gone).delete()
            append(kind="projections.requests-dropped", body={"count": len(gone)}, at=at)
    return len(gone)


def _waited_for(needed: Needed, seen: Seen, asked: Asked) -> Projection | None:
    """The copy this question waited for: no older than the question, and the same in everything but the store's state since."""
    for row in CopyRequest.objects.filter(ref__in=asked.waited, asked_at__gt=asked.at - rules.waits()).exclude(key=""):
        if (row.system, row.table) == (needed.system.id, needed.table.name):
            found = standing(scope_of(needed, seen=seen, asked=asked, snapshot=row.snapshot), asked.at)
            if found is not None and found.key == row.key:
                return found
    return None


def _ask(needed: Needed, seen: Seen, asked: Asked, scope: str, snapshot: str) -> tuple[str, str]:
    """The job that builds it and the request behind it; what is under way is not asked for twice. Evidence: `projections.asked`."""
    with writing():
        for row in CopyRequest.objects.filter(scope=scope, key=""):
            job = job_of(row.ref)
            if job is not None and not job.has_ended:
                return job.ref, row.ref
        ref = f"copy-{uuid.uuid4().hex[:12]}"
        CopyRequest.objects.create(
            ref=ref,
            system=needed.system.id,
            table=needed.table.name,
            columns=list(needed.columns),
            purpose=seen.purpose,
            channel=asked.channel or "",
            scope=scope,
            snapshot=snapshot,
            asked_by=asked.actor,
            asked_at=asked.at,
        )
        told = jobs.ask_job(kind=BUILD, arguments={"request": ref}, at=asked.at, acting_user=asked.actor)
        body = {"request": ref, "job": told, "purpose": seen.purpose, "by": asked.actor}
        append(kind="projections.asked", body=body, at=asked.at)
    return told, ref
