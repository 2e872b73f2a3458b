"""Recognise the other numbers lines have: 050 (IP telephony), 020 and 0200 (machines). Source: LAW.md 6; 総務省 電気通信番号計画."""

import re

from sekisho.engine.scanning.recogniser import AFTER_TEL, ENDS, SEVEN, Grade, Recogniser, Words, by_pattern

RECOGNISER = Recogniser(
    type="other_number",
    label=Words("IP電話・データ通信の番号", "IP telephony or machine number"),
    form=Words("050・020・0200で始まる数字", "digits from 050, 020 or 0200"),
    rule=Words(
        "電気通信番号計画にある番号帯で、電話番号の書き方", "it lies in the numbering plan and is written as a number"
    ),
    grade=Grade.PERSONAL,
    find=by_pattern(
        re.compile(
            rf"{AFTER_TEL}(?:050[ -]?[1-9]\d{{3}}[ -]?\d{{4}}|020-?[1-35-9]\d{{2}}(?:\d-?|-?\d)\d{{4}}|0200-?\d{{5}}-?\d{{5}}){ENDS}",
            re.ASCII,
        ),
        lambda text: True if "-" in text else None,
    ),
    near=("電話", "tel", "phone", "連絡先", "m2m", "050", "回線"),
    headers=("phone", "tel", "ip_phone", "msisdn", "電話番号", "ip電話"),
    trigger=SEVEN,
)
