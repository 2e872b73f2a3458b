"""A number is found however it is written, and only where it stands alone."""

import pytest

from sekisho.engine.erasure.needles import Needle, NeedleKind, mentions, variants, without

PHONE = Needle(kind=NeedleKind.PHONE, value="09001234567")
NAME = Needle(kind=NeedleKind.NAME, value="𠮷田 花子")
KANA = Needle(kind=NeedleKind.NAME, value="ヨシダ ハナコ")
MAIL = Needle(kind=NeedleKind.MAIL, value="hana@example.jp")
CODE = Needle(kind=NeedleKind.CODE, value="C0001234")


@pytest.mark.parametrize(
    "text",
    [
        "09001234567",
        "090-0123-4567",
        "090 0123 4567",
        "０９０－０１２３－４５６７",
        "０９０ー０１２３ー４５６７",  # the long vowel mark as people type it
        "+81 90 0123 4567",
        "+81-90-0123-4567",
        "+819001234567",
        "090(0123)4567",
        "〇九〇－〇一二三－四五六七",
        "電話は090‐0123‐4567まで",
    ],
)
def test_a_number_is_found_in_every_way_of_writing(text: str) -> None:
    found = mentions(text, [PHONE])
    assert len(found) == 1
    assert "0123" not in without(text, found)
    assert "０１２３" not in without(text, found)


@pytest.mark.parametrize("text", ["109001234567", "090012345678", "090-0123-4568", "0900123と4567", ""])
def test_another_number_is_left_alone(text: str) -> None:
    assert mentions(text, [PHONE]) == ()


def test_only_the_mention_is_blanked() -> None:
    text = "折り返しは 090-0123-4567（本人）へ。"
    assert without(text, mentions(text, [PHONE])) == "折り返しは ■■■（本人）へ。"


@pytest.mark.parametrize("text", ["𠮷田花子様", "𠮷田　花子さま", "𠮷田 花子"])
def test_a_name_is_found_with_any_gap(text: str) -> None:
    assert len(mentions(text, [NAME])) == 1


@pytest.mark.parametrize("text", ["ヨシダハナコ", "よしだ はなこ", "ﾖｼﾀﾞ ﾊﾅｺ"])
def test_kana_is_found_in_any_width(text: str) -> None:
    assert len(mentions(text, [KANA])) == 1


def test_mail_and_code_are_found_whatever_the_case_and_width() -> None:
    text = "ＨＡＮＡ＠example.jp / c0001234 / C00012345"
    assert [mention.needle for mention in mentions(text, [MAIL, CODE])] == [0, 1]


def test_every_literal_variant_is_a_mention() -> None:
    for needle in (PHONE, NAME, KANA, MAIL, CODE):
        for form in variants(needle):
            assert mentions(f"…{form}…", [needle]), form
