"""Recognise driving licence numbers (運転免許証番号): 12 digits, the 11th a check digit, the last the count of reissues.

The formula is not official; several sources agree on it. Source: LAW.md 6.
"""

import re

from sekisho.engine.scanning.check_digits import only_digits
from sekisho.engine.scanning.recogniser import ALONE, ENDS, GAP, SERIALS, SEVEN, Grade, Recogniser, Words, by_pattern

COMMISSIONS = frozenset(  # the first two digits: the public safety commission
    {*range(10, 15), *range(20, 26), 30, *range(40, 56), *range(60, 66), *range(70, 75), *range(80, 84), *range(90, 98)}
)
WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)


def validate(text: str) -> bool:
    """Whether the commission exists and the check digit fits."""
    digits = [int(char) for char in only_digits(text)]
    rest = sum(digit * weight for digit, weight in zip(digits, WEIGHTS, strict=False)) % 11
    return digits[0] * 10 + digits[1] in COMMISSIONS and digits[10] == (11 - rest) % 10


RECOGNISER = Recogniser(
    type="drivers_licence",
    label=Words("運転免許証番号", "driving licence number"),
    form=Words("12桁の数字", "12 digits"),
    rule=Words("公安委員会の番号があり、検査数字が合う", "its commission exists and the check digit fits"),
    grade=Grade.SENSITIVE,
    find=by_pattern(re.compile(rf"{ALONE}\d{{4}}{GAP}\d{{4}}{GAP}\d{{4}}{ENDS}", re.ASCII), validate),
    near=("運転免許", "免許証", "免許番号", "licence", "driver"),
    against=(*SERIALS, "個人番号", "マイナンバー"),
    headers=(
        "licence_no",
        "license_no",
        "drivers_licence",
        "driver_license",
        "licence_number",
        "運転免許証番号",
        "免許証番号",
    ),
    trigger=SEVEN,
)
