"""What is worth keeping of a column's values without keeping any: how many of them each form fits.

Judging a column needs these counts and its name, so a changed judgement can be passed on what was counted before.
"""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sekisho.engine.scanning.folding import fold
from sekisho.engine.scanning.recogniser import Grade, Recogniser, Words
from sekisho.engine.scanning.recognisers import RECOGNISERS, call_record
from sekisho.engine.scanning.text import scan_many

WHOLE_TABLE = call_record.RECOGNISER.type  # judged over the table, in `tables.py`
COVERS = 0.6  # of the value: an address may have its postal code before it, a name its 様
TEXTS_READ = 200  # values of a column searched as free text


@dataclass(frozen=True, slots=True)
class Fit:
    """How many distinct values have the form, and how many of those a rule confirms."""

    matched: int
    confirmed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """A kind that stands inside longer values: in how many, and the best of it."""

    matched: int
    score: float
    why: Words
    label: Words
    grade: Grade


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """Counts over the distinct values of a column. Forms that fit nothing are left out."""

    distinct: int
    fits: Mapping[str, Fit]
    texts: int
    inside: Mapping[str, Inside]
    instants: int  # values that are a day with a time


NOTHING = Measures(distinct=0, fits={}, texts=0, inside={}, instants=0)


def measure(values: Sequence[str], *, own_numbers: Collection[str] = ()) -> Measures:
    """Count a sample of a column."""
    distinct = list(dict.fromkeys(value.strip() for value in values if value.strip()))
    folded = [fold(value).text.strip() for value in distinct]
    fits = {one.type: fit for one in RECOGNISERS if one.type != WHOLE_TABLE and (fit := _fit(one, folded)).matched}
    return Measures(
        distinct=len(distinct),
        fits=fits,
        texts=min(len(distinct), TEXTS_READ),
        inside=_inside(distinct[:TEXTS_READ], own_numbers),
        instants=sum(call_record.INSTANT.match(value) is not None for value in distinct),
    )


def _fit(recogniser: Recogniser, texts: Sequence[str]) -> Fit:
    matched = confirmed = 0
    for text in texts:
        valid = next((one.valid for one in recogniser.find(text) if one.end - one.start >= COVERS * len(text)), False)
        matched += valid is not False or _fills(recogniser.fills, text)
        confirmed += valid is True
    return Fit(matched, confirmed)


def _fills(form: re.Pattern[str] | None, text: str) -> bool:
    return form is not None and form.fullmatch(text) is not None


def _inside(values: Sequence[str], own_numbers: Collection[str]) -> dict[str, Inside]:
    counts: Counter[str] = Counter()
    best: dict[str, Inside] = {}
    for value, told in zip(values, scan_many(values, own_numbers=own_numbers), strict=True):
        found = [one for one in told if one.end - one.start < len(value)]
        counts.update({one.type for one in found})
        for one in found:
            if one.type not in best or one.score > best[one.type].score:
                best[one.type] = Inside(matched=0, score=one.score, why=one.why, label=one.label, grade=one.grade)
    return {
        type_: Inside(matched=counts[type_], score=one.score, why=one.why, label=one.label, grade=one.grade)
        for type_, one in best.items()
    }
