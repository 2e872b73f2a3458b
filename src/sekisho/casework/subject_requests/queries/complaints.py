"""Complaints with their clocks."""

from dataclasses import dataclass
from datetime import date, datetime

from sekisho.casework.subject_requests import rules
from sekisho.casework.subject_requests.models import Complaint
from sekisho.casework.subject_requests.rules.complaints import About, ComplaintClock, complaint_clock
from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import tokyo_date


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintRecord:
    """One complaint. `outcome` is empty while it is open."""

    ref: str
    about: About
    request: str
    received_on: date
    outcome: str
    answered_on: date | None
    clock: ComplaintClock | None  # None once it is answered


def complaint(ref: str, at: datetime | None = None) -> ComplaintRecord:
    """One complaint; with its clock where `at` is given. Raises: requests.unknown-complaint."""
    row = Complaint.objects.select_related("request").filter(ref=ref).first()
    if row is None:
        raise SekishoError("requests.unknown-complaint", room=rules.ROOM, ref=ref)
    return _record(row, at)


def complaints(at: datetime, *, request: str = "", open_only: bool = False) -> tuple[ComplaintRecord, ...]:
    """Complaints, open ones first, the earliest first."""
    rows = Complaint.objects.select_related("request").order_by("received_on", "id")
    if request:
        rows = rows.filter(request__reference=request)
    if open_only:
        rows = rows.filter(outcome="")
    return tuple(sorted((_record(row, at) for row in rows), key=lambda one: bool(one.outcome)))


def _record(row: Complaint, at: datetime | None) -> ComplaintRecord:
    is_running = at is not None and not row.outcome
    return ComplaintRecord(
        ref=row.ref,
        about=About(row.about),
        request=row.request.reference if row.request else "",
        received_on=row.received_on,
        outcome=row.outcome,
        answered_on=row.answered_on,
        clock=complaint_clock(row.received_on, tokyo_date(at)) if at is not None and is_running else None,
    )
