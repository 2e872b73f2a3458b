"""Recipients and their contracts, read."""

from collections.abc import Iterable, Sequence
from datetime import date

from sekisho.evidence.reading import Arm, Row, day, flag, listed, text
from sekisho.registers.recipients import rules
from sekisho.registers.recipients.models import Contract, Recipient
from sekisho.registers.recipients.rules import ContractFacts, RecipientFacts, RecipientStanding

__all__ = [
    "CONTRACTS",
    "RECIPIENTS",
    "RecipientFacts",
    "RecipientStanding",
    "address_of",
    "everyone",
    "label_of",
    "recipients_in",
    "representative_of",
    "standing_from",
    "standing_of",
]


RECIPIENTS = Arm(
    name="recipients",
    table="recipients_recipient",
    columns=("ref", "kind", "country", "safeguards", "member_since", "member_until", "verified_on", "stopped_at"),
    where="ref IN ({keys})",
)
CONTRACTS = Arm(
    name="contracts",
    table="recipients_contract",
    columns=("recipient_ref", "ref", "kind", "since", "until", "clauses", "selection_checked_on", "reviewed_on"),
    where="recipient_ref IN ({keys})",
)


def standing_of(recipient: str, on: date) -> RecipientStanding:
    """The standing of one recipient; an unknown reference is said to be unknown."""
    row = Recipient.objects.filter(ref=recipient).first()
    return standing_from(_facts(row) if row else None, on)


def standing_from(recipient: RecipientFacts | None, on: date) -> RecipientStanding:
    """The standing of a recipient already read; None is unknown."""
    return rules.UNKNOWN if recipient is None else rules.standing(recipient, on)


def recipients_in(rows: Iterable[Row], contracts: Iterable[Row]) -> dict[str, RecipientFacts]:
    """The recipients that rows of `RECIPIENTS` and `CONTRACTS` tell of, by reference."""
    bound: dict[str, list[ContractFacts]] = {}
    for recipient, ref, kind, since, until, clauses, checked, reviewed, *_ in contracts:
        contract = ContractFacts(
            ref=text(ref),
            kind=text(kind),
            since=day(since) or date.max,
            until=day(until),
            clauses=frozenset(listed(clauses)),
            selection_checked_on=day(checked),
            reviewed_on=day(reviewed),
        )
        bound.setdefault(text(recipient), []).append(contract)
    return {
        text(ref): RecipientFacts(
            ref=text(ref),
            kind=text(kind),
            country=text(country),
            safeguards=flag(safeguards),
            member_since=day(since),
            member_until=day(until),
            verified_on=day(verified),
            is_stopped=stopped is not None,
            contracts=tuple(sorted(bound.get(text(ref), ()), key=lambda one: (one.since, one.ref))),
        )
        for ref, kind, country, safeguards, since, until, verified, stopped, *_ in rows
    }


def everyone() -> Sequence[RecipientFacts]:
    """All recipients with their contracts, by reference."""
    return tuple(_facts(row) for row in Recipient.objects.order_by("ref"))


def label_of(recipient: str) -> str:
    """The recipient's name, or its reference."""
    return Recipient.objects.filter(ref=recipient).values_list("label", flat=True).first() or recipient


def address_of(recipient: str) -> str:
    """The recipient's address as recorded; empty where none is."""
    return Recipient.objects.filter(ref=recipient).values_list("address", flat=True).first() or ""


def representative_of(recipient: str) -> str:
    """Who represents it; empty where nobody is recorded."""
    return Recipient.objects.filter(ref=recipient).values_list("representative", flat=True).first() or ""


def _facts(row: Recipient) -> RecipientFacts:
    return RecipientFacts(
        ref=row.ref,
        kind=row.kind,
        country=row.country,
        safeguards=row.safeguards,
        member_since=row.member_since,
        member_until=row.member_until,
        verified_on=row.verified_on,
        is_stopped=row.stopped_at is not None,
        contracts=tuple(
            ContractFacts(
                ref=contract.ref,
                kind=contract.kind,
                since=contract.since,
                until=contract.until,
                clauses=frozenset(contract.clauses),
                selection_checked_on=contract.selection_checked_on,
                reviewed_on=contract.reviewed_on,
            )
            for contract in Contract.objects.filter(recipient_ref=row.ref).order_by("since", "ref")
        ),
    )
