"""Recognise numbers of residence cards and special permanent resident certificates (在留カード番号): AB12345678CD. Source: LAW.md 6."""

import re

from sekisho.engine.scanning.recogniser import SERIALS, SEVEN, Grade, Recogniser, Words, by_pattern

RECOGNISER = Recogniser(
    type="residence_card",
    label=Words("在留カード等の番号", "residence card number"),
    form=Words("英字2字、8桁の数字、英字2字", "two letters, 8 digits, two letters"),
    grade=Grade.SENSITIVE,
    alone=0.5,  # hardly anything else is written so
    find=by_pattern(re.compile(r"(?<![0-9A-Za-z])[A-Z]{2} ?\d{8} ?[A-Z]{2}(?![0-9A-Za-z])", re.ASCII)),
    near=("在留", "ザイリュウ", "zairyu", "特別永住者", "residence card"),
    against=SERIALS,
    headers=("residence_card", "residence_card_no", "zairyu_card", "在留カード番号", "特別永住者証明書番号"),
    trigger=SEVEN,
)
