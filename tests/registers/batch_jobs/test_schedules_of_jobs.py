"""What runs by itself: due at its hour, once for a slot, made up for once however much was missed."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.engine.japanese.tokyo import TOKYO
from sekisho.registers.batch_jobs import actions, queries
from sekisho.registers.batch_jobs.queries import State
from sekisho.registers.batch_jobs.rules import Schedule, due_slot, kinds, next_slot, schedules

DAILY = Schedule(id="daily", kind="retention.sweep", at=time(3, 0), day="on")
HALF = Schedule(id="half", kind="promises.look", every=timedelta(minutes=30))
ODD = Schedule(id="odd", kind="promises.look", every=timedelta(minutes=7 * 60))
NOON = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)  # in Tokyo


def tokyo(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=TOKYO).astimezone(UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("schedule", "at", "due", "following"),
    [
        (DAILY, tokyo(2026, 11, 23, 12), tokyo(2026, 11, 23, 3), tokyo(2026, 11, 24, 3)),
        (DAILY, tokyo(2026, 11, 23, 3), tokyo(2026, 11, 23, 3), tokyo(2026, 11, 24, 3)),
        (DAILY, tokyo(2026, 11, 23, 2, 59), tokyo(2026, 11, 22, 3), tokyo(2026, 11, 23, 3)),
        (HALF, tokyo(2026, 11, 23, 0, 29), tokyo(2026, 11, 23, 0), tokyo(2026, 11, 23, 0, 30)),
        (ODD, tokyo(2026, 11, 23, 22), tokyo(2026, 11, 23, 21), tokyo(2026, 11, 24, 0)),
    ],
)
def test_the_slot_that_is_due_and_the_next(
    schedule: Schedule, at: datetime, due: datetime, following: datetime
) -> None:
    assert due_slot(schedule, at) == due
    assert next_slot(schedule, at) == following


@given(
    st.sampled_from([DAILY, HALF, ODD]),
    st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_between_two_slots_nothing_is_due(schedule: Schedule, at: datetime) -> None:
    due, following = due_slot(schedule, at), next_slot(schedule, at)
    assert due <= at < following
    assert due_slot(schedule, following) == following
    assert due_slot(schedule, following - timedelta(microseconds=1)) == due


def test_every_schedule_asks_for_a_kind_that_exists_with_its_arguments() -> None:
    for schedule in schedules().values():
        assert schedule.arguments(NOON).keys() == kinds()[schedule.kind].arguments.keys()


@pytest.mark.django_db
def test_what_was_missed_is_made_up_for_once() -> None:
    actions.begin_schedules(at=NOON)
    assert "daily-sweep" not in dict(queries.missed_hours(NOON)), "today's slot was before it counted"
    later = NOON + timedelta(days=5, minutes=1)
    missed = dict(queries.missed_hours(later))
    assert missed["daily-sweep"] == tokyo(2026, 11, 28, 3)
    job = actions.ask_for_slot(schedule="daily-sweep", slot=missed["daily-sweep"], at=later)
    assert job is not None
    assert queries.job(job).arguments == {"on": "2026-11-28"}
    assert "daily-sweep" not in dict(queries.missed_hours(later))
    assert actions.ask_for_slot(schedule="daily-sweep", slot=missed["daily-sweep"], at=later) is None
    actions.claim_job(job=job, executor="worker-0", at=later)
    actions.end_job(job=job, state=State.DONE, at=later)
    assert "daily-sweep" not in dict(queries.missed_hours(later + timedelta(hours=14, minutes=58)))
    assert dict(queries.missed_hours(later + timedelta(hours=15)))["daily-sweep"] == tokyo(2026, 11, 29, 3)


@pytest.mark.django_db
def test_a_slot_is_filled_by_the_same_work_that_somebody_asked_for() -> None:
    actions.begin_schedules(at=NOON)
    by_hand = actions.ask_job(kind="promises.look", arguments={}, at=NOON, acting_user="mori")
    later = NOON + timedelta(minutes=30)
    assert actions.ask_for_slot(schedule="board-look", slot=later, at=later) == by_hand
    assert "board-look" not in dict(queries.missed_hours(later))
    assert len(queries.jobs()) == 1


@pytest.mark.django_db
def test_a_stopped_schedule_asks_for_nothing_and_counts_anew_when_it_goes_on() -> None:
    actions.begin_schedules(at=NOON)
    actions.pause_schedule(schedule="daily-sweep", paused=True, at=NOON, acting_user="mori")
    later = NOON + timedelta(days=3)
    assert "daily-sweep" not in dict(queries.missed_hours(later))
    assert {hour.schedule: hour.paused_by for hour in queries.next_hours(later)}["daily-sweep"] == "mori"
    actions.pause_schedule(schedule="daily-sweep", paused=False, at=later, acting_user="mori")
    assert "daily-sweep" not in dict(queries.missed_hours(later))
    assert "daily-sweep" in dict(queries.missed_hours(later + timedelta(days=1)))
