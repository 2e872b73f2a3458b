"""Pages that were read by machine: what was found on them is a warning that blocks, never evidence of anything.

Source: 番号利用法 15条・20条, 健康保険法 194条の2, 国民年金法 108条の4; `reading.toml`.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources

from sekisho.casework.subject_requests.rules.case import ROOM
from sekisho.engine.errors import SekishoError
from sekisho.engine.policy.model import Text

# Of a finding's longer and shorter side: a box that lies over so much settles it. It is drawn wider than what was read.
LONG_COVERED, SHORT_COVERED = 0.8, 0.5


class Settled(StrEnum):
    """How a finding ended."""

    OPEN = ""
    MASKED = "masked"
    SET_ASIDE = "set_aside"


class ReadState(StrEnum):
    """How the reading of a page ended."""

    READ = "read"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A box on a page, in thousandths of its width and height."""

    page: int
    left: int
    top: int
    right: int
    bottom: int


def covered(one: Area, boxes: Iterable[Area]) -> bool:
    """Whether one of the boxes lies over enough of an area."""
    return any(_covers(box, one) for box in boxes)


@cache
def reasons() -> Mapping[str, Text]:
    """Why a finding may be set aside: a closed list."""
    told = tomllib.loads(resources.files(ROOM).joinpath("reading.toml").read_text(encoding="utf-8"))["reasons"]
    return {key: Text(**one) for key, one in told.items()}


def require_reason(reason: str) -> None:
    """Raises: requests.no-such-reason."""
    if reason not in reasons():
        raise SekishoError("requests.no-such-reason", room=ROOM, reason=reason, known=", ".join(reasons()))


def require_pages_clear(reference: str, *, found: Sequence[str], unread: Sequence[str]) -> None:
    """Refuse to go on while a page of the case shows what nobody may keep, or might. Arrivals by reference.

    Raises: requests.page-findings-open, requests.pages-unread.
    """
    if found:
        raise SekishoError("requests.page-findings-open", room=ROOM, reference=reference, arrivals=", ".join(found))
    if unread:
        raise SekishoError("requests.pages-unread", room=ROOM, reference=reference, arrivals=", ".join(unread))


def _covers(box: Area, one: Area) -> bool:
    if box.page != one.page:
        return False
    sides = (
        (one.right - one.left, min(box.right, one.right) - max(box.left, one.left)),
        (one.bottom - one.top, min(box.bottom, one.bottom) - max(box.top, one.top)),
    )
    (short, of_short), (long, of_long) = sorted(sides)
    return of_long >= LONG_COVERED * long and of_short >= SHORT_COVERED * short
