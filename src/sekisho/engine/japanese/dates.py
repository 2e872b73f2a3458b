"""Dates and times as an office writes them: 2026年11月30日（月） 9:05."""

from datetime import date, datetime

from sekisho.engine.japanese.tokyo import TOKYO, tokyo_date

WEEKDAYS = "月火水木金土日"


def format_date(day: date, *, weekday: bool = True) -> str:
    """`2026年11月30日（月）`."""
    said = f"{day.year}年{day.month}月{day.day}日"
    return f"{said}（{WEEKDAYS[day.weekday()]}）" if weekday else said


def format_instant(at: datetime, *, weekday: bool = False) -> str:
    """`2026年11月30日 9:05`, Tokyo time. Raises ValueError for a naive instant."""
    if at.tzinfo is None:
        raise ValueError("an instant needs its time zone")
    day = tokyo_date(at)
    local = at.astimezone(TOKYO)
    return f"{format_date(day, weekday=weekday)} {local.hour}:{local.minute:02d}"
