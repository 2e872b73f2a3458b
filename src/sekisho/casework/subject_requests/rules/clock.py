"""Two clocks of one request: our own target, which pauses while the person must send something, and the law's two weeks.

The two weeks run from arrival whatever pauses the target, and a fax on a holiday has arrived. Dates are Tokyo's.
Source: APPI arts. 33-35 (遅滞なく), 39; LAW.md 9.10.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.business_days import SATURDAY, business_days_after, holiday_name, is_holiday
from sekisho.engine.japanese.tokyo import TOKYO, tokyo_date
from sekisho.engine.law.deadlines import last_day
from sekisho.engine.law.model import Deadline
from sekisho.engine.policy.model import Desk

ROOM = "sekisho.casework.subject_requests"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ONE_DAY = timedelta(days=1)


class Arrival(StrEnum):
    """When something arrived, as the desk's hours see it."""

    OPEN = "open"
    BEFORE_HOURS = "before_hours"
    AFTER_HOURS = "after_hours"
    CLOSED_DAY = "closed_day"
    NO_HOURS = "no_hours"  # the desk publishes none


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Within how many days we mean to answer. `business`: only days on which the desk is open count."""

    days: int
    business: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """The person was asked for something on `since`; what came arrived on `until`, None while it has not."""

    since: date
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """How a request stands on a day. `target_on` is None while the clock stands still; `paused` counts its days so far."""

    arrived_on: date
    target_on: date | None
    suit_from: date  # the first day on which the person may sue
    paused: int
    left: int  # days to the target, below zero when it has passed; while paused those left when it goes on
    is_paused: bool
    may_sue: bool

    @property
    def is_overdue(self) -> bool:
        """Whether our own target has passed."""
        return self.left < 0


def arrival_of(received_at: datetime, desk: Desk) -> Arrival:
    """How an arrival lies in the desk's hours: it has arrived in any case."""
    on = tokyo_date(received_at)
    if not _is_open(on, desk):
        return Arrival.CLOSED_DAY
    if desk.opens is None or desk.closes is None:
        return Arrival.NO_HOURS
    at = received_at.astimezone(TOKYO).strftime("%H:%M")
    if at < desk.opens:
        return Arrival.BEFORE_HOURS
    return Arrival.AFTER_HOURS if at >= desk.closes else Arrival.OPEN


def first_unworked_day(day: date, desk: Desk) -> date:
    """The first of the days that lie on the desk on a day: the day after it was last open. A weekend's batch begins there."""
    since = day
    while not _is_open(since - ONE_DAY, desk):
        since -= ONE_DAY
    return since


def clock_of(
    *,
    arrived_on: date,
    on: date,
    target: Target,
    suit: Deadline,
    pauses: Iterable[Pause] = (),
    extended_to: date | None = None,
    closures: tuple[str, ...] = ("year_end",),
) -> Clock:
    """The clocks of a request on a day. An extension moves our target later, never the two weeks.

    A pause begins on the day the letter left and ends on the day something came: the days between do not count.
    Raises: requests.pauses-overlap.
    """
    stops = sorted(pauses, key=lambda pause: pause.since)
    _require_in_order(stops, arrived_on)
    still = next((pause for pause in stops if pause.until is None), None)
    counted = [(pause.since, pause.until or on) for pause in stops]
    paused = sum((until - since).days for since, until in counted)
    due = _target(arrived_on, target, counted, closures)
    if extended_to is not None and extended_to > due:
        due = extended_to
    suit_from = last_day(suit, arrived_on) + ONE_DAY
    return Clock(
        arrived_on=arrived_on,
        target_on=None if still else due,
        suit_from=suit_from,
        paused=paused,
        left=(due - on).days,
        is_paused=still is not None,
        may_sue=on >= suit_from,
    )


def holidays_between(since: date, until: date) -> dict[date, str]:
    """The public holidays of a span, both ends included, for the picture of the clock."""
    days = (since + timedelta(days=offset) for offset in range((until - since).days + 1))
    return {day: name for day in days if (name := holiday_name(day)) is not None}


def _target(arrived_on: date, target: Target, stopped: list[tuple[date, date]], closures: tuple[str, ...]) -> date:
    """The last day of the target: the arrival's own day does not count (民法140), days on which it stood still neither."""

    def stands(day: date) -> bool:
        return any(since < day <= until for since, until in stopped)

    if not target.business:
        day, left = arrived_on, target.days
        while left:
            day += ONE_DAY
            left -= not stands(day)
        return day
    day, left = arrived_on, target.days
    while left:
        day = business_days_after(day, 1, closures)
        left -= not stands(day)
    return day


def _require_in_order(pauses: list[Pause], arrived_on: date) -> None:
    last = arrived_on
    for pause in pauses:
        if pause.since < last or (pause.until is not None and pause.until < pause.since):
            raise SekishoError("requests.pauses-overlap", room=ROOM, since=pause.since)
        last = pause.until or date.max


def _is_open(day: date, desk: Desk) -> bool:
    """Whether the desk is open on a day; one that names no weekdays is open from Monday to Friday."""
    on_duty = WEEKDAYS[day.weekday()] in desk.days if desk.days else day.weekday() < SATURDAY
    return on_duty and not is_holiday(day, desk.closed)
