"""Recognise Japanese passport numbers (旅券番号): T or M, a letter, seven digits; in the machine-readable line a check digit follows.

Source: LAW.md 6; ICAO Doc 9303 part 3 for the check digit (weights 7, 3, 1; letters from 10).
"""

import re

from sekisho.engine.scanning.recogniser import SEVEN, Grade, Recogniser, Words, by_pattern

NUMBER = 9


def check_digit(number: str) -> int:
    """The digit after a number in the machine-readable line; `<` fills."""
    worth = (0 if char == "<" else int(char, 36) for char in number)
    return sum(value * (7, 3, 1)[place % 3] for place, value in enumerate(worth)) % 10


def validate(text: str) -> bool | None:
    """Whether the check digit fits, where the line has one; a number alone can't tell."""
    text = text.replace(" ", "")
    return None if len(text) == NUMBER else check_digit(text[:NUMBER]) == int(text[NUMBER])


RECOGNISER = Recogniser(
    type="passport",
    label=Words("旅券番号", "passport number"),
    form=Words("TまたはMで始まる英字2字と7桁の数字", "two letters, the first T or M, and 7 digits"),
    rule=Words("機械読取欄の検査数字が合う", "the check digit of the machine-readable line fits"),
    grade=Grade.SENSITIVE,
    find=by_pattern(
        re.compile(
            r"(?:(?<![0-9A-Za-z])|(?<=[Nn]o))(?P<value>[TM][A-Z] ?\d{7}(?:\d(?=JPN))?)(?=JPN|(?![0-9A-Za-z]))", re.ASCII
        ),
        validate,
    ),
    near=("旅券", "パスポート", "passport"),
    headers=("passport", "passport_no", "passport_number", "旅券番号", "パスポート番号"),
    trigger=SEVEN,
)
