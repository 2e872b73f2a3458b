"""Recognise corporate numbers (法人番号), which are public and nobody's personal data: 13 digits, the first a check digit.

Source: 法人番号の指定等に関する省令の検査用数字の式; LAW.md 6. Also written with T before it (invoice registration).
"""

import re

from sekisho.engine.scanning.check_digits import only_digits
from sekisho.engine.scanning.recogniser import ENDS, SERIALS, SEVEN, Grade, Recogniser, Words, by_pattern


def validate(text: str) -> bool:
    """Whether the first digit fits the other twelve."""
    check, *body = (int(char) for char in only_digits(text))
    return check == 9 - sum(digit * (1 + place % 2) for place, digit in enumerate(reversed(body))) % 9


RECOGNISER = Recogniser(
    type="corporate_number",
    label=Words("法人番号", "corporate number"),
    form=Words("13桁の数字", "13 digits"),
    rule=Words("法人番号の検査用数字が合う", "the check digit of corporate numbers fits"),
    grade=Grade.NOT_PERSONAL,
    find=by_pattern(
        re.compile(rf"(?<![0-9A-SU-Za-z])(?<![0-9A-Za-z]T)(?<![0-9][-.])T?(?P<value>[1-9]\d{{12}}){ENDS}", re.ASCII),
        validate,
    ),
    near=("法人番号", "登録番号", "インボイス", "corporate number"),
    against=SERIALS,
    headers=("corporate_number", "corporate_no", "houjin_bangou", "法人番号"),
    trigger=SEVEN,
)
