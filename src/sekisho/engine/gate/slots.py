"""The closed list of facts a decision may rest on: every execution of the gate carries them in two words.

A slot is one bit, relative to the ask: `objection` means an objection against *this* purpose. `known` says whether the
fact is known at all, `value` what it is, `want` what a permit needs. Bits from 48 up belong to the conditions of a cell.
The list is slots.toml; `docs/reference/slots.md` is made from it. Source: DESIGN.md section 5.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources

CONDITION_BIT = 48  # first bit of a cell's own attribute conditions
MOST_CONDITIONS = 14  # bits 48-61: the words stay inside a signed 64-bit column


class Scope(StrEnum):
    """What a slot is a fact about: decides how often an execution has to look it up."""

    PERSON = "person"
    ROW = "row"
    ACTOR = "actor"
    RECIPIENT = "recipient"
    ASK = "ask"


class Cure(StrEnum):
    """What would mend a failing slot. NONE refuses."""

    NONE = "none"
    CONSENT = "consent"
    APPROVAL = "approval"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One fact. `cites` are keys of the law packs; `says` is true when the value is 1."""

    name: str
    bit: int
    scope: Scope
    says: str
    cites: tuple[str, ...] = ()
    want: bool = True
    cure: Cure = Cure.NONE
    derived: bool = False  # the gate works it out itself; gatherers leave it unknown
    tells: tuple[str, ...] = ()  # keys of the ask that would tell it where it is unknown

    @property
    def mask(self) -> int:
        """The slot's bit as a word."""
        return 1 << self.bit

    @property
    def code(self) -> str:
        """The reason given when the slot is known and is not what is wanted."""
        return f"gate.{self.name.replace('_', '-')}"


def _slots() -> tuple[Slot, ...]:
    text = resources.files("sekisho.engine.gate").joinpath("slots.toml").read_text(encoding="utf-8")
    return tuple(
        Slot(
            name=row["name"],
            bit=bit,
            scope=Scope(row["scope"]),
            says=row["says"],
            cites=tuple(row["cites"]),
            want=row.get("want", True),
            cure=Cure(row.get("cure", Cure.NONE)),
            derived=row.get("derived", False),
            tells=tuple(row.get("tells", ())),
        )
        for bit, row in enumerate(tomllib.loads(text)["slot"])
    )


SLOTS = _slots()
SLOT: Mapping[str, Slot] = {slot.name: slot for slot in SLOTS}
WANT = sum(slot.mask for slot in SLOTS if slot.want)  # the same in every cell; condition bits are wanted too


_MASKS = {slot.name: slot.mask for slot in SLOTS}


def facts_words(facts: Mapping[str, bool | None]) -> tuple[int, int]:
    """`(known, value)` from slot name -> fact; None or absence leaves a slot unknown, which never permits.

    Raises KeyError for a name that is not in the list: a fact nobody asks for is a mistake of the gatherer.
    """
    known = value = 0
    for name, fact in facts.items():
        mask = _MASKS[name]
        if fact is not None:
            known |= mask
            if fact:
                value |= mask
    return known, value


def slots_in(word: int) -> tuple[Slot, ...]:
    """The slots whose bits are set in a word, in bit order."""
    return tuple(slot for slot in SLOTS if word & slot.mask)
