"""Recognise ICCID, the number of a Japanese SIM card: 89 81, 19 or 20 digits, the last by Luhn. Source: LAW.md 6; ITU-T E.118."""

import re

from sekisho.engine.scanning.check_digits import luhn, only_digits
from sekisho.engine.scanning.recogniser import ALONE, ENDS, GAP, SEVEN, Grade, Recogniser, Words, by_pattern


def validate(text: str) -> bool:
    """Whether the check digit fits."""
    return luhn(only_digits(text))


RECOGNISER = Recogniser(
    type="iccid",
    label=Words("SIMカードの番号(ICCID)", "ICCID"),
    form=Words("8981で始まる19〜20桁の数字", "19 or 20 digits from 8981"),
    rule=Words("検査数字が合う", "the check digit fits"),
    grade=Grade.PERSONAL,
    find=by_pattern(re.compile(rf"{ALONE}8981(?:{GAP}\d){{15,16}}{ENDS}", re.ASCII), validate),
    near=("iccid", "sim", "シム", "uim"),
    headers=("iccid", "sim_no", "sim_number", "sim番号"),
    trigger=SEVEN,
)
