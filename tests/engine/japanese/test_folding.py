"""Width, kana, hyphens, numbers, dates, open days."""

from datetime import UTC, date, datetime

import pytest

from sekisho.engine.japanese.business_days import business_days_after, holiday_name, is_closed, next_open
from sekisho.engine.japanese.dates import format_date, format_instant
from sekisho.engine.japanese.folding import HYPHENS, fold_hyphens, fold_kana, fold_name, fold_number, fold_spaces
from sekisho.engine.japanese.numbers import format_number, number_variants


def test_readings_become_one() -> None:
    assert {fold_kana(text) for text in ("ﾔﾏﾀﾞ", "やまだ", "ヤマダ")} == {"ヤマダ"}
    assert fold_name("𠮷田　髙子") == fold_name("𠮷田 髙子") == "𠮷田髙子"
    assert fold_name("𠮷田") != fold_name("吉田")
    assert fold_spaces("　甲　 乙 ") == "甲 乙"


@pytest.mark.parametrize("hyphen", HYPHENS)
def test_every_hyphen_in_a_number_is_one(hyphen: str) -> None:
    assert fold_hyphens(f"090{hyphen}0123") == "090-0123"
    assert fold_number(f"０９０{hyphen}0123{hyphen}4567") == "09001234567"


def test_a_mobile_number_is_looked_for_in_every_customary_form() -> None:
    ways = number_variants("090-0123-4567")
    assert ways[0] == "09001234567"
    assert {"090-0123-4567", "０９０－０１２３－４５６７", "０９０ー０１２３ー４５６７", "+81-90-0123-4567", "+819001234567", "090 0123 4567", "０９０　０１２３　４５６７", "(090)0123-4567", "090−0123−4567"} <= set(ways)  # fmt: skip
    assert len(ways) == len(set(ways))
    assert {fold_number(way.replace("81", "+81", 1) if way.startswith("81") else way) for way in ways} == {
        "09001234567",
        fold_number("８１９００１２３４５６７"),
    }


def test_other_numbers() -> None:
    assert format_number("0312345678") == "03-1234-5678"
    assert {"03-1234-5678", "0312-34-5678", "031-234-5678"} <= set(number_variants("0312345678"))
    assert format_number("0120000417") == "0120-000-417"
    assert format_number("12") == "12"
    assert number_variants("12") == ("12", "１２")


def test_dates_as_an_office_writes_them() -> None:
    assert format_date(date(2026, 11, 30)) == "2026年11月30日（月）"
    assert format_instant(datetime(2026, 11, 29, 15, 5, tzinfo=UTC)) == "2026年11月30日 0:05"
    with pytest.raises(ValueError, match="time zone"):
        format_instant(datetime(2026, 11, 29))  # noqa: DTZ001 a naive instant is the case


@pytest.mark.parametrize(
    ("day", "closed"),
    [
        (date(2026, 11, 23), True),  # 勤労感謝の日
        (date(2026, 11, 24), False),
        (date(2026, 11, 28), True),
        (date(2026, 12, 28), False),
        (date(2026, 12, 29), True),
        (date(2027, 1, 3), True),
        (date(2027, 1, 4), False),
        (date(2026, 9, 22), True),  # 国民の休日 between two holidays
    ],
)
def test_closed_days(day: date, closed: bool) -> None:
    assert is_closed(day) is closed


def test_open_days_are_counted() -> None:
    assert next_open(date(2026, 12, 29)) == date(2027, 1, 4)
    assert next_open(date(2026, 12, 28)) == date(2026, 12, 28)
    assert next_open(date(2026, 12, 29), closures=()) == date(2026, 12, 29)
    assert business_days_after(date(2026, 12, 25), 2) == date(2027, 1, 4)
    assert holiday_name(date(2027, 1, 11)) == "成人の日"
    assert holiday_name(date(2027, 1, 12)) is None
