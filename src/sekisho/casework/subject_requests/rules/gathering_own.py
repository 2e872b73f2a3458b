"""What is the person's own: identifiers over their intervals, names, and the values of their own rows.

Sources: DESIGN 5 (a number belongs to a person only over an interval), LAW.md section 6 (how values are written).
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time

from sekisho.casework.subject_requests.rules.gathering import gathering_words
from sekisho.engine.erasure.needles import HYPHENS, KANJI_DIGITS, Finder, Needle, NeedleKind, kind_of_identifier
from sekisho.engine.japanese.tokyo import TOKYO
from sekisho.engine.japanese.wareki import format_wareki

Bounds = tuple[datetime | None, datetime | None]


@dataclass(frozen=True, slots=True)
class Bound:
    """An identifier and the interval in which it was the person's."""

    kind: str
    value: str
    since: datetime | None
    until: datetime | None


@dataclass(slots=True)
class Own:
    """Grows while tables are read: a text is looked through only when everything structured is known."""

    identifiers: tuple[Bound, ...]
    names: tuple[str, ...]  # names and readings
    _bounds: dict[tuple[str, str], list[Bounds]] = field(default_factory=dict)
    _values: dict[str, Needle] = field(default_factory=dict)
    _days: set[date] = field(default_factory=set)

    def __post_init__(self) -> None:
        for one in self.identifiers:
            self._bounds.setdefault((one.kind, one.value), []).append((one.since, one.until))
            self._learn(one.value, kind_of_identifier(one.kind))
        for name in self.names:
            self._learn(name, NeedleKind.NAME)

    def holds(self, kind: str, value: object, at: datetime | None) -> bool:
        """Whether this identifier was theirs at `at`; without an instant only what was theirs without a bound."""
        return any(
            (since is None or (at is not None and since <= at)) and (until is None or (at is not None and at < until))
            for since, until in self._bounds.get((kind, str(value)), ())
        )

    def is_identifier(self, value: object, at: datetime | None) -> bool:
        """Whether it is any identifier of theirs at `at`."""
        return any(self.holds(kind, value, at) for kind in {kind for kind, known in self._bounds if known == value})

    def is_name(self, value: str) -> bool:
        """Whether it is a name of theirs, however spaced, wide or in which kana."""
        return bool(wanted := _folded(value)) and any(_folded(name) == wanted for name in self.names)

    def learn(self, value: object) -> None:
        """A value of the person's own row: an address, a contact number."""
        if isinstance(value, date) and not isinstance(value, datetime):
            self._days.add(value)
        elif isinstance(value, str) and value.strip():
            digits = sum(sign.isdigit() for sign in value)
            kind = NeedleKind.PHONE if digits * 2 > len(value) else NeedleKind.MAIL if "@" in value else NeedleKind.NAME
            self._learn(value, kind)

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where a text names the person: never overlapping, in order."""
        for one in Finder(self._values.values()).mentions(text):
            yield one.start, one.end

    def is_part(self, text: str) -> bool:
        """Whether a piece of text is an own value, or a readable part of one: a surname, an address without its room."""
        piece = _folded(text)
        for word in gathering_words()["own"]["rest_ignored"]:
            piece = piece.removesuffix(_folded(word))
        if not piece or any(_is_day(piece, day) for day in self._days):
            return True
        shortest: int = gathering_words()["own"]["shortest_part"]
        if any(piece == part for name in self.names for part in (*map(_folded, name.split()), _folded(name))):
            return True
        # Inside a longer number or mail address it is another's; inside an address it is a part of that address.
        return any(
            piece == (own := _folded(value))
            or (needle.is_name and value not in self.names and len(piece) >= shortest and piece in own)
            for value, needle in self._values.items()
        )

    def _learn(self, value: str, kind: NeedleKind) -> None:
        if value.strip():
            self._values.setdefault(value, Needle(kind=kind, value=value))


def needles_of(identifiers: Iterable[Bound], names: Iterable[str]) -> tuple[Needle, ...]:
    """What to look for where somebody known to us is named."""
    found = {one.value: Needle(kind=kind_of_identifier(one.kind), value=one.value) for one in identifiers}
    found |= {name: Needle(kind=NeedleKind.NAME, value=name) for name in names if name.strip()}
    return tuple(found.values())


def instant_of(value: object) -> datetime | None:
    """The instant of what a store gave back: a Tokyo day begins at its midnight."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime.combine(value, time(), TOKYO).astimezone(UTC)
    if isinstance(value, str):
        try:
            return instant_of(datetime.fromisoformat(value))
        except ValueError:
            return None
    return None


def _folded(text: str) -> str:
    narrow = unicodedata.normalize("NFKC", text).lower()
    return "".join(
        KANJI_DIGITS.get(sign, chr(ord(sign) + 0x60) if "ぁ" <= sign <= "ゖ" else sign)
        for sign in narrow
        if sign not in HYPHENS or sign == "ー"
    )


def _is_day(piece: str, day: date) -> bool:
    forms = {day.strftime(form) for form in ("%Y%m%d", "%Y年%m月%d日")} | {
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.year}/{day.month}/{day.day}",
        f"{day.year}/{day:%m/%d}",
        format_wareki(day),
    }
    return piece in {_folded(form) for form in forms}
