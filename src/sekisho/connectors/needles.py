"""Looking for values and the ways they are written: in bytes of several encodings, in text, and in text made plain.

Made plain = NFKC, one kind of kana, no spaces in names; digits of a number are found with whatever people put between
them, so that `０９０ー０７６５（４３２１）` is found too, and never inside a longer number.
"""

import base64
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import re2

from sekisho.connectors.wrappings import unwrapped

ENCODINGS = ("utf-8", "cp932", "utf-16-le", "utf-16-be", "euc-jp", "iso-2022-jp")
BETWEEN = r"[-‐‑‒–—―−ーｰ－~()（）. ・/　\t]*"
GONE = dict.fromkeys(map(ord, "-‐‑‒–—―−ーｰ－~()（）. ・/　\t"))
FEWEST_DIGITS = 9  # shorter runs of digits are too common to be looked for in other forms
FEWEST_BYTES = 12  # of what is looked for inside base64
FEWEST_FOLDED = 3  # shorter names are looked for as they are written
MOST_MEMORY = 256 * 1024 * 1024
CANARY = b"\x1fsekisho-looked-to-the-end\x1f"
COUNTRY = "81"
FIELD_END = "\x1f"
KANJI_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
SPACES = dict.fromkeys(map(ord, " \t\n\r\u3000\xa0"))
KATAKANA = {code: code + 0x60 for code in range(ord("ぁ"), ord("ゖ") + 1)}
ISO_SHIFTS = (b"\x1b$B", b"\x1b(B")  # a stateful encoding: what stands between the shifts


@dataclass(slots=True)
class Needles:
    """What to look for: label -> the value's variants. Prepared once, used on every file."""

    wanted: Mapping[str, tuple[str, ...]]
    _bytes: list[tuple[bytes, str]] = field(default_factory=list)
    _numbers: list[tuple[str, re.Pattern[str], str]] = field(default_factory=list)
    _folded: list[tuple[str, str]] = field(default_factory=list)
    _integers: dict[int, str] = field(default_factory=dict)
    _words: list[tuple[str, str]] = field(
        default_factory=list
    )  # variants that are no numbers: those stand alone or not
    _at_once: Any = None

    def __post_init__(self) -> None:
        seen: set[bytes] = set()
        numbers: set[tuple[str, str]] = set()
        folded: set[tuple[str, str]] = set()
        for label, variants in self.wanted.items():
            for variant in variants:
                for encoded in _encoded(variant):
                    if encoded not in seen:
                        seen.add(encoded)
                        self._bytes.append((encoded, label))
                digits = _digits(variant)
                if digits and len(digits) >= FEWEST_DIGITS:
                    numbers.add((digits.removeprefix(COUNTRY) if digits.startswith(COUNTRY) else digits[1:], label))
                    self._integers[int(digits)] = label
                elif len(plain := folded_text(variant)) >= FEWEST_FOLDED:
                    folded.add((plain, label))
        self._numbers = [(rest, _number(rest), label) for rest, label in sorted(numbers)]
        self._folded = sorted(folded)
        self._words = [(variant, label) for variant, label in self.variants if not _is_number(variant)]
        self._at_once = _together([*(encoded for encoded, _ in self._bytes), CANARY])

    def in_bytes(self, data: bytes) -> set[str]:
        """Labels whose value stands somewhere in these bytes."""
        found = self._at_once.Match(data + CANARY)
        if found is None or len(self._bytes) not in found:  # it gave up, which it does not say: one by one, then
            return {label for encoded, label in self._bytes if encoded in data}
        return {self._bytes[index][1] for index in found if index < len(self._bytes)}

    def in_text(self, text: str) -> set[str]:
        """Labels whose value stands in this text: as written, made plain, or wrapped. Join fields by FIELD_END."""
        found = self._in_plain(text)
        inner = FIELD_END.join(unwrapped(text))
        return found | self._in_plain(inner) if inner else found

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

    def _in_plain(self, text: str) -> set[str]:
        found = {label for variant, label in self._words if variant in text}
        plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
        if self._numbers and any(character.isdecimal() or character in "〇一" for character in plain):
            for form in dict.fromkeys((plain, plain.translate(KANJI_DIGITS))):
                bare = form.translate(GONE)  # far quicker, and says too much: a hit is made sure of
                found |= {label for rest, number, label in self._numbers if rest in bare and number.search(form)}
        if self._folded:
            form = _fold(plain)
            found |= {label for value, label in self._folded if value in form}
        return found


def _together(wanted: list[bytes]) -> Any:
    """All of them looked for in one pass."""
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1  # bytes as they are
    options.literal = True
    options.max_mem = MOST_MEMORY
    found = re2.Set.SearchSet(options)
    for one in wanted:
        found.Add(one)
    found.Compile()
    return found


def folded_text(text: str) -> str:
    """NFKC, katakana, small letters, no spaces."""
    return _fold(unicodedata.normalize("NFKC", text))


def _fold(plain: str) -> str:
    return plain.translate(SPACES).translate(KATAKANA).lower()


def _digits(variant: str) -> str:
    plain = re.sub(BETWEEN, "", unicodedata.normalize("NFKC", variant)).removeprefix("+")
    return plain if plain.isascii() and plain.isdigit() else ""


def _is_number(variant: str) -> bool:
    return len(_digits(variant)) >= FEWEST_DIGITS


def _number(rest: str) -> re.Pattern[str]:
    """A number without its leading zero, however it is grouped and with or without its country."""
    spread = BETWEEN.join(rest)
    return re.compile(rf"(?<![0-9])(?:(?:\+?{COUNTRY}{BETWEEN}(?:\(?0\)?{BETWEEN})?)|0{BETWEEN})?{spread}(?![0-9])")


def _encoded(variant: str) -> Iterator[bytes]:
    for encoding in ENCODINGS:
        try:
            encoded = variant.encode(encoding)
        except UnicodeEncodeError:
            continue
        for shift in ISO_SHIFTS:
            encoded = encoded.removeprefix(shift).removesuffix(shift)
        yield encoded
    if len(whole := variant.encode()) >= FEWEST_BYTES or (variant.isdecimal() and len(variant) >= FEWEST_DIGITS):
        yield from _in_base64(whole)


def _in_base64(value: bytes) -> Iterator[bytes]:
    """What of it stands in base64 wherever it begins: the signs at both ends hold bits of its neighbours."""
    for before in range(3):
        signs = base64.b64encode(b"\0" * before + value)
        first = (0, 2, 3)[before]
        last = len(signs) - (0, 3, 2)[(before + len(value)) % 3]
        yield signs[first:last]
