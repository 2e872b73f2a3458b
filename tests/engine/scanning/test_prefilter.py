"""One pass for all patterns finds what each of them finds by itself, wherever it stands."""

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sekisho.engine.scanning import prefilter
from sekisho.engine.scanning.check_digits import resident_digit
from sekisho.engine.scanning.folding import fold
from sekisho.engine.scanning.prefilter import candidates
from sekisho.engine.scanning.recogniser import Recogniser
from sekisho.engine.scanning.recognisers import RECOGNISERS
from sekisho.engine.scanning.weighing import weigh

PATTERNS = tuple(one for one in RECOGNISERS if one.type != "person_name")
VALUES = (
    "170-0015 住所",
    "個人番号 987654321093",
    "987654321093",
    f"住民票コード 1234567890{resident_digit('1234567890')}",
    "090-1234-5678",
    "+81 (0)90 1234 5678",
    "TEL03-5944-9818",
    "(03) 5944-9818",
    "0422.12.3456",
    "050-3456-7890",
    "020-123-4567 8",
    "2026-11-23 09:15 09012345678,0312345678",
    "免許証番号 302600000190",
    "年金番号 0000-123456",
    "保険者番号 06139992",
    "国保 139998",
    "保険証 記号 12-34 番号 5678 枝番 01",
    "雇用保険 1234-567890-1",
    "旅券 TZ0000001",
    "TZ00000019JPN",
    "在留カード AB12345678CD",
    "4000 0000 0000 0002",
    "3700-000000-00036",
    "口座 0000-001-1234567",
    "ゆうちょ 12345 番号 12345671",
    "記号12345-1234561",
    "440100000000001",
    "8981100000000000010",
    "350000000000014",
    "a.b+c@mail.example.jp",
    "接続元 192.0.2.1",
    "2001:db8::1",
    "12:30:15",
    "〒170-0014",
    "東京都豊島区池袋2-47-3 ビル301",
    "東京都豊島区池袋二丁目四十七番三号",
    "大阪市北区梅田1",
    "港区芝5の7",
    "北海道千歳 1番地",
    "昭和63年4月1日生まれ",
    "生年月日 1988/4/1",
    "BORN 19880401",
    "ヤマダ タロウ",
    "やまだ たろう",
    "糖尿病で入院中",
    "HIV",
    "7000012050002",
    "T7000012050002",
)
PLAIN = (
    "料金プランの変更についてお問い合わせ。来月から適用とご案内した。\n" * 8
)  # more than a search passes over gladly
JOINTS = (
    "",
    " ",
    "\n",
    "、",
    "。",
    "-",
    "は",
    "様",
    "\n\n",
    "(",
    ")",
    "ー",
    "\r\n",
    "0",
    "あ",
    PLAIN,
    "ｶﾞ",
    "Ａ",
    "\u200b",
    "\ud800",
)
texts = st.lists(st.one_of(st.sampled_from(VALUES), st.sampled_from(JOINTS), st.text(max_size=6)), max_size=14).map(
    "".join
)


def _told(text: str, patterns: tuple[Recogniser, ...] = PATTERNS, *, filtered: bool) -> list[tuple[object, ...]]:
    """What is worth telling: the recogniser, its place, its score."""
    folded = fold(text).text
    lowered = folded.lower() if len(folded.lower()) == len(folded) else folded
    if filtered:
        pairs = list(candidates(folded, patterns))
    else:
        pairs = [(one, found) for one in patterns for found in one.find(folded)]
    return [
        (one.type, found.start, found.end, weighed[0])
        for one, found in pairs
        if (weighed := weigh(one, found, lowered)) is not None
    ]


@given(texts)
@example("\n".join(VALUES))
@example("".join(VALUES))
@example("生年月日\n1988/4/1")
def test_the_answers_are_those_of_all_patterns(text: str) -> None:
    assert _told(text, filtered=True) == _told(text, filtered=False)


@pytest.mark.parametrize("one", PATTERNS, ids=lambda one: one.type)
def test_one_pattern_by_itself_finds_the_same_far_apart_and_in_a_row(one: Recogniser) -> None:
    text = fold(PLAIN + PLAIN.join(f"{value}\n{value}\n" for value in VALUES)).text
    assert _told(text, (one,), filtered=True) == _told(text, (one,), filtered=False)


class _Exhausted:
    """An RE2 set whose automaton has outgrown its memory: it tells nothing, not even of what stands in every line.

    `Match` is RE2's name.
    """

    def Match(self, line: bytes) -> None:  # noqa: N802
        return None


def test_an_automaton_without_memory_is_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    text = fold("\n".join(VALUES)).text
    told = list(candidates(text, PATTERNS))
    exhausted = replace(prefilter._prefilter(PATTERNS), each=_Exhausted())
    monkeypatch.setattr(prefilter, "_prefilter", lambda _: exhausted)
    assert list(candidates(text, PATTERNS)) == told


def test_every_form_is_among_the_values() -> None:
    assert {one[0] for one in _told("\n".join(VALUES), filtered=True)} == {one.type for one in PATTERNS}


@given(st.text(max_size=40) | texts)
def test_folding_is_nfkc_with_even_hyphens(text: str) -> None:
    folded = fold(text)
    plain = unicodedata.normalize("NFKC", folded.text)
    assert unicodedata.normalize("NFKC", plain) == plain
    assert all(text[start:end] for start, end in (folded.span(at, at + 1) for at in range(len(folded.text))))
