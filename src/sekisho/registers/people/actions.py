"""Writing down who works here and what they have done: training, pledge, acknowledgement, leaving."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from sekisho.evidence.actions import append
from sekisho.registers.people.models import StaffMember


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStaff:
    """A member of staff to write down. Dates are Asia/Tokyo."""

    ref: str
    display_name: str
    role: str
    employment: str
    joined_on: date
    shop: str = ""
    left_on: date | None = None
    trained_on: date | None = None
    pledged_on: date | None = None
    exit_pledged_on: date | None = None
    acknowledged_era: str = ""


def enrol(*, staff: Iterable[NewStaff], at: datetime, acting_user: str) -> int:
    """Write down members of staff; returns how many. Evidence: `people.enrolled` with the count."""
    rows = [
        StaffMember(
            ref=new.ref,
            display_name=new.display_name,
            role=new.role,
            employment=new.employment,
            shop=new.shop,
            joined_on=new.joined_on,
            left_on=new.left_on,
            trained_on=new.trained_on,
            pledged_on=new.pledged_on,
            exit_pledged_on=new.exit_pledged_on,
            acknowledged_era=new.acknowledged_era,
        )
        for new in staff
    ]
    with transaction.atomic():
        StaffMember.objects.bulk_create(rows, batch_size=500)
        append(kind="people.enrolled", body={"count": len(rows), "by": acting_user}, at=at)
    return len(rows)


def record_training(*, ref: str, on: date, at: datetime, acting_user: str) -> None:
    """Note that somebody has passed the training. Evidence: `people.trained`. Source: APPI 24."""
    _note(ref, "trained_on", on, "people.trained", at, acting_user)


def record_pledge(*, ref: str, on: date, at: datetime, acting_user: str) -> None:
    """Note that somebody has signed the pledge. Evidence: `people.pledged`. Source: TBA 4(2)."""
    _note(ref, "pledged_on", on, "people.pledged", at, acting_user)


def record_acknowledgement(*, ref: str, era: str, at: datetime, acting_user: str) -> None:
    """Note that somebody has read a version of the policy. Evidence: `people.acknowledged`."""
    _note(ref, "acknowledged_era", era, "people.acknowledged", at, acting_user)


def record_leaving(*, ref: str, on: date, at: datetime, acting_user: str) -> None:
    """Note somebody's last day: their standing ends with it. Evidence: `people.left`."""
    _note(ref, "left_on", on, "people.left", at, acting_user)


def _note(ref: str, column: str, value: date | str, kind: str, at: datetime, acting_user: str) -> None:
    with transaction.atomic():
        member = StaffMember.objects.select_for_update().get(ref=ref)
        setattr(member, column, value)
        member.save(update_fields=[column])
        append(kind=kind, body={"staff": ref, "value": str(value), "by": acting_user}, at=at)
