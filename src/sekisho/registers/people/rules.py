"""Whether somebody may handle personal information today, by training, pledge, acknowledgement and employment."""

from dataclasses import dataclass
from datetime import date

from sekisho.engine.policy.model import Duty
from sekisho.engine.policy.periods import add


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffFacts:
    """What the register holds of one member of staff. Dates are Asia/Tokyo."""

    ref: str
    role: str
    employment: str
    shop: str
    joined_on: date
    left_on: date | None
    trained_on: date | None
    pledged_on: date | None
    exit_pledged_on: date | None
    acknowledged_era: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorStanding:
    """What the gate needs to know of whoever asks."""

    known: bool
    role: str = ""
    shop: str = ""
    employment: str = ""
    trained: bool = False
    pledged: bool = False
    active: bool = False
    acknowledged: bool = False


UNKNOWN = ActorStanding(known=False)


def standing(staff: StaffFacts, duties: tuple[Duty, ...], era: str, on: date) -> ActorStanding:
    """The standing on one day. A machine (employment `system`) neither trains nor pledges: its owner does."""
    is_machine = staff.employment == "system"
    return ActorStanding(
        known=True,
        role=staff.role,
        shop=staff.shop,
        employment=staff.employment,
        trained=is_machine or _is_fresh(staff.trained_on, _duty(duties, "training"), on),
        pledged=is_machine or _is_fresh(staff.pledged_on, _duty(duties, "pledge"), on),
        active=staff.joined_on <= on and (staff.left_on is None or on <= staff.left_on),
        acknowledged=is_machine or staff.acknowledged_era == era,
    )


def _duty(duties: tuple[Duty, ...], duty_id: str) -> Duty | None:
    return next((duty for duty in duties if duty.id == duty_id), None)


def _is_fresh(done_on: date | None, duty: Duty | None, on: date) -> bool:
    """A policy that doesn't name the duty asks for nothing; one that repeats it asks for it within its period."""
    if duty is None:
        return True
    if done_on is None or done_on > on:
        return False
    return not duty.every_months or on <= add(done_on, f"P{duty.every_months}M")
