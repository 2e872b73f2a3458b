"""employment insurance: forms that are told, forms that are not."""

from collections.abc import Callable

import pytest

Found = Callable[[str, str], list[tuple[str, bool | None]]]
Told = Callable[[str], dict[str, float]]


@pytest.mark.parametrize("text", ["1234-567890-1", "12345678901"])
def test_the_form_alone_cannot_tell(found: Found, text: str) -> None:
    assert [valid for _, valid in found("employment_insurance", text)] == [None]


@pytest.mark.parametrize("text", ["1234-567890-12", "1234-56789-1"])
def test_something_else(found: Found, text: str) -> None:
    assert not found("employment_insurance", text)


@pytest.mark.parametrize(("text", "score"), [("雇用保険被保険者番号 1234-567890-1", 0.6)])
def test_told_with_its_score(told: Told, text: str, score: float) -> None:
    assert told(text).get("employment_insurance") == score


@pytest.mark.parametrize("text", ["1234-567890-1"])
def test_not_told_without_a_word_near(told: Told, text: str) -> None:
    assert "employment_insurance" not in told(text)
