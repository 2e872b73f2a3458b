"""Japanese era years: 令和8年11月22日, R8.11.22, 令和元年. A day outside its era is not a date."""

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

from sekisho.engine.japanese.folding import fold_width

KANJI = {char: digit for digit, char in enumerate("〇一二三四五六七八九")}
TEN = "十"
NUMBER = rf"(?:元|\d{{1,2}}|[{TEN}{''.join(KANJI)}]{{1,3}})"
FORMS = (
    re.compile(
        rf"^(?P<era>[^\W\d_]{{1,2}})\s*(?P<year>{NUMBER})\s*年\s*(?P<month>{NUMBER})\s*月\s*(?P<day>{NUMBER})\s*日$"
    ),
    re.compile(r"^(?P<era>[RHSTM])\s*(?P<year>\d{1,2})[./-](?P<month>\d{1,2})[./-](?P<day>\d{1,2})$"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Era:
    """One 元号. `last` None = the present one."""

    name: str
    letter: str
    first: date
    last: date | None = None
    year_one: int = 0

    def covers(self, day: date) -> bool:
        """Whether the day lies in the era."""
        return self.first <= day and (self.last is None or day <= self.last)

    @property
    def base(self) -> int:
        """The western year before the era's first."""
        return (self.year_one or self.first.year) - 1


@cache
def eras() -> tuple[Era, ...]:
    """All eras, the present one first."""
    text = resources.files("sekisho.engine.japanese").joinpath("eras.toml").read_text(encoding="utf-8")
    return tuple(Era(**row) for row in tomllib.loads(text)["eras"])


def format_wareki(day: date) -> str:
    """`令和8年11月22日`; the first year of an era is 元年. Before 1873 the western form."""
    for era in eras():
        if era.covers(day):
            year = day.year - era.base
            return f"{era.name}{'元' if year == 1 else year}年{day.month}月{day.day}日"
    return f"{day.year}年{day.month}月{day.day}日"


def parse_wareki(text: str) -> date | None:
    """The day written in an era year (kanji, full width or letters), or None if it is no such day."""
    folded = fold_width(text.strip())
    for form in FORMS:
        found = form.match(folded.upper() if form is FORMS[1] else folded)
        if found is None:
            continue
        era = _named().get(found["era"])
        numbers = [_number(found[part]) for part in ("year", "month", "day")]
        if era is None or None in numbers:
            return None
        year, month, day = (number or 0 for number in numbers)
        try:
            parsed = date(era.base + year, month, day)
        except ValueError:
            return None
        return parsed if year and era.covers(parsed) else None
    return None


@cache
def _named() -> dict[str, Era]:
    """The eras by name and by letter."""
    return {name: era for era in reversed(eras()) for name in (era.name, era.letter)}


def _number(text: str) -> int | None:
    """A number up to 99 in digits or kanji; 元 is 1."""
    if text == "元":
        return 1
    if text.isdigit():
        return int(text)
    if TEN in text:
        tens, _, ones = text.partition(TEN)
        if len(tens) > 1 or len(ones) > 1 or TEN in ones:
            return None
        return 10 * (KANJI[tens] if tens else 1) + (KANJI[ones] if ones else 0)
    return int("".join(str(KANJI[char]) for char in text))
