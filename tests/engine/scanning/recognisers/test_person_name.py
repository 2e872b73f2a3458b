"""person name: forms that are told, forms that are not."""

from collections.abc import Callable

import pytest

Found = Callable[[str, str], list[tuple[str, bool | None]]]
Told = Callable[[str], dict[str, float]]


@pytest.mark.parametrize("text", ["山田太郎", "山田 太郎", "佐藤花子", "豊臣秀吉", "ジョン・スミス"])
def test_the_rule_confirms(found: Found, text: str) -> None:
    assert [valid for _, valid in found("person_name", text)] == [True]


@pytest.mark.parametrize("text", ["田中"])
def test_the_form_alone_cannot_tell(found: Found, text: str) -> None:
    assert [valid for _, valid in found("person_name", text)] == [None]


@pytest.mark.parametrize("text", ["電話", "今日は晴れ"])
def test_something_else(found: Found, text: str) -> None:
    assert not found("person_name", text)


@pytest.mark.parametrize(("text", "score"), [("山田太郎様", 0.95), ("田中さん", 0.6), ("田中", 0.5)])
def test_told_with_its_score(told: Told, text: str, score: float) -> None:
    assert told(text).get("person_name") == score


@pytest.mark.parametrize("text", ["田中商店", "田中病院の予約", "森", "ヘンダーソン飛行場"])
def test_what_is_named_after_people_is_not_told(told: Told, text: str) -> None:
    assert "person_name" not in told(text)


@pytest.mark.parametrize("text", ["ピエール・オミダイアは", "アレクセイ・ニコラエヴィッチ・トルストイが"])
def test_a_foreign_name_is_told_to_its_end(found: Found, text: str) -> None:
    assert found("person_name", text) == [(text[:-1], True)]


def test_a_given_name_half_known_is_told_to_its_end(found: Found) -> None:
    assert [name for name, _ in found("person_name", "今井徳順は")] == ["今井徳順"]


def test_a_long_line_is_cut_for_the_tokenizer_and_keeps_its_places(found: Found) -> None:
    assert [name for name, _ in found("person_name", "です。" * 20_000 + "山田太郎")] == ["山田太郎"]


@pytest.mark.parametrize(("text", "name"), [("安部 大樹", "安部 大樹"), ("田中 様", "田中"), ("田中 部長", "田中")])
def test_alone_in_its_field_a_name_may_have_any_given_name(found: Found, text: str, name: str) -> None:
    assert [one for one, _ in found("person_name", text)] == [name]


@pytest.mark.parametrize("text", ["濵田様", "髙橋さん", "𠮷田様", "德永氏", "瀨川様"])
def test_letters_the_dictionary_has_in_another_form(told: Told, text: str) -> None:
    assert told(text).get("person_name") == 0.6
