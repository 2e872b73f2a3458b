"""national insurer number: forms that are told, forms that are not."""

from collections.abc import Callable

import pytest

Found = Callable[[str, str], list[tuple[str, bool | None]]]
Told = Callable[[str], dict[str, float]]


@pytest.mark.parametrize("text", ["139998", "279992", "１３９９９８"])
def test_the_rule_confirms(found: Found, text: str) -> None:
    assert [valid for _, valid in found("national_insurer_number", text)] == [True]


@pytest.mark.parametrize("text", ["139997", "992201", "139998-1"])
def test_something_else(found: Found, text: str) -> None:
    assert not found("national_insurer_number", text)


@pytest.mark.parametrize(("text", "score"), [("国保の保険者番号は139998です", 0.95)])
def test_told_with_its_score(told: Told, text: str, score: float) -> None:
    assert told(text).get("national_insurer_number") == score


@pytest.mark.parametrize("text", ["受付番号 139998"])
def test_not_told_without_a_word_near(told: Told, text: str) -> None:
    assert "national_insurer_number" not in told(text)
