"""Recognise accounts of Japan Post Bank (ゆうちょ銀行の記号・番号), and say how they are written as a bank account.

Savings have a symbol that starts with 1 and a number that ends in 1; transfer accounts start with 0. Source: LAW.md 6.
"""

import re

from sekisho.engine.scanning.recogniser import ALONE, ENDS, FIVE, Grade, Recogniser, Words, by_pattern

FORM = re.compile(
    rf"{ALONE}(?P<value>(?P<symbol>[01]\d{{4}})(?:-\d-|\)? ?(?:[-/・、,]|(?:通帳)?番号|バンゴウ|[:の])(?: ?(?:通帳)?番号)? ?[:の]? ?)(?P<number>\d{{2,8}})){ENDS}",
    re.ASCII,
)
SAVINGS = "1"


def validate(text: str) -> bool | None:
    """False for savings whose number doesn't end in 1; nothing else is public."""
    return False if text.startswith(SAVINGS) and not text.endswith("1") else None


def as_bank_account(symbol: str, number: str) -> str:
    """Bank, branch and account for a transfer from another bank."""
    if symbol.startswith(SAVINGS):
        return f"9900-{symbol[1:3]}8-{number[:-1].zfill(7)}"
    return f"9900-{symbol[1:3]}9-{number.zfill(7)}"


RECOGNISER = Recogniser(
    type="yucho_account",
    label=Words("ゆうちょ銀行の記号・番号", "Japan Post Bank account"),
    form=Words("5桁の記号と8桁までの番号", "a symbol of 5 digits and a number of up to 8"),
    grade=Grade.SENSITIVE,
    find=by_pattern(FORM, validate),
    near=("ゆうちょ", "yucho", "郵便貯金", "記号", "キゴウ", "通帳", "振替口座", "japan post"),
    headers=("yucho", "yucho_account", "ゆうちょ", "記号番号"),
    is_common=True,
    trigger=FIVE,
)
