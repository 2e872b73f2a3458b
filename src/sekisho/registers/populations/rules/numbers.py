"""Days and instants as numbers, so that columns of them can be compared."""

from datetime import UTC, date, datetime, timedelta

import numpy as np

NO_DAY = int(np.iinfo(np.int32).min)  # nobody wrote it down
ABSENT = int(np.iinfo(np.int64).min)  # there is no such thing
OPEN = int(np.iinfo(np.int64).max)  # no end
FIRST_DAY = date(1970, 1, 1)
FIRST_INSTANT = datetime(1970, 1, 1, tzinfo=UTC)


def day_number(day: date | None) -> int:
    """Days since 1970; NO_DAY for none."""
    return NO_DAY if day is None else (day - FIRST_DAY).days


def instant_number(at: datetime | None) -> int:
    """Microseconds since 1970; OPEN for none."""
    if at is None:
        return OPEN
    span = at - FIRST_INSTANT
    return (span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds


def instant_of(number: int) -> datetime:
    """The instant of a number of microseconds."""
    return FIRST_INSTANT + timedelta(microseconds=number)
