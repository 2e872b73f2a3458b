"""What nobody may keep on a page that was read: where it stands, and which part it is. Never what it says.

A page is read askew, in pieces, with wrong signs. Lines are set level, put in rows, and given to the recognisers of text;
words that name a number count too, with what stands beside or below them. Source: LAW.md 6 and 9.14.
"""

import hashlib
import inspect
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from sekisho.engine.scanning import page_labels, page_rows
from sekisho.engine.scanning.page_labels import labelled, words
from sekisho.engine.scanning.page_rows import Line, Place, Row, rows_of
from sekisho.engine.scanning.recognisers import RECOGNISERS
from sekisho.engine.scanning.text import scan
from sekisho.engine.scanning.versions import seen_version

__all__ = ["Line", "ReadPage", "Spot", "found_on", "version"]
WHOLE = 1000  # a page is so many parts wide and so many high
OVERLAP = 0.5  # of the smaller of two places of one part: they are one
RIGHT = 90  # degrees
LONG = 4  # times wider than high: a line whose slope says how the page lies


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPage:
    """What was read of a page once it was turned `turn` degrees against the clock; each look read all of it."""

    width: int
    height: int
    turn: int = 0
    looks: tuple[tuple[Line, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A place on the page as it lies, in thousandths of its width and height. `by`: recogniser, or the word's rule."""

    part: str
    by: str
    left: int
    top: int
    right: int
    bottom: int


def found_on(page: ReadPage) -> tuple[Spot, ...]:
    """Every place that must be blacked out, from top to bottom."""
    found: list[Spot] = []
    for lines in page.looks:
        slope = _slope(lines)
        for part, by, place in _places(rows_of(lines, slope)):
            spot = _as_it_lies(page, part, by, place, slope)
            if spot is not None:
                found = _joined(found, spot)
    return tuple(sorted(found, key=lambda one: (one.top, one.left)))


def version() -> str:
    """Which version of the rules looks at pages."""
    parts = [seen_version(type_) for type_ in sorted(words()["recognisers"])]
    parts += [inspect.getsource(module) for module in (page_labels, page_rows)] + [repr(words())]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _places(rows: Sequence[Row]) -> Iterator[tuple[str, str, Place]]:
    parts = words()["recognisers"]
    chosen = tuple(one for one in RECOGNISERS if one.type in parts)
    for row in rows:
        for text, began in row.texts():
            for one in scan(text, recognisers=chosen):
                if one.end > began:
                    yield parts[one.type], one.type, row.place(max(one.start - began, 0), one.end - began)
    for part, place in labelled(rows):
        yield part, "label", place


def _slope(lines: Sequence[Line]) -> float:
    """By how much the lines of a page rise, in radians."""
    slopes = []
    for line in lines:
        (left, top), (right, right_top), _, (_, bottom) = line.corners
        if right - left > LONG * abs(bottom - top):
            slopes.append(math.atan2(right_top - top, right - left))
    return median(slopes) if slopes else 0.0


def _as_it_lies(page: ReadPage, part: str, by: str, place: Place, slope: float) -> Spot | None:
    """The box round a place, set askew and turned back as the page was."""
    corners = [page_rows.turned(x, y, slope) for x in (place.left, place.right) for y in (place.top, place.bottom)]
    width, height = page.width, page.height
    for _ in range(page.turn // RIGHT):
        corners, (width, height) = [(height - y, x) for x, y in corners], (height, width)
    left, right = (_part(pick(x for x, _ in corners), width, pick) for pick in (min, max))
    top, bottom = (_part(pick(y for _, y in corners), height, pick) for pick in (min, max))
    if left >= right or top >= bottom:
        return None
    return Spot(part=part, by=by, left=left, top=top, right=right, bottom=bottom)


def _part(value: float, whole: int, pick: object) -> int:
    parts = value / whole * WHOLE
    return max(0, min(WHOLE, math.floor(parts) if pick is min else math.ceil(parts)))


def _joined(found: list[Spot], new: Spot) -> list[Spot]:
    """Places of one part that lie over each other are one; a check digit speaks louder than a word."""
    apart = [one for one in found if one.part != new.part or not _lie_over(one, new)]
    same = [one for one in found if one not in apart]
    return [
        *apart,
        Spot(
            part=new.part,
            by=min((one.by for one in (*same, new)), key=lambda by: by == "label"),
            left=min(one.left for one in (*same, new)),
            top=min(one.top for one in (*same, new)),
            right=max(one.right for one in (*same, new)),
            bottom=max(one.bottom for one in (*same, new)),
        ),
    ]


def _lie_over(one: Spot, other: Spot) -> bool:
    across = min(one.right, other.right) - max(one.left, other.left)
    down = min(one.bottom, other.bottom) - max(one.top, other.top)
    least = min(_area(one), _area(other))
    return across > 0 and down > 0 and across * down >= OVERLAP * least


def _area(one: Spot) -> int:
    return (one.right - one.left) * (one.bottom - one.top)
