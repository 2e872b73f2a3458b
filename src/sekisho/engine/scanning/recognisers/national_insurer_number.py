"""Recognise insurers' numbers of the national health insurance (国民健康保険): 6 digits with a check digit.

One six-digit number in twenty passes by chance, so a word must stand near. Source: LAW.md 6.
"""

import re

from sekisho.engine.scanning.check_digits import is_prefecture, luhn
from sekisho.engine.scanning.recogniser import ALONE, ENDS, FIVE, Grade, Recogniser, Words, by_pattern


def validate(text: str) -> bool:
    """Whether the prefecture exists and the check digit fits."""
    return is_prefecture(text[:2]) and luhn(text)


RECOGNISER = Recogniser(
    type="national_insurer_number",
    label=Words("国民健康保険の保険者番号", "national health insurer's number"),
    form=Words("6桁の数字", "6 digits"),
    rule=Words("都道府県番号があり、検証番号が合う", "its prefecture exists and the check digit fits"),
    grade=Grade.SENSITIVE,
    find=by_pattern(re.compile(rf"{ALONE}\d{{6}}{ENDS}", re.ASCII), validate),
    near=("保険者番号", "国民健康保険", "国保", "insurer"),
    headers=("insurer_number", "insurer_no", "保険者番号"),
    is_common=True,
    trigger=FIVE,
)
