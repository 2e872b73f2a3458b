"""Recognise card numbers (クレジットカード番号): the brands' first digits and lengths, Luhn. Source: LAW.md 6; ISO/IEC 7812-1."""

import re

from sekisho.engine.scanning.check_digits import luhn, only_digits
from sekisho.engine.scanning.recogniser import ALONE, ENDS, GAP, SERIALS, SEVEN, Grade, Recogniser, Words, by_pattern

BRANDS = re.compile(
    r"4\d{15}|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}"  # Visa, Mastercard
    r"|35(?:2[89]|[3-8]\d)\d{12}|3[47]\d{13}|3(?:0\d|[689]\d)\d{11}",  # JCB, American Express, Diners
    re.ASCII,
)


def validate(text: str) -> bool:
    """Whether a brand has such numbers and the check digit fits."""
    digits = only_digits(text)
    return BRANDS.fullmatch(digits) is not None and luhn(digits)


RECOGNISER = Recogniser(
    type="credit_card",
    label=Words("クレジットカード番号", "card number"),
    form=Words("14〜16桁の数字", "14 to 16 digits"),
    rule=Words("カード会社の番号帯にあり、検査数字が合う", "it lies in a brand's range and the check digit fits"),
    grade=Grade.SENSITIVE,
    find=by_pattern(
        re.compile(
            rf"{ALONE}(?:\d{{4}}{GAP}\d{{4}}{GAP}\d{{4}}{GAP}\d{{4}}|\d{{4}}{GAP}\d{{6}}{GAP}\d{{4,5}}){ENDS}", re.ASCII
        ),
        validate,
    ),
    near=("カード", "クレジット", "クレカ", "visa", "mastercard", "jcb", "amex", "card"),
    against=SERIALS,
    headers=("card_number", "card_no", "credit_card", "pan", "カード番号", "クレジットカード番号"),
    trigger=SEVEN,
)
