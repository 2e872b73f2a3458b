"""Lists that a job builds: what was asked, how far it is, and from which size on a list is a job."""

from dataclasses import asdict

from sekisho.engine.errors import SekishoError
from sekisho.registers.batch_jobs import queries as jobs
from sekisho.registers.identities import queries as identities
from sekisho.registers.lists.models import ListRequest
from sekisho.registers.lists.queries.asking import Wanted
from sekisho.registers.lists.rules import ROOM, ListKind, limits

BUILD = "lists.build"
NOT_KEPT = frozenset({"at", "affected"})  # the instant is the job's own; numbers of people stand in no column
SEVERAL = ("items", "carried")


def is_job(wanted: Wanted) -> bool:
    """Whether so large a carrier builds this list as a job. With named numbers it never is: they are kept nowhere."""
    return wanted.affected is None and identities.count_people() > limits().job


def request_of(ref: str) -> ListRequest:
    """One request. Raises: lists.unknown-request."""
    row = ListRequest.objects.filter(ref=ref).first()
    if row is None:
        raise SekishoError("lists.unknown-request", room=ROOM, request=ref if ref.isascii() else "?")
    return row


def job_of(ref: str) -> jobs.JobRecord | None:
    """The job that builds, or built, the list of a request."""
    return jobs.last_of(BUILD, {"request": ref})


def requests_under_way() -> tuple[tuple[ListRequest, jobs.JobRecord], ...]:
    """Requests whose list is being built or waits for its turn, newest first."""
    found = []
    for row in ListRequest.objects.filter(list_ref="").order_by("-id"):
        job = job_of(row.ref)
        if job is not None and not job.has_ended:
            found.append((row, job))
    return tuple(found)


def written(wanted: Wanted) -> dict[str, object]:
    """A wanted list as its request keeps it."""
    told = {name: value for name, value in asdict(wanted).items() if name not in NOT_KEPT}
    return told | {name: list(told[name]) for name in SEVERAL} | {"kind": wanted.kind.value}


def wanted_of(row: ListRequest) -> Wanted:
    """The wanted list of a request, as of the instant it was asked."""
    told = row.wanted | {name: tuple(row.wanted[name]) for name in SEVERAL} | {"kind": ListKind(row.wanted["kind"])}
    return Wanted(at=row.asked_at, **told)
