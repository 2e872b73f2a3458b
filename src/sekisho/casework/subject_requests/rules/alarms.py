"""Which days of an open request come near or have passed: our own target, and the two weeks after which the person may sue.

A wait for the person stops the target and its alarms; the two weeks are told of whatever waits (APPI 39; LAW.md 9.10).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sekisho.casework.subject_requests.rules.case import limits
from sekisho.casework.subject_requests.rules.clock import Clock


class Alarm(StrEnum):
    """What comes near or has passed, the gravest last."""

    TARGET_NEAR = "target_near"
    TARGET_OVER = "target_over"
    SUIT_NEAR = "suit_near"
    SUIT_OVER = "suit_over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ringing:
    """One alarm and the day it is about: the target's last day, or the first on which the person may sue."""

    alarm: Alarm
    day: date


def alarms_of(clock: Clock, on: date) -> tuple[Ringing, ...]:
    """The alarms of an open request on a day."""
    found = list[Ringing]()
    terms = limits()["warnings"]
    if clock.target_on is not None:
        if on > clock.target_on:
            found.append(Ringing(alarm=Alarm.TARGET_OVER, day=clock.target_on))
        elif on >= clock.target_on - timedelta(days=terms["before_target_days"]):
            found.append(Ringing(alarm=Alarm.TARGET_NEAR, day=clock.target_on))
    if on >= clock.suit_from:
        found.append(Ringing(alarm=Alarm.SUIT_OVER, day=clock.suit_from))
    elif on >= clock.suit_from - timedelta(days=terms["before_suit_days"]):
        found.append(Ringing(alarm=Alarm.SUIT_NEAR, day=clock.suit_from))
    return tuple(found)
