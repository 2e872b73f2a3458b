"""Copies that a job builds: what was asked, and how far it is."""

from sekisho.engine.errors import SekishoError
from sekisho.registers.batch_jobs import queries as jobs
from sekisho.registers.projections.models import CopyRequest
from sekisho.registers.projections.rules import ROOM

BUILD = "projections.build"


def request_of(ref: str) -> CopyRequest:
    """One request. Raises: projections.unknown-request."""
    row = CopyRequest.objects.filter(ref=ref).first()
    if row is None:
        raise SekishoError("projections.unknown-request", room=ROOM)
    return row


def job_of(ref: str) -> jobs.JobRecord | None:
    """The job that builds, or built, the copy of a request."""
    return jobs.last_of(BUILD, {"request": ref})
