"""When a minor comes of age: until that day the guardian acts for them, and from that day nobody does."""

from datetime import date, timedelta

from sekisho.engine.law.pack import law
from sekisho.engine.policy.periods import parse
from sekisho.registers.identities.rules.persons import age_between

OLDEST = 25  # no majority of the law pack is later


def is_minor(born_on: date | None, on: date) -> bool | None:
    """Whether somebody is under age on a Tokyo day; None where the birth date is not known. Source: Civil Code art. 4."""
    if born_on is None:
        return None
    return age_between(born_on, on) < parse(law(on).age("majority").period).years


def comes_of_age_on(born_on: date) -> date:
    """The first day on which somebody is of age, by the law of that day."""
    low, high = born_on, born_on + timedelta(days=OLDEST * 366)
    while low < high:  # who is of age stays of age: the law has only ever lowered it
        middle = low + (high - low) // 2
        if is_minor(born_on, middle):
            low = middle + timedelta(days=1)
        else:
            high = middle
    return low
