"""kana name: forms that are told, forms that are not."""

from collections.abc import Callable

import pytest

Found = Callable[[str, str], list[tuple[str, bool | None]]]
Told = Callable[[str], dict[str, float]]


@pytest.mark.parametrize("text", ["ヤマダ タロウ", "ﾔﾏﾀﾞ ﾀﾛｳ"])
def test_the_rule_confirms(found: Found, text: str) -> None:
    assert [valid for _, valid in found("kana_name", text)] == [True]


@pytest.mark.parametrize("text", ["アイウ エオカ"])
def test_the_form_alone_cannot_tell(found: Found, text: str) -> None:
    assert [valid for _, valid in found("kana_name", text)] == [None]


@pytest.mark.parametrize("text", ["ヤマダタロウ", "ヤマダ"])
def test_something_else(found: Found, text: str) -> None:
    assert not found("kana_name", text)


@pytest.mark.parametrize(("text", "score"), [("フリガナ ヤマダ タロウ", 0.95)])
def test_told_with_its_score(told: Told, text: str, score: float) -> None:
    assert told(text).get("kana_name") == score
