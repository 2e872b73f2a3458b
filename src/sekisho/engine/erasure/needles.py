"""What to look for when somebody must be gone: every way their identifiers, names and addresses are written.

A mention is found in folded text (NFKC, kana widths, spaces and hyphens gone, kanji digits read) and given back as a
span of the text as it stands. Source: LAW.md section 6.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

DIGIT_KINDS = frozenset({"number", "phone"})
BLANKED = "■"
HYPHENS = frozenset("-‐‑‒–—―−ー─━ｰ﹣－~〜・.()（） 　\t")
KANJI_DIGITS = dict(zip("〇零一二三四五六七八九", "00123456789", strict=True))
JAPAN = "81"
PLUS = "+＋"
SHORTEST_PHONE = 9
MOBILE_DIGITS = 11
BUNDLE = 500  # texts looked at together
BETWEEN = "\x1f"  # no folding drops it, so nothing is found across two texts


class NeedleKind(StrEnum):
    """How a needle is folded before it is looked for."""

    PHONE = "phone"
    CODE = "code"  # a customer number and the like: letters and digits
    NAME = "name"
    MAIL = "mail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Needle:
    """One value that must be gone. `since` and `until` bound when it was this person's; None = open."""

    kind: NeedleKind
    value: str
    since: datetime | None = None
    until: datetime | None = None
    shared: bool = False  # somebody else bears or held it too: a number used again, a name of two people

    @property
    def is_name(self) -> bool:
        """Whether it is a name or its reading."""
        return self.kind is NeedleKind.NAME


@dataclass(frozen=True, slots=True)
class Mention:
    """A needle in a text: characters from `start` to before `end`."""

    needle: int
    start: int
    end: int


def kind_of_identifier(kind: str) -> NeedleKind:
    """How an identifier of the identities register is folded."""
    return NeedleKind.PHONE if kind in DIGIT_KINDS else NeedleKind.MAIL if kind == "mail" else NeedleKind.CODE


def variants(needle: Needle) -> tuple[str, ...]:
    """The ways the value is literally written, for a reader that compares bytes."""
    found: dict[str, None] = {needle.value: None}
    match needle.kind:
        case NeedleKind.PHONE:
            for form in _phone_forms(_digits(needle.value)):
                found |= {form: None, _wide(form): None}
        case NeedleKind.NAME:
            parts = unicodedata.normalize("NFKC", needle.value).split()
            for gap in ("", " ", "\u3000"):
                found |= {gap.join(parts): None}
            found |= {_hiragana(form): None for form in tuple(found)} | {
                _half_kana(form): None for form in tuple(found)
            }
        case NeedleKind.CODE | NeedleKind.MAIL:
            narrow = unicodedata.normalize("NFKC", needle.value)
            found |= {narrow: None, narrow.lower(): None, _wide(narrow): None}
    return tuple(found)


class Finder:
    """Looks for many needles in many texts: a quick look over a whole bundle first, for most texts hold none."""

    def __init__(self, needles: Iterable[Needle]) -> None:
        self.needles = tuple(needles)
        self._values = [_folded_values(needle) for needle in self.needles]
        self._quick: dict[NeedleKind, re.Pattern[str]] = {}
        for kind in NeedleKind:
            wanted = {
                value
                for needle, values in zip(self.needles, self._values, strict=True)
                if needle.kind is kind
                for value in values
            }
            if wanted:
                self._quick[kind] = re.compile("|".join(map(re.escape, sorted(wanted))))

    def texts_with(self, texts: Sequence[str | None]) -> Iterator[int]:
        """Which of the texts may hold a needle, by index: `mentions` says whether they do."""
        for start in range(0, len(texts), BUNDLE):
            bundle = [text or "" for text in texts[start : start + BUNDLE]]
            if self._may_hold(BETWEEN.join(bundle)):
                yield from (start + index for index, text in enumerate(bundle) if text and self._may_hold(text))

    def mentions(self, text: str) -> tuple[Mention, ...]:
        """Where the needles stand in a text, however they are written there; never overlapping, in order."""
        if not self._may_hold(text):
            return ()
        folded = {kind: _fold(text, kind) for kind in self._quick}
        found: list[Mention] = []
        for index, needle in enumerate(self.needles):
            characters, places = folded.get(needle.kind, ([], []))
            for wanted in self._values[index]:
                found.extend(
                    Mention(index, start, end) for start, end in _occurrences(characters, places, wanted, needle.kind)
                )
        found = [_with_plus(text, mention) for mention in found]
        found.sort(key=lambda mention: (mention.start, -mention.end))
        apart: list[Mention] = []
        for mention in found:
            if not apart or mention.start >= apart[-1].end:
                apart.append(mention)
        return tuple(apart)

    def _may_hold(self, text: str) -> bool:
        plain = unicodedata.normalize("NFKC", text)
        for kind, wanted in self._quick.items():
            quick = plain.translate(QUICK[kind])
            if wanted.search(quick.lower() if kind in {NeedleKind.CODE, NeedleKind.MAIL} else quick):
                return True
        return False


def mentions(text: str, needles: Iterable[Needle]) -> tuple[Mention, ...]:
    """`Finder.mentions` for one text."""
    return Finder(needles).mentions(text)


def without(text: str, spans: Iterable[Mention]) -> str:
    """The text with these mentions blanked out: one mark for each, whatever the length, so that nothing is told."""
    pieces, last = [], 0
    for span in sorted(spans, key=lambda mention: mention.start):
        pieces += [text[last : span.start], BLANKED * 3]
        last = span.end
    return "".join([*pieces, text[last:]])


def _phone_forms(digits: str) -> Iterator[str]:
    """The usual ways only: a reader folds what it can decode, this is for bytes it can't."""
    rest = digits.removeprefix("0")
    grouped = (digits[:3], digits[3:7], digits[7:]) if len(digits) == MOBILE_DIGITS else (digits,)
    yield digits
    yield f"+{JAPAN}{rest}"
    yield f"{JAPAN}{rest}"
    yield "-".join(grouped)
    yield " ".join(grouped)
    yield f"+{JAPAN}-{'-'.join(grouped).removeprefix('0')}"
    yield f"+{JAPAN} {' '.join(grouped).removeprefix('0')}"


def _folded_values(needle: Needle) -> tuple[str, ...]:
    folded = "".join(_fold(needle.value, needle.kind)[0])
    if needle.kind is not NeedleKind.PHONE:
        return (folded,) if folded else ()
    digits = _digits(needle.value)
    if len(digits) < SHORTEST_PHONE:
        return ()
    rest = digits[1:] if digits.startswith("0") else digits.removeprefix(JAPAN)
    return (f"0{rest}", f"{JAPAN}{rest}", f"{JAPAN}0{rest}")


def _occurrences(
    characters: list[str], places: list[tuple[int, int]], wanted: str, kind: NeedleKind
) -> Iterator[tuple[int, int]]:
    folded = "".join(characters)
    start = folded.find(wanted)
    while start >= 0:
        end = start + len(wanted)
        if _stands_alone(folded, start, end, kind):
            yield places[start][0], places[end - 1][1]
        start = folded.find(wanted, start + 1)


def _with_plus(text: str, mention: Mention) -> Mention:
    """The sign of a country code belongs to the number."""
    has_plus = mention.start > 0 and text[mention.start - 1] in PLUS and text[mention.start].isdecimal()
    return Mention(mention.needle, mention.start - 1, mention.end) if has_plus else mention


def _stands_alone(folded: str, start: int, end: int, kind: NeedleKind) -> bool:
    """A number inside a longer number is another number; the same for codes and mail addresses."""
    if kind is NeedleKind.NAME:
        return True
    before, after = folded[start - 1 : start], folded[end : end + 1]
    word = str.isdigit if kind is NeedleKind.PHONE else _in_word
    return not (before and word(before)) and not (after and word(after))


def _in_word(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character in "_@")


def _fold(text: str, kind: NeedleKind) -> tuple[list[str], list[tuple[int, int]]]:
    """Folded characters, each with the span of `text` it came from."""
    characters: list[str] = []
    places: list[tuple[int, int]] = []
    for start, end, piece in _pieces(text):
        for character in piece:
            folded = _folded_character(character, kind)
            if folded:
                characters.append(folded)
                places.append((start, end))
    return characters, places


def _pieces(text: str) -> Iterator[tuple[int, int, str]]:
    """NFKC by clusters, so that a half-width kana joins its voicing mark and still knows where it stood."""
    start = 0
    while start < len(text):
        end = start + 1
        while end < len(text) and (unicodedata.combining(text[end]) or text[end] in "ﾞﾟ"):
            end += 1
        yield start, end, unicodedata.normalize("NFKC", text[start:end])
        start = end


def _folded_character(character: str, kind: NeedleKind) -> str:
    match kind:
        case NeedleKind.PHONE:
            # Anything else stays as a wall, so that digits of two sentences never join into a number.
            return "" if character in HYPHENS or character == "+" else KANJI_DIGITS.get(character, character)
        case NeedleKind.NAME:
            return "" if character.isspace() else _katakana(character)
        case NeedleKind.CODE:
            return "" if character in HYPHENS else character.lower()
        case NeedleKind.MAIL:
            return "" if character.isspace() else character.lower()


def _digits(value: str) -> str:
    digits = "".join(character for character in unicodedata.normalize("NFKC", value) if character.isdecimal())
    is_abroad = unicodedata.normalize("NFKC", value).lstrip().startswith(f"+{JAPAN}")
    return f"0{digits.removeprefix(JAPAN).lstrip('0')}" if is_abroad else digits


def _wide(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def _katakana(character: str) -> str:
    return chr(ord(character) + 0x60) if "ぁ" <= character <= "ゖ" else character


def _hiragana(text: str) -> str:
    return "".join(chr(ord(c) - 0x60) if "ァ" <= c <= "ヶ" else c for c in text)


HALF_KANA = {unicodedata.normalize("NFKC", chr(code)): chr(code) for code in range(0xFF66, 0xFF9E)} | {
    unicodedata.normalize("NFKC", chr(code) + mark): chr(code) + mark
    for code in range(0xFF66, 0xFF9E)
    for mark in "ﾞﾟ"
    if len(unicodedata.normalize("NFKC", chr(code) + mark)) == 1
}


DROP_GAPS: dict[int, int | str | None] = {ord(c): None for c in (*HYPHENS, "+")}
DROP_SPACES: dict[int, int | str | None] = {ord(c): None for c in " \t\n\r\u3000\xa0"}
QUICK: dict[NeedleKind, dict[int, int | str | None]] = {
    NeedleKind.PHONE: DROP_GAPS | {ord(kanji): digit for kanji, digit in KANJI_DIGITS.items()},
    NeedleKind.CODE: {code: gone for code, gone in DROP_GAPS.items() if code != ord("+")},
    NeedleKind.MAIL: DROP_SPACES,
    NeedleKind.NAME: DROP_SPACES | {code: code + 0x60 for code in range(ord("ぁ"), ord("ゖ") + 1)},
}


def _half_kana(text: str) -> str:
    return "".join(HALF_KANA.get(c, c) for c in text)
