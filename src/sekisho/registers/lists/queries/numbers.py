"""Telephone numbers in a list: one that was a person's and is no more would reach whoever has it now."""

from collections.abc import Sequence
from datetime import datetime

from sekisho.engine.japanese.folding import fold_number
from sekisho.registers.identities import queries as identities
from sekisho.registers.lists.rules import limits

NUMBER = "number"  # the kind of identifier


def number_items() -> frozenset[str]:
    """The items that are numbers one calls or writes to: what the channels of the telephone reach people by."""
    return frozenset(limits().reach["phone"]) | frozenset(limits().reach["sms"])


def given_up(persons: Sequence[str], values: Sequence[object], at: datetime) -> list[bool]:
    """For each person and number: whether the line was theirs once and is not theirs any more.

    A number the register never knew as theirs, such as a relative's they gave for contact, is left to them.
    """
    folded = [fold_number(str(value)) if value else "" for value in values]
    pairs = {pair for pair in zip(persons, folded, strict=True) if pair[1]}
    numbers = {number for _, number in pairs}
    had, has = set[tuple[str, str]](), set[tuple[str, str]]()
    for _, number, person, since, until in identities.interval_rows([NUMBER]) if pairs else ():
        if number in numbers and (person, number) in pairs:
            (has if (since is None or since <= at) and (until is None or at < until) else had).add((person, number))
    return [pair in had and pair not in has for pair in zip(persons, folded, strict=True)]
