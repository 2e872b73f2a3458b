"""Codes that a system or a register keeps instead of words: each said in words where somebody named it, else as a code.

Source: APPI 33(2) and its order (what is disclosed has to be understood by the person).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from sekisho.casework.subject_requests.rules.gathering import GatheredColumn, Value, gathering_words, words_of
from sekisho.engine.policy.model import Text

BETWEEN = "、"  # of the values of a list, as `gathering_leaving.typed` joins them
LIKE_A_CODE = re.compile(r"[a-z]{2,}(?:_[a-z]+)*|[A-Z]{2,}(?:_[A-Z]+)+")  # a word of a program, of no language


@dataclass(frozen=True, slots=True, kw_only=True)
class Coding:
    """How codes of a column are said. `items`: what it holds; a name or a mail address is never taken for a code."""

    labels: Mapping[str, Text] = field(default_factory=dict)
    items: tuple[str, ...] = ()
    many: bool = False
    is_code: bool = False  # else a value is a code if it is written like one
    is_free_text: bool = False


def coding_of(column: GatheredColumn) -> Coding:
    """How codes of a gathered column are said."""
    return Coding(
        labels=column.labels,
        items=column.items,
        many=column.many,
        is_code=column.is_code,
        is_free_text=column.is_free_text,
    )


def coded(value: Value, how: Coding) -> Text | None:
    """What a value means in words; None where it is no code. A code that nobody named stays readable and says what it is."""
    if isinstance(value, bool) or not isinstance(value, str | int) or how.is_free_text:
        return None
    pieces = str(value).split(BETWEEN) if how.many else [str(value)]
    if not how.is_code and not how.labels and not (isinstance(value, str) and _may_be_codes(pieces, how.items)):
        return None
    told = [_named(piece, how.labels) for piece in pieces if piece]
    return Text(BETWEEN.join(one.ja for one in told), ", ".join(one.en or one.ja for one in told)) if told else None


def _named(piece: str, labels: Mapping[str, Text]) -> Text:
    if piece in labels:
        return labels[piece]
    says = words_of("codes", "unnamed")
    return Text(says.ja.format(code=piece), says.en.format(code=piece))


def _may_be_codes(pieces: list[str], items: tuple[str, ...]) -> bool:
    never = set(gathering_words()["codes"]["never"])
    if any(item in never or item.partition(".")[2] in never for item in items):
        return False
    return all(LIKE_A_CODE.fullmatch(piece) for piece in pieces)
