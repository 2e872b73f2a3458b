"""pension number: forms that are told, forms that are not."""

from collections.abc import Callable

import pytest

Found = Callable[[str, str], list[tuple[str, bool | None]]]
Told = Callable[[str], dict[str, float]]


@pytest.mark.parametrize("text", ["0000-123456", "0000123456"])
def test_the_form_alone_cannot_tell(found: Found, text: str) -> None:
    assert [valid for _, valid in found("pension_number", text)] == [None]


@pytest.mark.parametrize("text", ["000-123456", "0000-12345", "0000-123456-1"])
def test_something_else(found: Found, text: str) -> None:
    assert not found("pension_number", text)


@pytest.mark.parametrize(("text", "score"), [("基礎年金番号 0000-123456", 0.6)])
def test_told_with_its_score(told: Told, text: str, score: float) -> None:
    assert told(text).get("pension_number") == score


@pytest.mark.parametrize("text", ["注文 0000-123456"])
def test_not_told_without_a_word_near(told: Told, text: str) -> None:
    assert "pension_number" not in told(text)
