"""Recognise lines of call records (通信履歴): two numbers and an instant on one line, as exports and logs write them.

Who called whom and when is a secret of communications. Source: TBA 4, TG 通信履歴; LAW.md 3.
"""

import re
from collections.abc import Iterator

from sekisho.engine.scanning.recogniser import Candidate, Grade, Recogniser, Words

PHONE = r"(?<![0-9])(?:0[5-9]0-?\d{4}-?\d{4}|0[1-9]\d{0,3}-?\d{1,4}-?\d{4}|\+?81[1-9]\d{8,9})(?![0-9])"
INSTANT = re.compile(
    r"(?:19|20)\d\d[-/年]?\d{1,2}[-/月]?\d{1,2}日?[T ,\t]{0,2}\d{1,2}[:時]?\d{2}(?:[:分]?\d{2})?", re.ASCII
)
REACH = 120  # characters from the numbers to the instant
PAIR = re.compile(rf"{PHONE}[^\n0-9]{{1,12}}{PHONE}", re.ASCII)


def find(text: str) -> Iterator[Candidate]:
    """Every such line's pair of numbers."""
    for match in PAIR.finditer(text):
        begin = max(text.rfind("\n", 0, match.start()) + 1, match.start() - REACH)
        end = text.find("\n", match.end())
        if INSTANT.search(text, begin, min(end if end >= 0 else len(text), match.end() + REACH)):
            yield Candidate(match.start(), match.end(), valid=True)


RECOGNISER = Recogniser(
    type="call_record",
    label=Words("通信履歴", "call record"),
    form=Words("二つの電話番号と日時が一行にある", "two phone numbers and an instant on one line"),
    rule=Words("番号が二つ並び、同じ行に日時がある", "the numbers stand side by side with an instant on the line"),
    grade=Grade.SECRET,
    near=("発信", "着信", "通話", "caller", "callee", "call"),
    headers=(
        "caller",
        "callee",
        "calling_number",
        "called_number",
        "発信番号",
        "着信番号",
        "発番号",
        "着番号",
    ),
    find=find,
    trigger=r"[0-9]{4}[^\n0-9]{1,12}\+?(?:0[1-9]|81)[0-9-]{5}",
)
