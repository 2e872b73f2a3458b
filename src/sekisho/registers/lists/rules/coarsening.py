"""Values as coarse as the policy lets a purpose see them."""

import re
from collections.abc import Callable, Mapping
from datetime import date

HIDDEN = 4  # characters
POSTAL = 3  # digits


def coarsened(how: str, value: object) -> object:
    """The value after a transform of the policy; nothing stays nothing."""
    return None if value is None else COARSE[how](value)


def _year(value: object) -> int | None:
    if isinstance(value, date):
        return value.year
    found = re.match(r"\d{4}", str(value))
    return int(found[0]) if found else None


def _postal(value: object) -> str:
    return "".join(str(int(letter)) for letter in str(value) if letter.isdecimal())[:POSTAL]


def _all_but_last(value: object) -> str:
    text = str(value)
    shown = max(0, min(HIDDEN, len(text) - HIDDEN))
    return "*" * (len(text) - shown) + text[len(text) - shown :]


def _not_last(value: object) -> str:
    text = str(value)
    return text[: max(0, len(text) - HIDDEN)] + "*" * min(HIDDEN, len(text))


COARSE: Mapping[str, Callable[[object], object]] = {
    "year": _year,
    "postal3": _postal,
    "mask4": _all_but_last,
    "mask_last4": _not_last,
}
