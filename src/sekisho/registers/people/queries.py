"""Who works here, and whether they may handle personal information."""

from collections.abc import Sequence
from datetime import date

from sekisho.engine.policy.model import Policy
from sekisho.registers.people import rules
from sekisho.registers.people.models import StaffMember
from sekisho.registers.people.rules import ActorStanding, StaffFacts

__all__ = [
    "ActorStanding",
    "display_name",
    "everyone",
    "leavers",
    "standing_of",
]


def standing_of(actor: str, on: date, policy: Policy) -> ActorStanding:
    """The standing of one actor under a policy; unknown references are said to be unknown."""
    row = StaffMember.objects.filter(ref=actor).first()
    return rules.UNKNOWN if row is None else rules.standing(_facts(row), policy.people_duties, policy.era, on)


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
