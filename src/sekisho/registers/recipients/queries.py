"""Recipients and their contracts, read."""

from collections.abc import Sequence
from datetime import date

from sekisho.registers.recipients import rules
from sekisho.registers.recipients.models import Contract, Recipient
from sekisho.registers.recipients.rules import ContractFacts, RecipientFacts, RecipientStanding

__all__ = [
    "RecipientStanding",
    "everyone",
    "label_of",
    "standing_of",
]


def standing_of(recipient: str, on: date) -> RecipientStanding:
    """The standing of one recipient; an unknown reference is said to be unknown."""
    row = Recipient.objects.filter(ref=recipient).first()
    return rules.UNKNOWN if row is None else rules.standing(_facts(row), on)


def everyone() -> Sequence[RecipientFacts]:
    """All recipients with their contracts, by reference."""
    return tuple(_facts(row) for row in Recipient.objects.order_by("ref"))


def label_of(recipient: str) -> str:
    """The recipient's name, or its reference."""
    return Recipient.objects.filter(ref=recipient).values_list("label", flat=True).first() or recipient


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
