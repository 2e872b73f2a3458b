"""What law says stands in the law pack by its day, not among the decision point's own limits."""

from datetime import date

from sekisho.registers.decisions import rules


def test_majority_follows_the_day_of_the_ask() -> None:
    assert [rules.majority(day) for day in (date(2022, 3, 31), date(2022, 4, 1))] == [20, 18]


def test_bodies_are_kept_as_long_as_the_floor_they_name() -> None:
    assert rules.bodies_kept(date(2026, 11, 23)) == "P3Y"
    assert rules.limits()["bodies"]["keep"].startswith("law:")
    assert "persons" not in rules.limits()
