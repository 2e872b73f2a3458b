"""postal code: forms that are told, forms that are not."""

from collections.abc import Callable

import pytest

Found = Callable[[str, str], list[tuple[str, bool | None]]]
Told = Callable[[str], dict[str, float]]


@pytest.mark.parametrize("text", ["〒170-0014", "〒1700014", "〒 １７０－００１４"])
def test_the_rule_confirms(found: Found, text: str) -> None:
    assert [valid for _, valid in found("postal_code", text)] == [True]


@pytest.mark.parametrize("text", ["170-0014"])
def test_the_form_alone_cannot_tell(found: Found, text: str) -> None:
    assert [valid for _, valid in found("postal_code", text)] == [None]


@pytest.mark.parametrize("text", ["170-00145", "1170-0014", "170-0014-1"])
def test_something_else(found: Found, text: str) -> None:
    assert not found("postal_code", text)


@pytest.mark.parametrize(("text", "score"), [("郵便番号 170-0014", 0.6)])
def test_told_with_its_score(told: Told, text: str, score: float) -> None:
    assert told(text).get("postal_code") == score


@pytest.mark.parametrize("text", ["型番 170-0014"])
def test_not_told_without_a_word_near(told: Told, text: str) -> None:
    assert "postal_code" not in told(text)
