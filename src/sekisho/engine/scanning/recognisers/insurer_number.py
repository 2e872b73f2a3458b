"""Recognise health insurers' numbers (保険者番号) of 8 digits: law, prefecture, insurer, check digit. Source: LAW.md 6."""

import re

from sekisho.engine.scanning.check_digits import luhn
from sekisho.engine.scanning.recogniser import ALONE, ENDS, SEVEN, Grade, Recogniser, Words, by_pattern

LAWS = frozenset({"01", "02", "03", "04", "06", "07", "31", "32", "33", "34", "39", "63", "67", "72", "73", "74", "75"})


def validate(text: str) -> bool:
    """Whether the law exists and the check digit fits."""
    return text[:2] in LAWS and luhn(text)


RECOGNISER = Recogniser(
    type="insurer_number",
    label=Words("保険者番号", "health insurer's number"),
    form=Words("8桁の数字", "8 digits"),
    rule=Words("法別番号があり、検証番号が合う", "its law exists and the check digit fits"),
    grade=Grade.SENSITIVE,
    find=by_pattern(re.compile(rf"{ALONE}\d{{8}}{ENDS}", re.ASCII), validate),
    near=("保険者番号", "保険証", "健康保険", "資格確認書", "insurer"),
    headers=("insurer_number", "insurer_no", "保険者番号"),
    trigger=SEVEN,
)
