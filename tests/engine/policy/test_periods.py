"""ISO 8601 periods by the calendar."""

from datetime import date

import pytest

from sekisho.engine.errors import SekishoError
from sekisho.engine.policy.periods import add, longer, parse


@pytest.mark.parametrize(
    ("start", "period", "end"),
    [
        (date(2026, 1, 31), "P1M", date(2026, 2, 28)),
        (date(2024, 1, 31), "P1M", date(2024, 2, 29)),
        (date(2024, 2, 29), "P1Y", date(2025, 2, 28)),
        (date(2024, 2, 29), "P4Y", date(2028, 2, 29)),
        (date(2026, 11, 23), "P30D", date(2026, 12, 23)),
        (date(2026, 11, 23), "P1Y2M3D", date(2028, 1, 26)),
        (date(2026, 12, 31), "P2M", date(2027, 2, 28)),
        (date(2026, 11, 23), "P2W", date(2026, 12, 7)),
        (date(2026, 11, 23), "P0D", date(2026, 11, 23)),
        (date(9999, 1, 1), "P1Y", date.max),
        (date(9999, 12, 1), "P99D", date.max),
    ],
)
def test_adding(start: date, period: str, end: date) -> None:
    assert add(start, period) == end


@pytest.mark.parametrize("text", ["", "P", "3Y", "P3", "PT3H", "P-1D", "P1D2M", "P1.5Y", "p3y", "P3Y ", "P3X"])
def test_what_is_no_period(text: str) -> None:
    with pytest.raises(SekishoError, match=r"policy\.bad-duration"):
        parse(text)


def test_words_and_length() -> None:
    assert parse("P1Y6M").text("ja") == "1年6か月間"
    assert parse("P30D").text("ja") == "30日間"
    assert parse("P2W").text("ja") == "2週間"
    assert parse("P1Y").text("en") == "1 year"
    assert longer("P1Y", "P11M")
    assert not longer("P12M", "P1Y")
