"""my number: forms that are told, forms that are not."""

from collections.abc import Callable

import pytest

Found = Callable[[str, str], list[tuple[str, bool | None]]]
Told = Callable[[str], dict[str, float]]


@pytest.mark.parametrize(
    "text",
    [
        "987654321093",
        "111111111118",
        "202611220016",
        "555123409878",
        "301661318600",
        "913909960300",
        "123456789018",
        "９８７６ー５４３２－１０９３",
        "9876 5432 1093",
        "社員987654321093番",
    ],
)
def test_the_rule_confirms(found: Found, text: str) -> None:
    assert [valid for _, valid in found("my_number", text)] == [True]


@pytest.mark.parametrize(
    "text",
    [
        "000000000000",
        "987654321094",
        "123456789012",
        "1987654321093",
        "98765432109",
        "A987654321093",
        "987654321093-1",
        "+987654321093",
    ],
)
def test_something_else(found: Found, text: str) -> None:
    assert not found("my_number", text)


@pytest.mark.parametrize(("text", "score"), [("マイナンバー 987654321093", 0.95), ("受付 987654321093 まで", 0.8)])
def test_told_with_its_score(told: Told, text: str, score: float) -> None:
    assert told(text).get("my_number") == score


@pytest.mark.parametrize("text", ["マイナンバー 987654321094"])
def test_not_told_without_a_word_near(told: Told, text: str) -> None:
    assert "my_number" not in told(text)
