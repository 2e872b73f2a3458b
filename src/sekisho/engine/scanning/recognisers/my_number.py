"""Recognise My Number (個人番号): 12 digits, the last a check digit. Source: 番号法施行規則の検査用数字の式; LAW.md 6."""

import re

from sekisho.engine.scanning.check_digits import only_digits, resident_digit
from sekisho.engine.scanning.recogniser import ALONE, ENDS, GAP, SERIALS, SEVEN, Grade, Recogniser, Words, by_pattern


def validate(text: str) -> bool:
    """Whether the check digit fits. 000000000000 would, and is nobody's."""
    digits = only_digits(text)
    return resident_digit(digits[:-1]) == int(digits[-1]) and set(digits) != {"0"}


RECOGNISER = Recogniser(
    type="my_number",
    label=Words("個人番号(マイナンバー)", "My Number"),
    form=Words("12桁の数字", "12 digits"),
    rule=Words("個人番号の検査用数字が合う", "the check digit of My Number fits"),
    grade=Grade.BLOCKED,
    find=by_pattern(re.compile(rf"{ALONE}\d{{4}}{GAP}\d{{4}}{GAP}\d{{4}}{ENDS}", re.ASCII), validate),
    near=("個人番号", "マイナンバー", "my number", "mynumber", "通知カード"),
    against=SERIALS,
    headers=("my_number", "mynumber", "個人番号", "マイナンバー"),
    trigger=SEVEN,
)
