"""Recognise IMEI, the number of a handset: 15 digits, the last by Luhn. IMEISV (16) has no check. Source: LAW.md 6; 3GPP TS 23.003."""

import re

from sekisho.engine.scanning.check_digits import luhn, only_digits
from sekisho.engine.scanning.recogniser import ALONE, ENDS, GAP, SERIALS, SEVEN, Grade, Recogniser, Words, by_pattern


def validate(text: str) -> bool:
    """Whether the check digit fits; no handset has the number zero."""
    digits = only_digits(text)
    return luhn(digits) and bool(digits.strip("0"))


RECOGNISER = Recogniser(
    type="imei",
    label=Words("端末識別番号(IMEI)", "IMEI"),
    form=Words("15桁の数字", "15 digits"),
    rule=Words("検査数字が合う", "the check digit fits"),
    grade=Grade.PERSONAL,
    find=by_pattern(
        re.compile(rf"(?:{ALONE}|(?<=IMEI)|(?<=imei))\d{{2}}{GAP}\d{{6}}{GAP}\d{{6}}{GAP}\d{ENDS}", re.ASCII), validate
    ),
    near=("imei", "アイエムイーアイ", "端末識別番号", "製造番号", "端末番号"),
    against=SERIALS,
    headers=("imei", "device_imei", "端末識別番号"),
    trigger=SEVEN,
)
