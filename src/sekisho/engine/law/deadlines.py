"""The last day of a deadline of law, counted in Tokyo calendar days.

Test vectors for leak reports are in LAW.md 1.4: the day of knowing is day 1, weekends count, and a last day on a closed day
moves to the next open one.
"""

import re
from datetime import date, timedelta

from sekisho.engine.japanese.business_days import next_open
from sekisho.engine.law.model import Deadline

DAYS = re.compile(r"^P(\d+)D$")


def last_day(deadline: Deadline, start: date) -> date:
    """The last day on which what the law wants is in time; for a waiting period, its last day."""
    found = DAYS.match(deadline.period)
    if found is None:
        raise ValueError(f"{deadline.id}: {deadline.period} is not a number of days")
    length = int(found[1]) - (1 if deadline.first_day_counts else 0)
    due = start + timedelta(days=length)
    return next_open(due) if deadline.extends else due
