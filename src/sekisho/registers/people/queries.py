"""Who works here, and whether they may handle personal information."""

from collections.abc import Iterable, Sequence
from datetime import date

from sekisho.engine.policy.model import Policy
from sekisho.evidence.reading import Arm, Row, day, text
from sekisho.registers.people import rules
from sekisho.registers.people.models import StaffMember
from sekisho.registers.people.rules import ActorStanding, StaffFacts

__all__ = [
    "STAFF",
    "ActorStanding",
    "StaffFacts",
    "display_name",
    "everyone",
    "leavers",
    "staff_in",
    "standing_from",
    "standing_of",
]


STAFF = Arm(
    name="staff",
    table="people_staffmember",
    columns=(
        "ref",
        "role",
        "employment",
        "shop",
        "joined_on",
        "left_on",
        "trained_on",
        "pledged_on",
        "exit_pledged_on",
        "acknowledged_era",
    ),
    where="ref IN ({keys})",
)


def standing_of(actor: str, on: date, policy: Policy) -> ActorStanding:
    """The standing of one actor under a policy; unknown references are said to be unknown."""
    row = StaffMember.objects.filter(ref=actor).first()
    return standing_from(_facts(row) if row else None, on, policy)


def staff_in(rows: Iterable[Row]) -> dict[str, StaffFacts]:
    """The members of staff that rows of `STAFF` tell of, by reference."""
    return {
        text(ref): StaffFacts(
            ref=text(ref),
            role=text(role),
            employment=text(employment),
            shop=text(shop),
            joined_on=day(joined) or date.max,
            left_on=day(left),
            trained_on=day(trained),
            pledged_on=day(pledged),
            exit_pledged_on=day(exit_pledged),
            acknowledged_era=text(era),
        )
        for ref, role, employment, shop, joined, left, trained, pledged, exit_pledged, era, *_ in rows
    }


def standing_from(staff: StaffFacts | None, on: date, policy: Policy) -> ActorStanding:
    """The standing of somebody already read; None is unknown."""
    return rules.UNKNOWN if staff is None else rules.standing(staff, policy.people_duties, policy.era, on)


def everyone(on: date) -> Sequence[StaffFacts]:
    """Everybody working here on that day, machines included, by reference."""
    rows = StaffMember.objects.filter(joined_on__lte=on).exclude(left_on__lt=on).order_by("ref")
    return tuple(_facts(row) for row in rows)


def leavers(on: date) -> Sequence[StaffFacts]:
    """Everybody who has left before that day."""
    return tuple(_facts(row) for row in StaffMember.objects.filter(left_on__lt=on).order_by("ref"))


def display_name(ref: str) -> str:
    """The name shown in the console, or the reference itself."""
    row = StaffMember.objects.filter(ref=ref).values_list("display_name", flat=True).first()
    return row or ref


def _facts(row: StaffMember) -> StaffFacts:
    return StaffFacts(
        ref=row.ref,
        role=row.role,
        employment=row.employment,
        shop=row.shop,
        joined_on=row.joined_on,
        left_on=row.left_on,
        trained_on=row.trained_on,
        pledged_on=row.pledged_on,
        exit_pledged_on=row.exit_pledged_on,
        acknowledged_era=row.acknowledged_era,
    )
