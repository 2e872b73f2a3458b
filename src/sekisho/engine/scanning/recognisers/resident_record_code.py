"""Recognise resident record codes (住民票コード): 11 digits, the last a check digit. Mobile numbers look the same.

Source: LAW.md 6, where the formula is marked for checking: it must not be told apart from others without a word near.
"""

import re

from sekisho.engine.scanning.check_digits import only_digits, resident_digit
from sekisho.engine.scanning.recogniser import ALONE, ENDS, GAP, SEVEN, Grade, Recogniser, Words, by_pattern


def validate(text: str) -> bool:
    """Whether the check digit fits."""
    digits = only_digits(text)
    return resident_digit(digits[:-1]) == int(digits[-1]) and set(digits) != {"0"}


RECOGNISER = Recogniser(
    type="resident_record_code",
    label=Words("住民票コード", "resident record code"),
    form=Words("11桁の数字", "11 digits"),
    rule=Words("検査数字が合う", "the check digit fits"),
    grade=Grade.BLOCKED,
    find=by_pattern(re.compile(rf"{ALONE}\d{{4}}{GAP}\d{{4}}{GAP}\d{{3}}{ENDS}", re.ASCII), validate),
    near=("住民票コード", "住民票", "jumin", "resident record code"),
    headers=("resident_record_code", "juminhyo_code", "住民票コード"),
    is_common=True,
    trigger=SEVEN,
)
