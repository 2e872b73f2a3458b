"""residence card: forms that are told, forms that are not."""

from collections.abc import Callable

import pytest

Found = Callable[[str, str], list[tuple[str, bool | None]]]
Told = Callable[[str], dict[str, float]]


@pytest.mark.parametrize("text", ["AB12345678CD", "ＡＢ１２３４５６７８ＣＤ"])
def test_the_form_alone_cannot_tell(found: Found, text: str) -> None:
    assert [valid for _, valid in found("residence_card", text)] == [None]


@pytest.mark.parametrize("text", ["AB1234567CD", "AB12345678C", "XAB12345678CD", "ab12345678cd"])
def test_something_else(found: Found, text: str) -> None:
    assert not found("residence_card", text)


@pytest.mark.parametrize(("text", "score"), [("在留カード AB12345678CD", 0.6)])
def test_told_with_its_score(told: Told, text: str, score: float) -> None:
    assert told(text).get("residence_card") == score


@pytest.mark.parametrize("text", ["型番 AB12345678CD"])
def test_not_told_without_a_word_near(told: Told, text: str) -> None:
    assert "residence_card" not in told(text)
