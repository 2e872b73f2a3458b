"""Telephone numbers that can belong to nobody: eleven digits whose fourth is 0, and other places' made the same way."""

import numpy as np
import numpy.typing as npt

OURS = 8_000_000  # subscriber parts below this are the carrier's; the rest belong to other carriers
PREFIXES = ("0900", "0800", "0700")
STEP = 4_856_321  # has no factor in common with OURS, so that steps visit every number once


def ours(count: int, rng: np.random.Generator) -> list[str]:
    """`count` different numbers of the carrier, in no order."""
    if count > OURS * len(PREFIXES):
        raise ValueError(count)
    offset = int(rng.integers(OURS))
    made = []
    for i in range(count):
        block, place = i % len(PREFIXES), i // len(PREFIXES)
        made.append(f"{PREFIXES[block]}{(offset + place * STEP) % OURS:07d}")
    return made


def elsewhere(count: int, rng: np.random.Generator) -> list[str]:
    """Numbers of other carriers: mobiles, fixed lines in an area code that is none, and a few abroad."""
    parts: npt.NDArray[np.int64] = rng.choice(10_000_000 - OURS, size=count, replace=False) + OURS
    made = []
    for i, part in enumerate(parts.tolist()):
        if i % 10 < 7:
            made.append(f"{PREFIXES[i % 3]}{part:07d}")
        elif i % 10 < 9:
            made.append(f"0000{part % 1_000_000:06d}")
        else:
            made.append(f"+1555{part:07d}")
    return made


def variants(number: str) -> tuple[str, ...]:
    """How people write one of our numbers: plain, hyphenated, full width, abroad."""
    a, b, c = number[:3], number[3:7], number[7:]
    wide = str.maketrans("0123456789-", "０１２３４５６７８９－")
    hyphenated = f"{a}-{b}-{c}"
    return (
        number,
        hyphenated,
        hyphenated.translate(wide),
        number.translate(wide),
        f"+81{number[1:]}",
        f"+81-{a[1:]}-{b}-{c}",
        f"+81 {a[1:]} {b} {c}",
        f"{a}({b}){c}",
        f"{a} {b} {c}",
    )
