"""Dates and marks as pages write them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.utils import translation

from sekisho.web.templatetags.sekisho_web import clock_time, day, moment, plain_day, sentence, status

NOON = datetime(2026, 11, 30, 3, 20, tzinfo=UTC)  # 12:20 in Tokyo


@pytest.fixture(autouse=True)
def in_japanese() -> Iterator[None]:
    with translation.override("ja"):
        yield


def test_a_day_is_tokyos_with_its_weekday() -> None:
    assert day(datetime(2026, 11, 29, 15, 0, tzinfo=UTC)) == "2026年11月30日（月）"
    assert plain_day(date(2026, 4, 1)) == "2026年4月1日"
    with translation.override("en"):
        assert day(NOON) == "30 Nov 2026 (Mon)"


@time_machine.travel(NOON, tick=False)
def test_a_moment_of_today_says_so_and_any_other_gives_its_day() -> None:
    assert moment(NOON) == "今日 12:20"
    assert moment(datetime(2026, 11, 21, 17, 10, tzinfo=UTC)) == "11月22日 2:10"
    assert moment(datetime(2025, 11, 21, 17, 10, tzinfo=UTC)) == "2025年11月22日 2:10"
    assert moment(None) == "―"
    assert clock_time(NOON) == "12:20"


def test_a_status_is_a_word_with_its_class() -> None:
    assert status("unproven") == '<span class="st open">未確認</span>'
    with translation.override("en"):
        assert status("broken") == '<span class="st broken">Broken</span>'


def test_a_sentence_ends_once() -> None:
    assert [sentence(text) for text in ("守れていません", "守れていません。", "")] == [
        "守れていません。",
        "守れていません。",
        "",
    ]
