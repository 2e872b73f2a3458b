"""What a column holds, by its name, by the share of its values that fit, and by their check digits.

One number in ten passes a check digit by chance; most of a column doesn't. Without values (schema only) the name speaks alone.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sekisho.engine.japanese.folding import fold_width
from sekisho.engine.scanning.measures import NOTHING, WHOLE_TABLE, Fit, Inside, Measures, measure
from sekisho.engine.scanning.recogniser import Grade, Recogniser, Words
from sekisho.engine.scanning.recognisers import RECOGNISERS
from sekisho.engine.scanning.weighing import CHECKED, CHECKED_AND_NEAR, FORM_AND_NEAR, THRESHOLD

NAME_ALONE = THRESHOLD
MOST, HALF, ALL = 0.6, 0.5, 0.95  # shares of the distinct values
FEW, MANY = 3, 20  # distinct values: fewer than FEW prove nothing by their check digits, MANY alike prove a form
NAMES = frozenset({"person_name", "kana_name"})  # a column that is one of them is not searched for the other
NONE = Fit(0, 0)
TOO_GENERAL = frozenset({"name", "number", "kana", "ip", "tel", "pan", "card_no"})  # not as the end of a longer name


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnFinding:
    """A kind of personal information in a column. `matched` of the `sampled` distinct values fit; 0 of 0 without values."""

    type: str
    label: Words
    grade: Grade
    score: float
    why: Words
    sampled: int = 0
    matched: int = 0
    is_inside: bool = False  # it stands inside longer values, as in memos


def judge(
    name: str, values: Sequence[str] | None, *, threshold: float = THRESHOLD, own_numbers: Collection[str] = ()
) -> tuple[ColumnFinding, ...]:
    """What the column holds, the surest first. `values` None: its name is all that is known."""
    return conclude(name, NOTHING if values is None else measure(values, own_numbers=own_numbers), threshold=threshold)


def conclude(name: str, seen: Measures, *, threshold: float = THRESHOLD) -> tuple[ColumnFinding, ...]:
    """The same from what was counted of its values."""
    header = plain_name(name)
    found = [one for recogniser in RECOGNISERS if (one := _judged(recogniser, header, seen))]
    if any(one.score > NAME_ALONE for one in found):
        found = [one for one in found if one.score > NAME_ALONE]
    known = {one.type for one in found}
    known |= NAMES if known & NAMES else frozenset()
    found += [_told(type_, inside, seen.texts) for type_, inside in seen.inside.items() if type_ not in known]
    return tuple(sorted((one for one in found if one.score >= threshold), key=lambda one: (-one.score, -one.grade)))


def plain_name(name: str) -> str:
    """The column's name folded: width, lower case, words joined by `_`."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", fold_width(name).strip())
    return re.sub(r"[\s\-.]+", "_", split).lower()


def is_named(recogniser: Recogniser, header: str) -> bool:
    """Whether columns of this (plain) name hold the recogniser's kind."""
    return any(
        header == one
        or (one.isascii() and one not in TOO_GENERAL and header.endswith(f"_{one}"))
        or (not one.isascii() and len(one) > 1 and one in header)
        for one in recogniser.headers
    )


def _judged(recogniser: Recogniser, header: str, seen: Measures) -> ColumnFinding | None:
    if recogniser.type == WHOLE_TABLE:
        return None
    named = is_named(recogniser, header)
    if recogniser.is_common and not named:
        return None
    fit, count = seen.fits.get(recogniser.type, NONE), seen.distinct
    score = _score(header, named=named, count=count, matched=fit.matched, confirmed=fit.confirmed)
    if score is None:
        return None
    return ColumnFinding(
        type=recogniser.type,
        label=recogniser.label,
        grade=recogniser.grade,
        score=score,
        why=_why(recogniser, named=named, count=count, matched=fit.matched, confirmed=fit.confirmed),
        sampled=count,
        matched=fit.matched,
    )


def _score(header: str, *, named: bool, count: int, matched: int, confirmed: int) -> float | None:
    if count and confirmed >= MOST * count and (named or count >= FEW):
        return CHECKED_AND_NEAR if named else CHECKED
    if count and named and matched >= HALF * count:
        return FORM_AND_NEAR
    if named and (not count or header not in TOO_GENERAL):
        return NAME_ALONE
    if count >= MANY and matched >= ALL * count:
        return FORM_AND_NEAR
    return None


def _why(recogniser: Recogniser, *, named: bool, count: int, matched: int, confirmed: int) -> Words:
    ja, en = [], []
    if named:
        ja.append(f"列名が{recogniser.label.ja}を指す")
        en.append(f"the column's name says {recogniser.label.en}")
    if count:
        ja.append(f"異なる{count}件の値のうち{matched}件が{recogniser.form.ja}")
        en.append(f"{matched} of {count} distinct values: {recogniser.form.en}")
    else:
        ja.append("値は見ていない")
        en.append("no value was looked at")
    if confirmed and recogniser.rule:
        ja.append(f"{confirmed}件で{recogniser.rule.ja}")
        en.append(f"in {confirmed} {recogniser.rule.en}")
    return Words("。".join(ja) + "。", "; ".join(en))


def _told(type_: str, inside: Inside, texts: int) -> ColumnFinding:
    return ColumnFinding(
        type=type_,
        label=inside.label,
        grade=inside.grade,
        score=inside.score,
        why=Words(
            f"文章{texts}件のうち{inside.matched}件の中にある。{inside.why.ja}",
            f"inside {inside.matched} of {texts} texts; {inside.why.en}",
        ),
        sampled=texts,
        matched=inside.matched,
        is_inside=True,
    )
