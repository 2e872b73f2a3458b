"""What may be done to a column instead of deleting its row: nothing at all, a coarser value, a pseudonym under a key that dies.

A table may besides ask for totals (`AGGREGATE`): rows a sweep takes are counted before they go, in groups of people that are
large enough. What one person's erasure takes is never counted: they alone are no group.

A row of which any column says so stays as nobody's: whatever names the person goes, what was asked to stay is coarse.
Every function may be applied to what it gave: a repeat after a crash changes nothing.
"""

import hashlib
import hmac
import re
from datetime import date

BLANK, PSEUDONYM = "blank", "pseudonym"
COARSE = ("year", "month", "prefecture")
STRATEGIES = (BLANK, *COARSE, PSEUDONYM)
AGGREGATE = "aggregate"  # how a step deletes, not what becomes of a column: the table's `totals` say
PREFIX = "p~"  # no identifier of a carrier begins so
PSEUDONYM_FORM = re.compile(rf"{PREFIX}[0-9a-f]{{24}}")
DAY = re.compile(r"(\d{4})(?:-(\d{2})(?:-\d{2})?)?(?:[T ].*)?")
PREFECTURE = re.compile(r"(?:〒?\s*\d{3}-?\d{4}\s*)?(東京都|北海道|(?:大阪|京都)府|\w{2,3}県)")


def generalised(value: object, how: str, *, is_day: bool = False) -> object:
    """The value made coarse; None where nobody can tell what is coarse of it. `is_day`: the column holds dates."""
    if value is None:
        return None
    said = value.isoformat() if isinstance(value, date) else str(value)
    if how == "prefecture":
        found = PREFECTURE.match(said)
        return found[1] if found else None
    found = DAY.fullmatch(said)
    if found is None or (how == "month" and found[2] is None):
        return None
    if how == "year":
        return f"{found[1]}-01-01" if is_day else found[1]
    return f"{found[1]}-{found[2]}-01" if is_day else f"{found[1]}-{found[2]}"


def is_general(value: object, how: str, *, is_day: bool = False) -> bool:
    """Whether nothing finer stands there than was promised."""
    said = value.isoformat() if isinstance(value, date) else value
    return said is None or said == generalised(value, how, is_day=is_day)


def pseudonym(value: object, key: bytes) -> str | None:
    """The same value gives the same word under one key, and without the key nobody gets from one to the other."""
    if value is None or is_pseudonym(value):
        return None if value is None else str(value)
    return PREFIX + hmac.new(key, str(value).encode(), hashlib.sha256).hexdigest()[:24]


def is_pseudonym(value: object) -> bool:
    """Whether it is a word of ours."""
    return isinstance(value, str) and PSEUDONYM_FORM.fullmatch(value) is not None
