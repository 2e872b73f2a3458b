"""Claims and tickets by their reference."""

from collections.abc import Iterable
from datetime import datetime

from sekisho.registers.decisions.models import AccessTicket, Claim
from sekisho.registers.decisions.rules import ClaimFacts, ClaimKind, TicketFacts, TicketKind


def claims_of(refs: Iterable[str]) -> tuple[ClaimFacts, ...]:
    """The claims among these references."""
    wanted = list(refs)
    return tuple(_claim(row) for row in Claim.objects.filter(ref__in=wanted).order_by("ref")) if wanted else ()


def tickets(refs: Iterable[str]) -> tuple[TicketFacts, ...]:
    """The tickets among these references."""
    wanted = list(refs)
    return tuple(_ticket(row) for row in AccessTicket.objects.filter(ref__in=wanted).order_by("ref")) if wanted else ()


def open_cases(person: str, actor: str, at: datetime) -> tuple[str, ...]:
    """References of the cases about this person that this actor works on."""
    rows = (_claim(row) for row in Claim.objects.filter(kind=ClaimKind.CASE.value, closed_at=None).order_by("ref"))
    return tuple(c.ref for c in rows if person in c.persons and actor in c.actors and c.is_live(at))


def _claim(row: Claim) -> ClaimFacts:
    return ClaimFacts(
        ref=row.ref,
        kind=ClaimKind(row.kind),
        name=row.name,
        persons=frozenset(row.persons),
        actors=frozenset(row.actors),
        purpose=row.purpose,
        document=row.document,
        requested_by=row.requested_by,
        approved_by=row.approved_by,
        expires_at=row.expires_at,
        closed_at=row.closed_at,
    )


def _ticket(row: AccessTicket) -> TicketFacts:
    return TicketFacts(
        ref=row.ref,
        kind=TicketKind(row.kind),
        lines=frozenset(row.lines),
        since=row.since,
        until=row.until,
        opened_by=row.opened_by,
        approved_by=row.approved_by,
        expires_at=row.expires_at,
        closed_at=row.closed_at,
    )
