"""Which signs the fonts of the house have: read from the character map of the font itself (OpenType `cmap`, formats 4 and 12)."""

import struct
import unicodedata
from functools import cache

import pylopdf_fonts_cjk

SEGMENTS, GROUPS = 4, 12  # formats of a character map
INVISIBLE = frozenset({"Cc", "Cf", "Mn"})  # controls, joiners, variation selectors


def shown(text: str) -> str:
    """The text as paper can carry it: a sign the fonts lack becomes its number, 〔U+1F600〕; what is invisible goes."""
    known = signs()
    if all(ord(sign) in known for sign in text):
        return text
    return "".join(_shown(sign, known) for sign in text)


@cache
def signs() -> frozenset[int]:
    """Code points of the house's font."""
    data = pylopdf_fonts_cjk.sans_path().read_bytes()
    tables = struct.unpack_from(">H", data, 4)[0]
    records = (struct.unpack_from(">4sLLL", data, 12 + 16 * one) for one in range(tables))
    start = next(offset for tag, _sum, offset, _length in records if tag == b"cmap")
    found: set[int] = set()
    for one in range(struct.unpack_from(">H", data, start + 2)[0]):
        offset = start + struct.unpack_from(">HHL", data, start + 4 + 8 * one)[2]
        form = struct.unpack_from(">H", data, offset)[0]
        if form == GROUPS:
            found.update(_by_groups(data, offset))
        elif form == SEGMENTS:
            found.update(_by_segments(data, offset))
    return frozenset(found)


def _shown(sign: str, known: frozenset[int]) -> str:
    if ord(sign) in known or sign == "\n":
        return sign
    if sign == "\t" or sign.isspace():
        return " "
    return "" if unicodedata.category(sign) in INVISIBLE else f"〔U+{ord(sign):04X}〕"


def _by_groups(data: bytes, offset: int) -> set[int]:
    groups = struct.unpack_from(">L", data, offset + 12)[0]
    found: set[int] = set()
    for one in range(groups):
        first, last, _glyph = struct.unpack_from(">LLL", data, offset + 16 + 12 * one)
        found.update(range(first, last + 1))
    return found


def _by_segments(data: bytes, offset: int) -> set[int]:
    count = struct.unpack_from(">H", data, offset + 6)[0] // 2
    ends = struct.unpack_from(f">{count}H", data, offset + 14)
    starts = struct.unpack_from(f">{count}H", data, offset + 16 + 2 * count)
    return {point for first, last in zip(starts, ends, strict=True) for point in range(first, last + 1)} - {0xFFFF}
