"""What arrived at the desk, what waits for a person, and the desk's book of a day."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sekisho.casework.subject_requests import rules
from sekisho.casework.subject_requests.models import Arrival, Complaint
from sekisho.casework.subject_requests.rules.intake import ArrivalState, Balance, Channel, balance
from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import TOKYO


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalRecord:
    """One arrival. Instants are aware UTC. `twin`: an earlier arrival with the very same pages; `complaint`: that it opened."""

    ref: str
    channel: Channel
    arrived_at: datetime
    hours: str
    pages: int
    kind: str
    is_dim: bool
    state: ArrivalState
    request: str
    decided_by: str
    is_destroyed: bool
    twin: str
    complaint: str = ""


def arrival(ref: str) -> ArrivalRecord:
    """One arrival. Raises: requests.unknown-arrival."""
    row = Arrival.objects.select_related("request").filter(ref=ref).first()
    if row is None:
        raise SekishoError("requests.unknown-arrival", room=rules.ROOM, ref=ref)
    return _record(row)


def arrivals(*, waiting_only: bool = False, request: str = "") -> tuple[ArrivalRecord, ...]:
    """Arrivals in the order they came: all, those that wait, or those of one case."""
    rows = Arrival.objects.select_related("request").order_by("arrived_at", "id")
    if waiting_only:
        rows = rows.filter(state=ArrivalState.WAITING.value)
    if request:
        rows = rows.filter(request__reference=request)
    return tuple(_record(row) for row in rows)


def decided(on: date) -> tuple[ArrivalRecord, ...]:
    """What was decided on one Tokyo day, whenever it had come, in the order it came."""
    begin = datetime.combine(on, time(), TOKYO)
    rows = Arrival.objects.select_related("request").filter(
        decided_at__gte=begin, decided_at__lt=begin + timedelta(days=1)
    )
    return tuple(_record(row) for row in rows.order_by("arrived_at", "id"))


def book(on: date) -> tuple[tuple[ArrivalRecord, ...], Balance]:
    """The desk's book of one Tokyo day: what arrived on it, and whether it balances."""
    begin = datetime.combine(on, time(), TOKYO)
    rows = Arrival.objects.select_related("request").filter(
        arrived_at__gte=begin, arrived_at__lt=begin + timedelta(days=1)
    )
    found = tuple(_record(row) for row in rows.order_by("arrived_at", "id"))
    return found, balance([one.state for one in found])


def _record(row: Arrival) -> ArrivalRecord:
    twins = Arrival.objects.filter(sha256=row.sha256, id__lt=row.pk) if row.sha256 else Arrival.objects.none()
    return ArrivalRecord(
        ref=row.ref,
        channel=Channel(row.channel),
        arrived_at=row.arrived_at,
        hours=row.hours,
        pages=row.pages,
        kind=row.kind,
        is_dim=row.is_dim,
        state=ArrivalState(row.state),
        request=row.request.reference if row.request else "",
        decided_by=row.decided_by,
        is_destroyed=row.destroyed_at is not None,
        complaint=_complaint(row),
        twin=twins.order_by("id").values_list("ref", flat=True).first() or "",
    )


def _complaint(row: Arrival) -> str:
    if row.state != ArrivalState.COMPLAINT.value:
        return ""
    return Complaint.objects.filter(arrival=row).values_list("ref", flat=True).first() or ""
