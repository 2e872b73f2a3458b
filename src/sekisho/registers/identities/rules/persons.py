"""Persons over time, as plain values."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

CONTRACTED = "contracted_number"  # a number as its contractor's while somebody else uses it: 契約者 ≠ 利用者


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifierInterval:
    """One identifier over one interval. `since` <= t < `until`, aware UTC, None = open."""

    person: str
    kind: str
    value: str
    role: str = ""
    since: datetime | None = None
    until: datetime | None = None
    event: str = ""
    ended_by: str = ""

    def holds_at(self, at: datetime) -> bool:
        """Whether the identifier was this person's at that instant."""
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class NameInterval:
    """One name over one interval."""

    name: str
    kana: str = ""
    since: datetime | None = None
    until: datetime | None = None
    event: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonStanding:
    """What the gate needs to know of a person on one day."""

    known: bool
    kinds: frozenset[str] = frozenset()
    born_on: date | None = None
    deceased_on: date | None = None
    guardian: str = ""
    is_corporate: bool = False
    protected: bool = False
    suppressed: bool = False
    shop: str = ""
    acquired_on: date | None = None

    def age_on(self, on: date) -> int | None:
        """Full years of age on that day; None where the birth date is not known. 29 February counts on 1 March."""
        if self.born_on is None:
            return None
        return age_between(self.born_on, on)


UNKNOWN = PersonStanding(known=False)


def age_between(born_on: date, on: date) -> int:
    """Full years from a birth date to a day."""
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))


def covers(intervals: Iterable[IdentifierInterval], since: datetime, until: datetime) -> bool:
    """Whether the intervals of one person and one value, together and without a gap, hold from one instant to another."""
    reached = since
    for one in sorted(intervals, key=lambda one: one.since.timestamp() if one.since else float("-inf")):
        if one.holds_at(reached):
            if one.until is None or until < one.until:
                return True
            reached = one.until
    return False


def holder_at(intervals: Iterable[IdentifierInterval], at: datetime | None) -> str | None:
    """Whose the identifier was at that instant; without an instant, only an identifier with one holder ever tells.

    Two holders at once is unknown, not a guess.
    """
    persons = {i.person for i in intervals if at is None or i.holds_at(at)}
    return persons.pop() if len(persons) == 1 else None
