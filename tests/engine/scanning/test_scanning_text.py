"""Free text: places in the original survive folding, both kinds are told where both fit, every finding says why."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.engine.scanning.folding import fold
from sekisho.engine.scanning.recogniser import Grade
from sekisho.engine.scanning.recognisers import RECOGNISERS
from sekisho.engine.scanning.text import PIECE, scan, scan_many

WRITTEN = "ｶﾞｷﾞＡ１－ー〇一二三四か\u3099㍿①\u200b\n 漢字𠮷abc09"


@given(st.text(alphabet=WRITTEN, max_size=60))
def test_every_folded_character_lies_where_it_came_from(text: str) -> None:
    folded = fold(text)
    spans = [folded.span(at, at + 1) for at in range(len(folded.text))]
    assert spans == sorted(spans)
    assert all(0 <= start < end <= len(text) for start, end in spans)


@given(st.text(alphabet=WRITTEN, max_size=20), st.text(alphabet="、。ｱｶﾞ㍿か\u3099", max_size=20))
def test_a_number_is_found_whatever_stands_before_it(before: str, after: str) -> None:
    number = "０９０－１２３４ー５６７８"
    text = f"{before}。{number}、{after}"
    assert number in [text[one.start : one.end] for one in scan(text) if one.type == "mobile_number"]


def test_zero_width_characters_hide_nothing() -> None:
    text = "090\u200b-1234\ufeff-5678"
    (one,) = scan(text)
    assert (one.type, text[one.start : one.end]) == ("mobile_number", text)


def test_twelve_digits_that_fit_two_kinds_are_told_as_both_the_graver_first() -> None:
    both = next(
        number
        for number in (f"3026{count:08d}" for count in range(1, 2000))
        if {"my_number", "drivers_licence"} <= {one.type for one in scan(number)}
    )
    assert [one.type for one in scan(both)][:2] == ["my_number", "drivers_licence"]
    assert scan(both)[0].grade is Grade.BLOCKED


def test_check_and_word_beat_check_beats_word_beats_form() -> None:
    scores = [
        scan(text, threshold=0)[0].score
        for text in ("マイナンバー 987654321093", "987654321093", "旅券番号 TZ0000001", "TZ0000001")
    ]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 4


def test_a_finding_says_why_in_both_languages_and_never_what_was_found() -> None:
    (one,) = scan("マイナンバー 987654321093")
    assert "検査用数字" in one.why.ja
    assert "マイナンバー" in one.why.ja
    assert "check digit" in one.why.en
    assert "987654321093" not in one.why.ja + one.why.en


def test_a_word_on_another_line_is_not_near() -> None:
    assert not scan("旅券番号\nTZ0000001")


def test_long_text_keeps_its_places() -> None:
    line = "なにもない行です。\n"
    text = line * (2 * PIECE // len(line)) + "連絡先 ０９０－１２３４－５６７８\n" + line
    (one,) = scan(text)
    assert text[one.start : one.end] == "０９０－１２３４－５６７８"


@pytest.mark.parametrize("text", ["", "\n", " ", "。", "\u200b", "ﾞ", "0" * 1000, "-" * 5000, "1-" * 3000, "a@" * 2000])
def test_nothing_is_found_in_nothing(text: str) -> None:
    assert not scan(text)


def test_types_are_unique_and_each_explains_itself_in_both_languages() -> None:
    types = [one.type for one in RECOGNISERS]
    assert len(set(types)) == len(types)
    for one in RECOGNISERS:
        assert all((one.label.ja, one.label.en, one.form.ja, one.form.en)), one.type
        assert all(word == word.lower() for word in (*one.near, *one.headers)), one.type


def steps(text: str) -> int:
    """Calls made while a text is looked through: the same on every machine. The patterns' own engine is linear by make."""
    counted = 0

    def note(*_: object) -> None:
        nonlocal counted
        counted += 1

    sys.setprofile(note)
    try:
        scan(text)
    finally:
        sys.setprofile(None)
    return counted


@pytest.mark.parametrize("unit", ["09012345678,", "東京都港区一丁目一", "1-", "a@", "ジョン・", "記号 番号"])
def test_hostile_text_takes_no_more_than_its_length(unit: str) -> None:
    scan(unit)  # what is loaded once
    assert steps(unit * 4_000) < 5 * steps(unit * 1_000), "four times the text, not sixteen times the work"


def test_what_lies_inside_a_longer_finding_is_not_told_apart() -> None:
    text = "住所 東京都豊島区池袋2-47-3 〒170-0014"
    assert [one.type for one in scan(text)] == ["address", "postal_code"]


@given(
    st.lists(
        st.sampled_from(
            [
                "",
                "折り返し０９０－１２３４－５６７８、糖尿病",
                "090-1234-5678",
                "様",
                "生年月日",
                "1988/4/1",
                "山田太郎",
                "a\nb",
                "ﾞ",
            ]
        ),
        max_size=6,
    )
)
def test_many_texts_at_once_are_each_by_itself(texts: list[str]) -> None:
    assert [tuple(one) for one in scan_many(texts)] == [scan(text) for text in texts]


def test_a_word_near_is_told_beside_a_check_digit_that_fits_by_chance() -> None:
    both = {one.type for one in scan("IMSI: 440100000000006")}
    assert both == {"imsi", "imei"}
