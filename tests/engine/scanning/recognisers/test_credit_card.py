"""credit card: forms that are told, forms that are not."""

from collections.abc import Callable

import pytest

Found = Callable[[str, str], list[tuple[str, bool | None]]]
Told = Callable[[str], dict[str, float]]


@pytest.mark.parametrize(
    "text",
    [
        "4000000000000002",
        "5100000000000016",
        "3530000000000029",
        "370000000000036",
        "36000000000040",
        "4000 0000 0000 0002",
        "4000-0000-0000-0002",
        "3700-000000-00036",
    ],
)
def test_the_rule_confirms(found: Found, text: str) -> None:
    assert [valid for _, valid in found("credit_card", text)] == [True]


@pytest.mark.parametrize("text", ["4000000000000003", "6100000000000015", "40000000000000020", "2026112200000000"])
def test_something_else(found: Found, text: str) -> None:
    assert not found("credit_card", text)


@pytest.mark.parametrize(("text", "score"), [("カード番号 4000000000000002", 0.95)])
def test_told_with_its_score(told: Told, text: str, score: float) -> None:
    assert told(text).get("credit_card") == score
