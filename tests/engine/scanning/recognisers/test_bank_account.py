"""bank account: forms that are told, forms that are not."""

from collections.abc import Callable

import pytest

Found = Callable[[str, str], list[tuple[str, bool | None]]]
Told = Callable[[str], dict[str, float]]


@pytest.mark.parametrize("text", ["0000-001-1234567", "0000-001-1-1234567", "普通 1234567", "口座番号1234567"])
def test_the_form_alone_cannot_tell(found: Found, text: str) -> None:
    assert [valid for _, valid in found("bank_account", text)] == [None]


@pytest.mark.parametrize("text", ["0000-001-123456", "普通に12345", "1234567"])
def test_something_else(found: Found, text: str) -> None:
    assert not found("bank_account", text)


@pytest.mark.parametrize(("text", "score"), [("振込先 0000-001-1234567", 0.6), ("普通預金 1234567", 0.6)])
def test_told_with_its_score(told: Told, text: str, score: float) -> None:
    assert told(text).get("bank_account") == score


@pytest.mark.parametrize("text", ["注文 0000-001-1234567"])
def test_not_told_without_a_word_near(told: Told, text: str) -> None:
    assert "bank_account" not in told(text)
