"""Persons over time, as plain values: whose a number was when, what events say, when a minor comes of age."""

from sekisho.registers.identities.rules.ages import comes_of_age_on, is_minor
from sekisho.registers.identities.rules.limits import ROOM, Limits, limits
from sekisho.registers.identities.rules.persons import (
    CONTRACTED,
    UNKNOWN,
    IdentifierInterval,
    NameInterval,
    PersonStanding,
    covers,
    holder_at,
)
from sekisho.registers.identities.rules.timeline import Move, Timeline, Unclear, imported, timeline

__all__ = [
    "CONTRACTED",
    "ROOM",
    "UNKNOWN",
    "IdentifierInterval",
    "Limits",
    "Move",
    "NameInterval",
    "PersonStanding",
    "Timeline",
    "Unclear",
    "comes_of_age_on",
    "covers",
    "holder_at",
    "imported",
    "is_minor",
    "limits",
    "timeline",
]
