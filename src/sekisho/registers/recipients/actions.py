"""Writing down recipients and their contracts, and stopping transfers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from sekisho.evidence.actions import append
from sekisho.registers.recipients.models import Contract, Recipient


@dataclass(frozen=True, slots=True, kw_only=True)
class NewContract:
    """A contract to write down. Dates are Asia/Tokyo."""

    ref: str
    kind: str
    since: date
    until: date | None = None
    clauses: tuple[str, ...] = ()
    selection_checked_on: date | None = None
    reviewed_on: date | None = None
    tasks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRecipient:
    """A recipient to write down, with its contracts."""

    ref: str
    kind: str
    label: str
    address: str = ""
    representative: str = ""
    country: str = "JP"
    safeguards: bool = False
    member_since: date | None = None
    member_until: date | None = None
    verified_on: date | None = None
    contracts: tuple[NewContract, ...] = ()


def register(*, recipients: Iterable[NewRecipient], at: datetime, acting_user: str) -> int:
    """Write down recipients with their contracts; returns how many. Evidence: `recipients.registered`."""
    new = tuple(recipients)
    with transaction.atomic():
        Recipient.objects.bulk_create(
            Recipient(
                ref=r.ref,
                kind=r.kind,
                label=r.label,
                address=r.address,
                representative=r.representative,
                country=r.country,
                safeguards=r.safeguards,
                member_since=r.member_since,
                member_until=r.member_until,
                verified_on=r.verified_on,
            )
            for r in new
        )
        Contract.objects.bulk_create(
            Contract(
                recipient_ref=r.ref,
                ref=c.ref,
                kind=c.kind,
                since=c.since,
                until=c.until,
                clauses=list(c.clauses),
                selection_checked_on=c.selection_checked_on,
                reviewed_on=c.reviewed_on,
                tasks=list(c.tasks),
            )
            for r in new
            for c in r.contracts
        )
        append(kind="recipients.registered", body={"recipients": [r.ref for r in new], "by": acting_user}, at=at)
    return len(new)


def stop_transfers(*, recipient: str, reason: str, at: datetime, acting_user: str) -> None:
    """Stop every transfer to a recipient. `reason` is a code, not a story. Evidence: `recipients.stopped`."""
    with transaction.atomic():
        row = Recipient.objects.select_for_update().get(ref=recipient)
        row.stopped_at = at
        row.save(update_fields=["stopped_at"])
        append(kind="recipients.stopped", body={"recipient": recipient, "reason": reason, "by": acting_user}, at=at)
