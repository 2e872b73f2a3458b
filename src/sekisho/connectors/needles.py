"""Looking for values and the ways they are written: in text, in bytes of several encodings, and in text made plain.

Made plain = NFKC and without the signs people put between digits, so that `０９０ー０７６５（４３２１）` is found too.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

ENCODINGS = ("utf-8", "cp932", "utf-16-le", "utf-16-be")
BETWEEN_DIGITS = dict.fromkeys(map(ord, "-‐‑‒–—―−ーｰ－()（）. ・/　\t"))
FEWEST_DIGITS = 9  # shorter runs of digits are too common to be looked for in text made plain
COUNTRY = "81"
FIELD_END = "\x1f"


@dataclass(slots=True)
class Needles:
    """What to look for: label -> the value's variants. Prepared once, used on every file."""

    wanted: Mapping[str, tuple[str, ...]]
    _bytes: list[tuple[bytes, str]] = field(default_factory=list)
    _plain: list[tuple[str, str]] = field(default_factory=list)
    _integers: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        seen: set[bytes] = set()
        for label, variants in self.wanted.items():
            for variant in variants:
                for encoded in _encoded(variant):
                    if encoded not in seen:
                        seen.add(encoded)
                        self._bytes.append((encoded, label))
                digits = plain(variant)
                if digits.removeprefix("+").isdecimal() and len(digits) >= FEWEST_DIGITS:
                    self._plain.append((digits.removeprefix("+"), label))
                    self._integers[int(digits.removeprefix("+"))] = label
                    if digits.startswith("0"):
                        self._plain.append((COUNTRY + digits[1:], label))
        self._plain = sorted(set(self._plain))

    def in_bytes(self, data: bytes) -> set[str]:
        """Labels whose value stands somewhere in these bytes."""
        return {label for encoded, label in self._bytes if encoded in data}

    def in_text(self, text: str) -> set[str]:
        """Labels whose value stands in this text, as written or made plain. Join fields by FIELD_END."""
        found = {label for label, variants in self.wanted.items() if any(variant in text for variant in variants)}
        if self._plain and any(character.isdecimal() for character in text):
            made_plain = plain(text)
            found |= {label for digits, label in self._plain if digits in made_plain}
        return found

    def in_integers(self, numbers: Iterator[int]) -> set[str]:
        """Labels whose digits are one of these numbers: a column of integers has lost the leading zero."""
        return {self._integers[number] for number in numbers if number in self._integers}

    @property
    def integers(self) -> tuple[int, ...]:
        """Values that are digits, as numbers."""
        return tuple(self._integers)

    @property
    def variants(self) -> tuple[tuple[str, str], ...]:
        """All (variant, label)."""
        return tuple((variant, label) for label, variants in self.wanted.items() for variant in variants)


def plain(text: str) -> str:
    """NFKC, and nothing of what people write between digits."""
    folded = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return folded.translate(BETWEEN_DIGITS)


def _encoded(variant: str) -> Iterator[bytes]:
    for encoding in ENCODINGS:
        try:
            yield variant.encode(encoding)
        except UnicodeEncodeError:
            continue
