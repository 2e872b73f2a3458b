"""Persons over time, as plain values."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime


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
        return on.year - self.born_on.year - ((on.month, on.day) < (self.born_on.month, self.born_on.day))


UNKNOWN = PersonStanding(known=False)


def holder_at(intervals: Iterable[IdentifierInterval], at: datetime | None) -> str | None:
    """Whose the identifier was at that instant; without an instant, only an identifier with one holder ever tells.

    Two holders at once is unknown, not a guess.
    """
    persons = {i.person for i in intervals if at is None or i.holds_at(at)}
    return persons.pop() if len(persons) == 1 else None
