"""The two clocks: our target stands still while the person must send something, the law's two weeks never do."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.casework.subject_requests.rules.clock import Arrival, Pause, Target, arrival_of, clock_of, holidays_between
from sekisho.engine.errors import SekishoError
from sekisho.engine.law.pack import law
from sekisho.engine.policy.model import Desk, Text

SUIT = law().deadline("suit_possible")
TEN = Target(days=10)
DESK = Desk(
    id="d", label=Text("窓口"), channels=("mail", "fax"), clause="B-84", opens="09:00", closes="18:00",
    days=("mon", "tue", "wed", "thu", "fri"), closed=("year_end",),
)  # fmt: skip


def test_the_law_s_own_examples() -> None:
    april = clock_of(arrived_on=date(2026, 4, 1), on=date(2026, 4, 1), target=TEN, suit=SUIT)
    assert april.suit_from == date(2026, 4, 16)
    november = clock_of(arrived_on=date(2026, 11, 21), on=date(2026, 11, 21), target=TEN, suit=SUIT)
    assert november.suit_from == date(2026, 12, 6)


def test_a_pause_moves_the_target_and_not_the_two_weeks() -> None:
    stop = Pause(since=date(2026, 11, 25), until=date(2026, 11, 28))
    clock = clock_of(arrived_on=date(2026, 11, 20), on=date(2026, 11, 30), target=TEN, suit=SUIT, pauses=[stop])
    assert (clock.target_on, clock.suit_from, clock.paused, clock.left) == (date(2026, 12, 3), date(2026, 12, 5), 3, 3)
    still = clock_of(
        arrived_on=date(2026, 11, 20), on=date(2026, 12, 20), target=TEN, suit=SUIT, pauses=[Pause(since=date(2026, 11, 25))]
    )  # fmt: skip
    assert (still.target_on, still.is_paused, still.left, still.may_sue) == (None, True, 5, True)


def test_business_days_skip_holidays_and_the_year_s_end() -> None:
    clock = clock_of(
        arrived_on=date(2026, 11, 20), on=date(2026, 11, 20), target=Target(days=2, business=True), suit=SUIT
    )
    assert clock.target_on == date(2026, 11, 25)  # a weekend and 23 November lie between
    turn = clock_of(
        arrived_on=date(2026, 12, 28), on=date(2026, 12, 28), target=Target(days=1, business=True), suit=SUIT
    )
    assert turn.target_on == date(2027, 1, 4)
    assert holidays_between(date(2026, 11, 20), date(2026, 11, 25)) == {date(2026, 11, 23): "勤労感謝の日"}


def test_an_extension_only_ever_gives_us_more_time() -> None:
    given_ = {"arrived_on": date(2026, 11, 2), "on": date(2026, 11, 2), "target": TEN, "suit": SUIT}
    longer = clock_of(**given_, extended_to=date(2026, 11, 30))  # type: ignore[arg-type]
    shorter = clock_of(**given_, extended_to=date(2026, 11, 5))  # type: ignore[arg-type]
    assert (longer.target_on, shorter.target_on) == (date(2026, 11, 30), date(2026, 11, 12))
    assert longer.suit_from == shorter.suit_from


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (datetime(2026, 11, 27, 9, 21, tzinfo=UTC), Arrival.AFTER_HOURS),  # 18:21 in Tokyo
        (datetime(2026, 11, 28, 0, 14, tzinfo=UTC), Arrival.CLOSED_DAY),  # a Saturday
        (datetime(2026, 11, 29, 23, 52, tzinfo=UTC), Arrival.BEFORE_HOURS),  # Monday 08:52
        (datetime(2026, 11, 30, 3, 0, tzinfo=UTC), Arrival.OPEN),
        (datetime(2026, 11, 23, 3, 0, tzinfo=UTC), Arrival.CLOSED_DAY),  # a public holiday
        (datetime(2026, 12, 30, 3, 0, tzinfo=UTC), Arrival.CLOSED_DAY),
    ],
)
def test_arrivals_and_the_hours_of_the_desk(at: datetime, expected: Arrival) -> None:
    assert arrival_of(at, DESK) is expected


def test_pauses_that_overlap_are_refused() -> None:
    two = [Pause(since=date(2026, 11, 3)), Pause(since=date(2026, 11, 5))]
    with pytest.raises(SekishoError) as raised:
        clock_of(arrived_on=date(2026, 11, 2), on=date(2026, 11, 9), target=TEN, suit=SUIT, pauses=two)
    assert raised.value.code == "requests.pauses-overlap"


@given(st.lists(st.integers(0, 9), max_size=6), st.integers(1, 20), st.booleans(), st.integers(0, 60))
def test_every_paused_day_gives_back_exactly_one(lengths: list[int], days: int, business: bool, later: int) -> None:
    arrived = day = date(2026, 6, 1)
    pauses = []
    for length in lengths:
        pauses.append(Pause(since=day + timedelta(days=1), until=day + timedelta(days=1 + length)))
        day = pauses[-1].until or day
    target = Target(days=days, business=business)
    on = arrived + timedelta(days=later)
    clock = clock_of(arrived_on=arrived, on=on, target=target, suit=SUIT, pauses=pauses)
    plain = clock_of(arrived_on=arrived, on=on, target=target, suit=SUIT)
    assert clock.suit_from == plain.suit_from
    assert clock.target_on is not None
    if not business:
        stood = {
            pause.since + timedelta(days=offset + 1)
            for pause in pauses
            for offset in range(((pause.until or on) - pause.since).days)
        }
        span = (clock.target_on - arrived).days
        assert sum(arrived + timedelta(days=n) not in stood for n in range(1, span + 1)) == days
