"""Rows of ended jobs go when their time is over; a failed one stays until somebody has acknowledged it."""

from datetime import datetime
from hashlib import sha256

from django.db.models import Count, Q

from sekisho.engine.errors import SekishoError
from sekisho.evidence.actions import append
from sekisho.evidence.writing import writing
from sekisho.registers.batch_jobs.models import JobRequest, JobStep
from sekisho.registers.batch_jobs.rules import ENDED, ROOM, State, limits

BATCH = 500  # rows let go of in one transaction


def acknowledge_job(*, job: str, at: datetime, acting_user: str) -> None:
    """Write down that somebody has seen why a job failed; a repeat changes nothing. Evidence: `batch_jobs.acknowledged`.

    Raises: batch_jobs.unknown-job, batch_jobs.not-failed.
    """
    with writing():
        row = JobRequest.objects.select_for_update().filter(ref=job).first()
        if row is None:
            raise SekishoError("batch_jobs.unknown-job", room=ROOM, job=job if job.isascii() else "?")
        if row.state != State.FAILED:
            raise SekishoError("batch_jobs.not-failed", room=ROOM, job=job, state=row.state)
        if row.acknowledged_at is not None:
            return
        row.acknowledged_by, row.acknowledged_at = acting_user, at
        row.save(update_fields=["acknowledged_by", "acknowledged_at"])
        body = {"job": job, "kind": row.kind, "why": row.why, "by": acting_user}
        append(kind="batch_jobs.acknowledged", body=body, at=at)


def forget_jobs(*, at: datetime, acting_user: str) -> int:
    """Delete ended jobs whose time is over, with the marks of their steps; how many. Evidence: `batch_jobs.forgotten`."""
    before, count = at - limits().ended_life, 0
    over = Q(state__in=[state.value for state in ENDED], ended_at__lte=before)
    seen = ~Q(state=State.FAILED.value) | Q(acknowledged_at__isnull=False)
    while True:
        with writing():
            rows = JobRequest.objects.filter(over, seen).order_by("id")[:BATCH]
            refs = {row.pk: row.ref for row in rows}
            if not refs:
                return count
            states = JobRequest.objects.filter(pk__in=refs).values("state").order_by("state").annotate(rows=Count("pk"))
            body = {
                "count": len(refs),
                "states": {one["state"]: one["rows"] for one in states},
                "before": before.isoformat(),
                "jobs_sha256": sha256("\n".join(refs.values()).encode()).hexdigest(),
                "by": acting_user,
            }
            JobStep.objects.filter(job__in=refs).delete()
            JobRequest.objects.filter(pk__in=refs).delete()
            append(kind="batch_jobs.forgotten", body=body, at=at)
        count += len(refs)
