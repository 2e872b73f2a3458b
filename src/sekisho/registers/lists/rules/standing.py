"""Where a list stands: draft, asked, approved, taken, over; and what may be done to it there."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sekisho.engine.errors import SekishoError

ROOM = "sekisho.registers.lists"


class ListKind(StrEnum):
    """What a list is for."""

    CAMPAIGN = "campaign"
    MASS_NOTICE = "mass_notice"


class State(StrEnum):
    """Where a list stands."""

    DRAFT = "draft"
    ASKED = "asked"  # an approval was asked for
    READY = "ready"  # approved, or small enough: may be taken, once
    TAKEN = "taken"
    EXPIRED = "expired"
    DROPPED = "dropped"  # somebody on it was erased, or its file was lost: to be made again


class Why(StrEnum):
    """Why the file of a list is gone."""

    TAKEN = "taken"
    EXPIRED = "expired"
    PERSON = "person"
    TABLE = "table"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """What has happened to a list."""

    ref: str
    needs_approval: bool
    asked: bool
    approved: bool
    taken: bool
    gone: str
    expires_at: datetime


def state(steps: Steps, at: datetime) -> State:
    """Where a list stands at an instant."""
    if steps.gone in (Why.PERSON, Why.TABLE, Why.LOST):
        return State.DROPPED
    if at >= steps.expires_at or steps.gone == Why.EXPIRED:
        return State.EXPIRED
    if steps.taken:
        return State.TAKEN
    if steps.approved or not steps.needs_approval:
        return State.READY
    return State.ASKED if steps.asked else State.DRAFT


def require(steps: Steps, at: datetime, *allowed: State) -> None:
    """The list stands in one of these. Raises: lists.expired, lists.dropped, lists.taken, lists.not-approved, lists.wrong-state."""
    found = state(steps, at)
    if found in allowed:
        return
    match found:
        case State.EXPIRED:
            raise SekishoError("lists.expired", room=ROOM, list=steps.ref, at=steps.expires_at.isoformat())
        case State.DROPPED:
            raise SekishoError("lists.dropped", room=ROOM, list=steps.ref)
        case State.TAKEN:
            raise SekishoError("lists.taken", room=ROOM, list=steps.ref)
        case State.DRAFT | State.ASKED if State.READY in allowed or State.TAKEN in allowed:
            raise SekishoError("lists.not-approved", room=ROOM, list=steps.ref)
        case _:
            raise SekishoError("lists.wrong-state", room=ROOM, list=steps.ref, state=found.value)


def ref_of(year: int, number: int) -> str:
    """The reference of the year's so-manieth list."""
    return f"L-{year}-{number:04d}"
