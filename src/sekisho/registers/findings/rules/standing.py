"""What stands about a place in which personal information was found: declared, an alarm, or answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

NOT_PERSONAL = "not_personal"  # the grade of what is nobody's data


class Standing(StrEnum):
    """Open and accepted ones are alarms: the map does not say what stands there."""

    OPEN = "open"
    ACCEPTED = "accepted"  # somebody said what it is; the map has not been adopted yet
    DISMISSED = "dismissed"
    DECLARED = "declared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One kind found in a place."""

    type: str
    grade: str
    score: float
    why: str
    why_en: str
    sampled: int
    matched: int
    is_inside: bool
    rule: str
    first_seen_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The latest answer of a place."""

    ref: str
    is_accepted: bool
    item: str
    reason: str
    rules: Mapping[str, str]
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A column (or, with an empty column, a table) with everything found in it."""

    system: str
    table: str
    column: str
    found: tuple[Found, ...]  # the surest first
    standing: Standing
    declared: tuple[str, ...]
    is_in_map: bool
    answer: Answered | None
    lapsed: bool  # it was dismissed, under rules that have changed since

    @property
    def name(self) -> str:
        """system.table.column."""
        return f"{self.system}.{self.table}.{self.column}".rstrip(".")

    @property
    def is_alarm(self) -> bool:
        """Whether personal data stands where the map declares none and nobody has said it is nothing."""
        return self.standing in (Standing.OPEN, Standing.ACCEPTED)


def standing_of(found: Sequence[Found], declared: Sequence[str], answer: Answered | None) -> tuple[Standing, bool]:
    """The standing, and whether a dismissal has lapsed because the rules it was said to are others now."""
    personal = [one for one in found if one.grade != NOT_PERSONAL]
    if declared or not personal:
        return Standing.DECLARED, False
    if answer is None:
        return Standing.OPEN, False
    if answer.is_accepted:
        return Standing.ACCEPTED, False
    if all(answer.rules.get(one.type) == one.rule for one in personal):
        return Standing.DISMISSED, False
    return Standing.OPEN, True
