"""Recognise basic pension numbers (基礎年金番号): ten digits written 4-6. No public check. Source: LAW.md 6."""

import re

from sekisho.engine.scanning.recogniser import ALONE, ENDS, GAP, SEVEN, Grade, Recogniser, Words, by_pattern

RECOGNISER = Recogniser(
    type="pension_number",
    label=Words("基礎年金番号", "basic pension number"),
    form=Words("4桁-6桁の数字", "digits written 4-6"),
    grade=Grade.SENSITIVE,
    find=by_pattern(re.compile(rf"{ALONE}\d{{4}}{GAP}\d{{6}}{ENDS}", re.ASCII)),
    near=("基礎年金", "年金番号", "年金手帳", "ネンキン", "nenkin", "pension"),
    headers=("pension_number", "pension_no", "基礎年金番号", "年金番号"),
    is_common=True,
    trigger=SEVEN,
)
