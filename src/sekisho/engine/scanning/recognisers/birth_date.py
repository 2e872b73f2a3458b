"""Recognise dates of birth: western or era dates that exist, with a word near. A day outside its era is no date.

Source: LAW.md 6 (dates). A date alone is nobody's birthday.
"""

import re
from collections.abc import Iterator
from datetime import date

from sekisho.engine.japanese.wareki import NUMBER, parse_wareki
from sekisho.engine.scanning.recogniser import Candidate, Grade, Recogniser, Words

# Each says first which signs it begins with: of a line's letters, few have to be asked anything else.
WESTERN = re.compile(
    r"(?=[12])(?<![0-9])(?:(?P<year>(?:18[7-9]|19\d|20\d)\d)(?P<gap>[-/.年]|(?=\d{4}(?!\d)))(?P<month>\d{1,2})(?:(?P=gap)|[-/.月])"
    r"(?P<day>\d{1,2})日?(?![0-9])|(?P<plain>(?:18[7-9]|19\d|20\d)\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))(?![0-9]))",
    re.ASCII,
)
ERA = re.compile(
    rf"(?=[明大昭平令RHSTM])(?:(?:(?:明治|大正|昭和|平成|令和)|(?<![0-9A-Za-z])[RHSTM])"
    rf" {{0,2}}{NUMBER} ?年 {{0,2}}{NUMBER} ?月 {{0,2}}{NUMBER} ?日"
    r"|(?<![0-9A-Za-z])(?:[RHSTM]|(?<![一-鿿])[明大昭平令])[ .]?\d{1,2}[./-]\d{1,2}[./-]\d{1,2}(?![0-9]))"
)

AMERICAN = re.compile(
    r"(?=[0-9])(?<![0-9])(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>(?:19|20)\d\d)(?![0-9])", re.ASCII
)
MARK = re.compile(r"^([RHSTM明大昭平令])[ .]?(?=\d)")
LETTERS = dict(zip("明大昭平令", "MTSHR", strict=True))
BORN = re.compile(r"[)\]】]?生(?=[、。,.のでまれ\s)]|$)")
NEAR = (
    "生年月日",
    "セイネンガッピ",
    "誕生",
    "生まれ",
    "生れ",
    "birth",
    "dob",
    "born",
)  # a date alone is nobody's birthday


def find(text: str) -> Iterator[Candidate]:
    """Every date."""
    for match in ERA.finditer(text):
        if parse_wareki(MARK.sub(_letter, match[0])) is not None:
            yield Candidate(match.start(), match.end(), None, _born(text, match.end()))
    for match in WESTERN.finditer(text):
        plain = match["plain"]
        parts = (plain[:4], plain[4:6], plain[6:]) if plain else match.group("year", "month", "day")
        if _exists(*(int(part) for part in parts)):
            yield Candidate(match.start(), match.end(), None, _born(text, match.end()))
    for match in AMERICAN.finditer(text):
        year, one, other = (int(match[part]) for part in ("year", "month", "day"))
        if _exists(year, one, other) or _exists(year, other, one):
            yield Candidate(match.start(), match.end(), None)


def _letter(mark: re.Match[str]) -> str:
    return LETTERS.get(mark[1], mark[1])


def _born(text: str, end: int) -> str:
    """生 right after the day: 昭和48年4月18日生."""
    return "生" if BORN.match(text, end) else ""


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


RECOGNISER = Recogniser(
    type="birth_date",
    label=Words("生年月日", "date of birth"),
    form=Words("暦にある日付", "a day that exists"),
    rule=None,
    grade=Grade.PERSONAL,
    near=NEAR,
    headers=(
        "birth_date",
        "birthdate",
        "birthday",
        "date_of_birth",
        "dob",
        "born_on",
        "生年月日",
        "誕生日",
    ),
    is_common=True,
    find=find,
    trigger="|".join((*(f"(?i:{re.escape(word)})" for word in NEAR), r"[0-9日][)\]】]?生")),
)
