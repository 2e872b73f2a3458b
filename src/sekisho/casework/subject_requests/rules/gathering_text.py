"""Where a text names somebody else: proposed for black, for a clerk to look at.

What is the person's own is never proposed, however it is written. Sources: APPI 33(2)1, LAW.md section 6.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sekisho.casework.subject_requests.rules.gathering import Closed, Value, gathering_words
from sekisho.casework.subject_requests.rules.gathering_own import Own
from sekisho.engine.erasure.needles import HYPHENS, KANJI_DIGITS, Finder
from sekisho.engine.scanning.recogniser import Grade
from sekisho.engine.scanning.text import scan

# As a number is written, in the plan or not: a recogniser asks whether it can exist, black asks whether somebody reads one.
AS_A_NUMBER = re.compile(r"(?<![0-9])(?:\+81|81|0)(?:[-() .]{0,2}[0-9]){8,12}(?![0-9])")
PLAIN = (
    {ord(sign): "-" for sign in HYPHENS if not sign.isspace() and sign not in ".()（）"}
    | {ord(kanji): digit for kanji, digit in KANJI_DIGITS.items()}
    | {code: chr(code - 0xFEE0) for code in (*range(0xFF10, 0xFF1A), ord("＋"), ord("（"), ord("）"))}
)
NUMBER, KNOWN, MAYBE, IMAGE, CLERK = "number", "known_person", "may_be_others", "image", "clerk"
TOO_LONG = Closed("too_long")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A place in a value, and why it may be somebody else's: a type of recogniser, or a key of `why` in gathering.toml."""

    start: int
    end: int
    why: str


def proposed(value: Value, own: Own, connected: Finder, *, is_free_text: bool, is_about_another: bool) -> list[Span]:
    """What of one value may be somebody else's."""
    if isinstance(value, bytes):
        return [Span(0, len(value), IMAGE)] if value else []
    if isinstance(value, Closed) or value is None:
        return []
    text = str(value)
    if is_about_another:
        return [] if own.is_part(text) else [Span(0, len(text), MAYBE)]
    if is_free_text:
        return in_text(text, own, connected)
    return [] if not text.strip() or own.is_part(text) else [Span(0, len(text), MAYBE)]


def in_text(text: str, own: Own, connected: Finder) -> list[Span]:
    """Other people's names, numbers, addresses and mails in a text; the longest where several lie over each other."""
    words = gathering_words()["scanning"]
    mine = list(own.spans(text))
    found = [
        Span(start, end, one.type)
        for one in scan(text, threshold=words["threshold"])
        if one.grade >= Grade.PERSONAL and one.type not in words["not_others"]
        for start, end in _less(one.start, one.end, mine)
    ]
    found += [
        Span(start, end, KNOWN) for one in connected.mentions(text) for start, end in _less(one.start, one.end, mine)
    ]
    found += [
        Span(start, end, NUMBER)
        for one in AS_A_NUMBER.finditer(text.translate(PLAIN))
        for start, end in _less(one.start(), one.end(), mine)
    ]
    theirs = [one for one in found if text[one.start : one.end].strip() and not own.is_part(text[one.start : one.end])]
    return _apart(theirs)


def _less(start: int, end: int, mine: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """A span without what in it is the person's own."""
    for since, until in mine:
        if until <= start or end <= since:
            continue
        if start < since:
            yield start, since
        start = max(start, until)
    if start < end:
        yield start, end


def _apart(spans: Iterable[Span]) -> list[Span]:
    kept: list[Span] = []
    for one in sorted(spans, key=lambda one: (one.start, -one.end, one.why)):
        if kept and one.start < kept[-1].end:
            if one.end > kept[-1].end:
                kept[-1] = Span(kept[-1].start, one.end, kept[-1].why)
            continue
        kept.append(one)
    return kept
