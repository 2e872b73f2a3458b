"""How a phone number may be written: what a search for its traces must look for."""

import re

from sekisho.engine.japanese.folding import fold_number

# first digits -> lengths of the groups. Landlines are also written 2-4-4, 3-3-4, 4-2-4 by area, all are looked for.
_GROUPS: tuple[tuple[re.Pattern[str], tuple[tuple[int, ...], ...]], ...] = (
    (re.compile(r"^0[5-9]0\d{8}$"), ((3, 4, 4),)),
    (re.compile(r"^020\d{8}$"), ((3, 4, 4),)),
    (re.compile(r"^(0120|0570)\d{6}$"), ((4, 3, 3), (4, 2, 4))),
    (re.compile(r"^0800\d{7}$"), ((4, 3, 4),)),
    (re.compile(r"^0[1-9]\d{8}$"), ((2, 4, 4), (3, 3, 4), (4, 2, 4), (5, 1, 4))),
)
_OTHER_HYPHENS = "ー‐−―"  # long vowel mark, hyphen, minus, dash: what input methods and spreadsheets leave behind
_FULL_WIDTH = str.maketrans("0123456789-+()", "０１２３４５６７８９－＋（）")


def number_variants(digits: str) -> tuple[str, ...]:
    """Every customary way to write the number, plain digits first, without repeats.

    Plain; grouped by hyphens, spaces, dots or brackets; full width; international with +81, with and without hyphens.
    Anything that is not a Japanese number gives its digits plain and in full width.
    """
    plain = fold_number(digits)
    ways = [plain]
    for pattern, groupings in _GROUPS:
        if pattern.match(plain):
            for lengths in groupings:
                ways += _grouped(plain, lengths)
            ways += [f"+81{plain[1:]}", f"81{plain[1:]}", f"+81 {plain[1:]}"]
            break
    ways += [way.translate(_FULL_WIDTH) for way in ways]
    ways += [way.replace("－", mark) for way in ways if "－" in way for mark in _OTHER_HYPHENS]
    ways += [way.replace("-", mark) for way in ways if "-" in way for mark in _OTHER_HYPHENS]
    ways += [way.replace(" ", "\u3000") for way in ways if " " in way]
    return tuple(dict.fromkeys(ways))


def format_number(digits: str) -> str:
    """`090-0123-4567`; a number of no known form as it is."""
    plain = fold_number(digits)
    for pattern, groupings in _GROUPS:
        if pattern.match(plain):
            return "-".join(_cut(plain, groupings[0]))
    return plain


def _grouped(plain: str, lengths: tuple[int, ...]) -> list[str]:
    first, middle, last = _cut(plain, lengths)
    abroad = first.removeprefix("0")
    return [
        f"{first}-{middle}-{last}",
        f"{first} {middle} {last}",
        f"{first}.{middle}.{last}",
        f"({first}){middle}-{last}",
        f"{first}({middle}){last}",
        f"{first}-{middle}{last}",
        f"+81-{abroad}-{middle}-{last}",
        f"+81 {abroad} {middle} {last}",
        f"+81 {abroad}-{middle}-{last}",
        f"+81({abroad}){middle}-{last}",
        f"+81{abroad}-{middle}-{last}",
    ]


def _cut(plain: str, lengths: tuple[int, ...]) -> list[str]:
    parts, at = [], 0
    for length in lengths:
        parts.append(plain[at : at + length])
        at += length
    return parts
