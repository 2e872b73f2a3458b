"""Deadlines of law on the calendar. Source of the vectors: LAW.md 1.4 and 9.10."""

from datetime import date

import pytest

from sekisho.engine.law.deadlines import last_day
from sekisho.engine.law.pack import law


@pytest.mark.parametrize(
    ("knew", "thirty", "sixty"),
    [
        ("2026-11-22", "2026-12-21", "2027-01-20"),
        ("2026-11-13", "2026-12-14", "2027-01-12"),
        ("2026-11-30", "2027-01-04", "2027-01-28"),
        ("2026-12-01", "2027-01-04", "2027-01-29"),
        ("2026-12-03", "2027-01-04", "2027-02-01"),
        ("2026-11-25", "2026-12-24", "2027-01-25"),
    ],
)
def test_final_leak_reports(knew: str, thirty: str, sixty: str) -> None:
    start = date.fromisoformat(knew)
    assert last_day(law().deadline("leak_final"), start) == date.fromisoformat(thirty)
    assert last_day(law().deadline("leak_final_wrongful"), start) == date.fromisoformat(sixty)


def test_two_weeks_before_a_suit_run_from_arrival_whatever_the_weekday() -> None:
    assert last_day(law().deadline("suit_possible"), date(2026, 4, 1)) == date(2026, 4, 15)
    assert last_day(law().deadline("suit_possible"), date(2026, 11, 21)) == date(2026, 12, 5)
