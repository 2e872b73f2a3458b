"""Recognise IMSI, the number of a Japanese mobile subscription: 440 or 441 and twelve digits. No check. Source: LAW.md 6; ITU-T E.212."""

import re

from sekisho.engine.scanning.recogniser import ALONE, ENDS, SERIALS, SEVEN, Grade, Recogniser, Words, by_pattern

RECOGNISER = Recogniser(
    type="imsi",
    label=Words("加入者識別番号(IMSI)", "IMSI"),
    form=Words("440または441で始まる15桁の数字", "15 digits from 440 or 441"),
    grade=Grade.PERSONAL,
    find=by_pattern(re.compile(rf"{ALONE}44[01]\d{{12}}{ENDS}", re.ASCII)),
    near=("imsi", "アイエムエスアイ", "hss", "加入者", "加入者識別"),
    against=SERIALS,
    alone=0.5,  # handsets and cards of 15 digits begin otherwise
    headers=("imsi", "subscriber_imsi", "加入者識別番号"),
    trigger=SEVEN,
)
