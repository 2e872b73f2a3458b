"""The day that divides events whose period is over from those whose is not, to put into a query."""

from datetime import date, timedelta

from sekisho.engine.policy.periods import Period, add, parse

MONTHS_PER_YEAR = 12


def ended_before(on: date, period: str) -> date:
    """The first event day whose period is not over before `on`: every earlier event's is.

    The event's own day does not count and the last day is kept to its end (民法 140, 141, 143).
    """
    length = parse(period)
    day = _roughly_before(on, length)
    while add(day, length) >= on:
        day -= timedelta(days=1)
    while add(day, length) < on:
        day += timedelta(days=1)
    return day


def _roughly_before(on: date, length: Period) -> date:
    months = length.years * MONTHS_PER_YEAR + length.months
    index = on.year * MONTHS_PER_YEAR + on.month - 1 - months
    return date(index // MONTHS_PER_YEAR, index % MONTHS_PER_YEAR + 1, 1) - timedelta(
        days=length.days + length.weeks * 7
    )
