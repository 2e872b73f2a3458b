"""Recognise postal codes (郵便番号): 3-4 digits. The mark 〒 before it is as good as a check. Source: LAW.md 6."""

import re
from collections.abc import Iterator

from sekisho.engine.scanning.recogniser import ALONE, BESIDE, ENDS, PAST, Candidate, Grade, Recogniser, Words

FORM = re.compile(
    rf"(?P<mark>〒) ?(?P<marked>\d{{3}}[ -]?\d{{4}}){ENDS}|{ALONE}(?P<bare>\d{{3}}-\d{{4}}){ENDS}|(?P<named>(?<=zip=)\d{{7}}|(?<=郵便番号は)\d{{3}}[-の]\d{{4}}){ENDS}",
    re.ASCII,
)


def find(text: str) -> Iterator[Candidate]:
    """Every code."""
    for match in FORM.finditer(text):
        group = "marked" if match["mark"] else "bare" if match["bare"] else "named"
        yield Candidate(match.start(group), match.end(group), True if match["mark"] else None)


RECOGNISER = Recogniser(
    type="postal_code",
    label=Words("郵便番号", "postal code"),
    form=Words("3桁-4桁の数字", "digits written 3-4"),
    rule=Words("〒がついている", "it has the mark 〒"),
    grade=Grade.PERSONAL,
    near=("郵便", "ユウビン", "住所", "所在地", "postal", "zip", "都", "県", "府"),
    headers=("postal_code", "postcode", "zip", "zip_code", "郵便番号"),
    find=find,
    trigger=f"〒 ?[0-9]{{3}}|zip=|郵便番号は|{BESIDE}[0-9]{{3}}-[0-9]{{4}}{PAST}",
)
