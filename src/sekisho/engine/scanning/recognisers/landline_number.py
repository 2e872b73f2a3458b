"""Recognise landline numbers (固定電話番号): ten digits that the numbering plan knows as such; also +81.

Toll-free and charge-sharing numbers (0120, 0800, 0570) are companies' and stay out. Source: LAW.md 6; the plan as
`phonenumbers` holds it.
"""

import re

import phonenumbers

from sekisho.engine.scanning.recogniser import AFTER_TEL, ENDS, SERIALS, SEVEN, Grade, Recogniser, Words, by_pattern

AREA = r"(?:[1-4]\d{0,3}|[5-9](?:[1-9]\d{0,2})?)"  # 050 to 090 are no landlines: the plan need not be asked


def validate(text: str) -> bool | None:
    """Whether the plan has the number as a landline. Ten digits in one piece may be anything else: can't tell."""
    try:
        number = phonenumbers.parse(text, "JP")
    except phonenumbers.NumberParseException:
        return False
    if phonenumbers.number_type(number) != phonenumbers.PhoneNumberType.FIXED_LINE:
        return False
    return None if text.isdecimal() else True


RECOGNISER = Recogniser(
    type="landline_number",
    label=Words("固定電話番号", "landline number"),
    form=Words("0で始まる10桁の数字", "10 digits from 0"),
    rule=Words("市外局番があり、区切りも電話番号の書き方", "its area code exists and it is written as a phone number"),
    grade=Grade.PERSONAL,
    find=by_pattern(
        re.compile(
            rf"(?=[0(+])(?:{AFTER_TEL}\(?0|(?<![0-9A-Za-z])\+81[ -]?){AREA}[ .\-()]{{0,2}}\d{{1,4}}[ .\-)]{{0,2}}\d{{4}}{ENDS}",
            re.ASCII,
        ),
        validate,
    ),
    near=("電話", "tel", "fax", "phone", "連絡先", "自宅"),
    against=(*SERIALS, "年金", "ネンキン"),
    headers=(
        "phone",
        "tel",
        "telephone",
        "fax",
        "phone_number",
        "home_phone",
        "contact_phone",
        "電話番号",
        "固定電話",
        "連絡先",
    ),
    relies_on=("phonenumbers",),
    trigger=SEVEN,
)
