"""ISO 8601 durations with calendar arithmetic: P3Y, P6M, P30D, P1Y6M, P2W."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from sekisho.engine.errors import SekishoError

ROOM = "sekisho.engine.policy"
FORM = re.compile(
    r"^P(?=\d)(?:(?P<years>\d{1,4})Y)?(?:(?P<months>\d{1,4})M)?(?:(?P<weeks>\d{1,4})W)?(?:(?P<days>\d{1,5})D)?$"
)
MONTHS_OF_YEAR = 12
DAYS_OF_WEEK = 7
REFERENCE = date(2001, 1, 1)  # an ordinary year: to say which of two periods is longer
UNITS = {
    "ja": (("years", "年"), ("months", "か月"), ("weeks", "週間"), ("days", "日")),
    "en": (("years", "year"), ("months", "month"), ("weeks", "week"), ("days", "day")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A calendar period: months end where the month ends, so 31 January + P1M is 28 or 29 February."""

    years: int = 0
    months: int = 0
    weeks: int = 0
    days: int = 0

    def text(self, language: str = "ja") -> str:
        """`3年`, `1年6か月`, `30日間`; or `3 years`, `30 days`."""
        parts = [(getattr(self, name), unit) for name, unit in UNITS[language] if getattr(self, name)]
        if language == "ja":
            said = "".join(f"{count}{unit}" for count, unit in parts) or "0日"
            return said if said.endswith("週間") else f"{said}間"
        return " ".join(f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in parts) or "0 days"


def parse(text: str) -> Period:
    """The period written as ISO 8601. Raises: policy.bad-duration."""
    found = FORM.match(text)
    if found is None:
        raise SekishoError("policy.bad-duration", room=ROOM, found=text)
    return Period(**{name: int(count) for name, count in found.groupdict().items() if count})


def add(day: date, period: Period | str) -> date:
    """The day a period after `day`. Past the calendar's end, its last day: such data is due never."""
    length = parse(period) if isinstance(period, str) else period
    months = day.month - 1 + length.months + MONTHS_OF_YEAR * length.years
    year, month = day.year + months // MONTHS_OF_YEAR, months % MONTHS_OF_YEAR + 1
    if year > date.max.year:
        return date.max
    moved = date(year, month, min(day.day, monthrange(year, month)[1]))
    try:
        return moved + timedelta(days=length.days + DAYS_OF_WEEK * length.weeks)
    except OverflowError:
        return date.max


def longer(first: str, second: str) -> bool:
    """Whether the first period is longer, counted from an ordinary 1 January."""
    return add(REFERENCE, first) > add(REFERENCE, second)
