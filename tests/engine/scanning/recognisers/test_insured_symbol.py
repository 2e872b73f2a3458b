"""insured symbol: forms that are told, forms that are not."""

from collections.abc import Callable

import pytest

Found = Callable[[str, str], list[tuple[str, bool | None]]]
Told = Callable[[str], dict[str, float]]


@pytest.mark.parametrize(
    "text", ["記号 あいう 番号 1234567", "記号12-34 番号 567 枝番 01", "記号・番号でなく 記号 123 番号 45"]
)
def test_the_form_alone_cannot_tell(found: Found, text: str) -> None:
    assert [valid for _, valid in found("insured_symbol", text)] == [None]


@pytest.mark.parametrize("text", ["記号と番号を", "番号 1234"])
def test_something_else(found: Found, text: str) -> None:
    assert not found("insured_symbol", text)


@pytest.mark.parametrize(("text", "score"), [("健康保険 記号 123 番号 4567", 0.6)])
def test_told_with_its_score(told: Told, text: str, score: float) -> None:
    assert told(text).get("insured_symbol") == score


@pytest.mark.parametrize("text", ["記号 123 番号 4567"])
def test_not_told_without_a_word_near(told: Told, text: str) -> None:
    assert "insured_symbol" not in told(text)
