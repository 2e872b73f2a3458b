"""Era years."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.engine.japanese.wareki import format_wareki, parse_wareki


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("令和8年11月22日", date(2026, 11, 22)),
        ("R8.11.22", date(2026, 11, 22)),
        ("r8-11-22", date(2026, 11, 22)),
        ("令和元年五月一日", date(2019, 5, 1)),
        ("平成三十一年四月三十日", date(2019, 4, 30)),
        ("Ｈ３１．４．３０", date(2019, 4, 30)),
        ("昭和 64 年 1 月 7 日", date(1989, 1, 7)),
        ("大正1年7月30日", date(1912, 7, 30)),
        ("明治6年1月1日", date(1873, 1, 1)),
    ],
)
def test_reading(text: str, day: date) -> None:
    assert parse_wareki(text) == day


@pytest.mark.parametrize(
    "text",
    ["昭和64年1月8日", "平成31年5月1日", "令和0年1月1日", "令和1年4月30日", "明治5年12月2日", "R8.13.1", "R8.2.30", "X8.1.1", "2026年1月1日", "令和", "", "令和十十年一月一日"],
)  # fmt: skip
def test_a_day_outside_its_era_is_no_date(text: str) -> None:
    assert parse_wareki(text) is None


@given(st.dates(min_value=date(1873, 1, 1), max_value=date(2110, 1, 1)))
def test_what_is_written_can_be_read(day: date) -> None:
    assert parse_wareki(format_wareki(day)) == day


def test_the_first_year_is_gannen() -> None:
    assert format_wareki(date(2019, 5, 1)) == "令和元年5月1日"
    assert format_wareki(date(1989, 1, 7)) == "昭和64年1月7日"
    assert format_wareki(date(1700, 1, 1)) == "1700年1月1日"
