"""corporate number: forms that are told, forms that are not."""

from collections.abc import Callable

import pytest

Found = Callable[[str, str], list[tuple[str, bool | None]]]
Told = Callable[[str], dict[str, float]]


@pytest.mark.parametrize(
    "text", ["7000012050002", "7123456789012", "8999900000001", "7999900000002", "6999900000003", "T7000012050002"]
)
def test_the_rule_confirms(found: Found, text: str) -> None:
    assert [valid for _, valid in found("corporate_number", text)] == [True]


@pytest.mark.parametrize("text", ["7000012050003", "1000012050002", "0000012050002", "70000120500020"])
def test_something_else(found: Found, text: str) -> None:
    assert not found("corporate_number", text)


@pytest.mark.parametrize(("text", "score"), [("法人番号 7000012050002", 0.95)])
def test_told_with_its_score(told: Told, text: str, score: float) -> None:
    assert told(text).get("corporate_number") == score
