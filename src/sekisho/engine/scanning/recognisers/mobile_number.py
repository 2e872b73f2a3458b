"""Recognise mobile numbers (携帯電話番号, MSISDN): 060/070/080/090 and eight digits, the first of them 1-9; also +81.

060 is in use from July 2026. 090-0… is nobody's. Source: LAW.md 6; 総務省 電気通信番号計画.
"""

import re

from sekisho.engine.scanning.check_digits import only_digits
from sekisho.engine.scanning.recogniser import AFTER_TEL, ENDS, SERIALS, SEVEN, Grade, Recogniser, Words, by_pattern

UNUSED = "0"


def validate(text: str) -> bool:
    """Whether the numbering plan has the number: the fourth digit of the national form is not 0."""
    return only_digits(text)[-8] != UNUSED


RECOGNISER = Recogniser(
    type="mobile_number",
    label=Words("携帯電話番号", "mobile number"),
    form=Words("060・070・080・090で始まる11桁の数字", "11 digits from 060, 070, 080 or 090"),
    rule=Words("電気通信番号計画にある番号帯", "it lies in the numbering plan"),
    grade=Grade.PERSONAL,
    find=by_pattern(
        re.compile(
            rf"(?=[0+8])(?:{AFTER_TEL}0|(?<![0-9A-Za-z])\+?81[ -]?\(?0?\)?-?)[6-9]0[ .\-(]{{0,2}}\d{{4}}[ .\-)]{{0,2}}\d{{4}}{ENDS}",
            re.ASCII,
        ),
        validate,
    ),
    near=("電話", "携帯", "tel", "phone", "mobile", "連絡先", "番号"),
    fills=re.compile(r"0[6-9]0-?\d{4}-?\d{4}", re.ASCII),  # test systems fill columns with numbers nobody has
    against=SERIALS,
    headers=(
        "phone",
        "mobile",
        "tel",
        "telephone",
        "msisdn",
        "phone_number",
        "mobile_number",
        "number",
        "caller",
        "callee",
        "contact_phone",
        "電話番号",
        "携帯電話番号",
        "携帯番号",
        "連絡先",
    ),
    trigger=SEVEN,
)
