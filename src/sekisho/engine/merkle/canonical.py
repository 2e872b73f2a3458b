"""Canonical JSON, RFC 8785, without floats: one value, one sequence of bytes, in every language.

Numbers are integers that a double holds exactly; anything else is refused rather than written in a form that another
reader might write differently.
"""

import json
from collections.abc import Mapping, Sequence

from sekisho.engine.errors import SekishoError

LARGEST = 2**53 - 1  # RFC 8785 section 3.2.2.3 with RFC 7493 section 2.2
ROOM = "sekisho.engine.merkle"


def canonical(value: object) -> bytes:
    """The canonical bytes of `value`: str, int, bool, None, lists and mappings with string keys.

    Raises: canonical.not-allowed for floats, bytes, dates, integers beyond 2**53 - 1 and lone surrogates.
    """
    if _is_simple(value):
        try:
            return _ENCODER.encode(value).encode("utf-8")
        except UnicodeEncodeError:
            raise SekishoError("canonical.not-allowed", room=ROOM, what="a lone surrogate") from None
    return _text(value).encode("utf-8")


# In C, and the same bytes as `_text` for whatever `_is_simple` lets through: ASCII keys sort alike by code point and by
# code unit, integers have one form, and strings are written by the same rules.
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _is_simple(value: object) -> bool:
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return True
    if kind is int:
        return -LARGEST <= value <= LARGEST  # type: ignore[operator]  # mypy does not narrow by `type(…) is`
    if kind is dict:
        for key, inner in value.items():  # type: ignore[attr-defined]
            if type(key) is not str or not key.isascii() or not _is_simple(inner):
                return False
        return True
    if kind is list or kind is tuple:
        return all(map(_is_simple, value))  # type: ignore[call-overload]
    return False


def _text(value: object) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, int):
        if abs(value) > LARGEST:
            raise SekishoError("canonical.not-allowed", room=ROOM, what="an integer beyond 2**53 - 1")
        return str(int(value))
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise SekishoError("canonical.not-allowed", room=ROOM, what="a key that is not a string")
        # Section 3.2.3: keys in the order of their UTF-16 code units, which is not that of code points.
        keys = sorted(value, key=_code_units)
        return "{" + ",".join(f"{_string(key)}:{_text(value[key])}" for key in keys) + "}"
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        return "[" + ",".join(_text(item) for item in value) + "]"
    raise SekishoError("canonical.not-allowed", room=ROOM, what=type(value).__name__)


def _string(value: str) -> str:
    _code_units(value)
    return json.dumps(str(value), ensure_ascii=False)


def _code_units(value: str) -> bytes:
    try:
        return value.encode("utf-16-be")
    except UnicodeEncodeError:
        raise SekishoError("canonical.not-allowed", room=ROOM, what="a lone surrogate") from None
