"""Lines read off a page, set level and put in rows; a stretch of a row's text has a place on the page."""

import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

Corners = tuple[tuple[float, float], ...]  # left top, right top, right bottom, left bottom
SAME_ROW = 0.6  # of a line's height: centres nearer than that stand in one row
ABOVE = 2.6  # line heights within which a line above still speaks for the one below
MARGIN, EDGE = 0.2, 0.5  # of the height: above and below, and beside a stretch


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A piece of text as it was read, with the corners of its box in dots and how sure the reader is, up to 1."""

    text: str
    corners: Corners
    score: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A box on the page set level, in dots."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        """How high it is."""
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        """How far down its middle lies."""
        return (self.top + self.bottom) / 2


@dataclass(slots=True, kw_only=True)
class Row:
    """Pieces that stand beside each other, from left to right, and the rows close above that share their columns."""

    pieces: list[tuple[str, Place]]
    above: list["Row"] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The whole row, its pieces parted by one space."""
        return " ".join(text for text, _ in self.pieces)

    def texts(self) -> Iterator[tuple[str, int]]:
        """The row alone, and behind each piece of a row above it: labels stand beside a value or over it."""
        yield self.text, 0
        for row in self.above:
            for text, place in row.pieces:
                if any(place.left < mine.right and mine.left < place.right for _, mine in self.pieces):
                    yield f"{text} {self.text}", len(text) + 1

    def place(self, start: int, end: int) -> Place:
        """Where text[start:end] stands: parts of pieces by the width of their signs."""
        found, at = list[Place](), 0
        for text, whole in self.pieces:
            first, last = max(start - at, 0), min(end - at, len(text))
            if first < last:
                found.append(_stretch(text, whole, first, last))
            at += len(text) + 1
        return Place(
            left=min(one.left for one in found),
            top=min(one.top for one in found),
            right=max(one.right for one in found),
            bottom=max(one.bottom for one in found),
        )


def rows_of(lines: Sequence[Line], slope: float) -> list[Row]:
    """The rows of a page from top to bottom, as if it lay level."""
    pieces = [(line.text, _level(line, slope)) for line in lines if line.text.strip()]
    rows: list[Row] = []
    for text, place in sorted(pieces, key=lambda one: one[1].middle):
        near = [row for row in rows[-3:] if _is_beside(row, place)]
        if near:
            near[-1].pieces.append((text, place))
        else:
            rows.append(Row(pieces=[(text, place)]))
    for row in rows:
        row.pieces.sort(key=lambda one: one[1].left)
    for number, row in enumerate(rows):
        reach = ABOVE * max(place.height for _, place in row.pieces)
        row.above = [one for one in rows[max(number - 3, 0) : number] if _middle(row) - _middle(one) <= reach]
    return rows


def turned(x: float, y: float, angle: float) -> tuple[float, float]:
    """A point turned round the page's left top corner by so many radians, with the clock."""
    return x * math.cos(angle) - y * math.sin(angle), x * math.sin(angle) + y * math.cos(angle)


def _level(line: Line, slope: float) -> Place:
    corners = [turned(x, y, -slope) for x, y in line.corners]
    return Place(
        left=min(x for x, _ in corners),
        top=min(y for _, y in corners),
        right=max(x for x, _ in corners),
        bottom=max(y for _, y in corners),
    )


def _is_beside(row: Row, place: Place) -> bool:
    _, last = row.pieces[-1]
    near = abs(last.middle - place.middle) < SAME_ROW * min(last.height, place.height)
    return near and all(
        place.left >= one.right - place.height or place.right <= one.left + place.height for _, one in row.pieces
    )


def _middle(row: Row) -> float:
    return sum(place.middle for _, place in row.pieces) / len(row.pieces)


def _stretch(text: str, whole: Place, first: int, last: int) -> Place:
    widths = [2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text]
    unit = (whole.right - whole.left) / sum(widths)
    edge, margin = EDGE * whole.height, MARGIN * whole.height
    return Place(
        left=whole.left + unit * sum(widths[:first]) - edge,
        top=whole.top - margin,
        right=whole.left + unit * sum(widths[:last]) + edge,
        bottom=whole.bottom + margin,
    )
