"""Days offices are open: no Saturday, Sunday, public holiday, or year-end closure."""

import tomllib
from collections.abc import Collection
from datetime import date, timedelta
from functools import cache
from importlib import resources

import jpholiday

SATURDAY = 5


def is_closed(day: date, closures: Collection[str] = ("year_end",)) -> bool:
    """Whether offices are closed on this Tokyo date. `closures` are tables of `closures.toml`."""
    return day.weekday() >= SATURDAY or is_holiday(day, closures)


def is_holiday(day: date, closures: Collection[str] = ("year_end",)) -> bool:
    """Whether this Tokyo date is a public holiday or in a closure, whatever its day of the week."""
    return bool(jpholiday.is_holiday(day)) or _in_closure(day, closures)


def next_open(day: date, closures: Collection[str] = ("year_end",)) -> date:
    """The day itself, or the first open one after it."""
    while is_closed(day, closures):
        day += timedelta(days=1)
    return day


def business_days_after(day: date, count: int, closures: Collection[str] = ("year_end",)) -> date:
    """The open day `count` open days later, the day itself not counted."""
    for _ in range(count):
        day = next_open(day + timedelta(days=1), closures)
    return day


def holiday_name(day: date) -> str | None:
    """The public holiday on this date, if there is one."""
    name = jpholiday.is_holiday_name(day)
    return str(name) if name else None


def _in_closure(day: date, closures: Collection[str]) -> bool:
    spans = (span for name in closures for span in _closures()[name])
    return any(day.month == span["month"] and span["from"] <= day.day <= span["to"] for span in spans)


@cache
def _closures() -> dict[str, list[dict[str, int]]]:
    text = resources.files("sekisho.engine.japanese").joinpath("closures.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
