"""Claims and tickets by their reference."""

from collections.abc import Iterable
from datetime import UTC, datetime

from sekisho.evidence.reading import Arm, Row, instant, listed, text
from sekisho.registers.decisions.models import AccessTicket, Claim
from sekisho.registers.decisions.rules import ClaimFacts, ClaimKind, TicketFacts, TicketKind

CLAIMS = Arm(
    name="claims",
    table="decisions_claim",
    columns=(
        "ref",
        "kind",
        "name",
        "persons",
        "actors",
        "purpose",
        "document",
        "requested_by",
        "approved_by",
        "expires_at",
        "closed_at",
    ),
    where="ref IN ({keys})",
)
TICKETS = Arm(
    name="tickets",
    table="decisions_accessticket",
    columns=("ref", "kind", "lines", "since", "until", "opened_by", "approved_by", "expires_at", "closed_at"),
    where="ref IN ({keys})",
)
NEVER = datetime.min.replace(tzinfo=UTC)


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


def claims_in(rows: Iterable[Row]) -> tuple[ClaimFacts, ...]:
    """The claims that rows of `CLAIMS` tell of, by reference."""
    return tuple(
        ClaimFacts(
            ref=text(ref),
            kind=ClaimKind(str(kind)),
            name=text(name),
            persons=frozenset(listed(persons)),
            actors=frozenset(listed(actors)),
            purpose=text(purpose),
            document=text(document),
            requested_by=text(requested),
            approved_by=text(approved),
            expires_at=instant(expires),
            closed_at=instant(closed),
        )
        for ref, kind, name, persons, actors, purpose, document, requested, approved, expires, closed, *_ in rows
    )


def tickets_in(rows: Iterable[Row]) -> tuple[TicketFacts, ...]:
    """The tickets that rows of `TICKETS` tell of."""
    return tuple(
        TicketFacts(
            ref=text(ref),
            kind=TicketKind(str(kind)),
            lines=frozenset(listed(lines)),
            since=instant(since) or NEVER,
            until=instant(until) or NEVER,
            opened_by=text(opened),
            approved_by=text(approved),
            expires_at=instant(expires) or NEVER,
            closed_at=instant(closed),
        )
        for ref, kind, lines, since, until, opened, approved, expires, closed, *_ in rows
    )


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
