"""Everybody as columns and bitmaps: plain values, and how events and changes are folded into them.

A person's place is their number in the identities register: it never changes and is never given twice, so what is folded
bit by bit and what is made anew are alike to the byte. No value here is ever changed once made: whoever holds a
population can go on reading it.
"""

from sekisho.engine.gate.bits import (
    Bits,
    Flags,
    Places,
    complement,
    count,
    flags_of,
    grown,
    no_bits,
    packed,
    places_of,
    with_places,
    without_places,
)
from sekisho.registers.populations.rules.holding import EVERYTHING, EventRow, Events, Holding, Scope, fold, without
from sekisho.registers.populations.rules.numbers import (
    ABSENT,
    FIRST_DAY,
    NO_DAY,
    OPEN,
    day_number,
    instant_number,
    instant_of,
)
from sekisho.registers.populations.rules.people import People, PersonRow, nobody, with_people
from sekisho.registers.populations.rules.population import Population

__all__ = [
    "ABSENT",
    "EVERYTHING",
    "FIRST_DAY",
    "NO_DAY",
    "OPEN",
    "Bits",
    "EventRow",
    "Events",
    "Flags",
    "Holding",
    "People",
    "PersonRow",
    "Places",
    "Population",
    "Scope",
    "complement",
    "count",
    "day_number",
    "flags_of",
    "fold",
    "grown",
    "instant_number",
    "instant_of",
    "no_bits",
    "nobody",
    "packed",
    "places_of",
    "with_people",
    "with_places",
    "without",
    "without_places",
]
