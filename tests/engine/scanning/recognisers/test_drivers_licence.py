"""drivers licence: forms that are told, forms that are not."""

from collections.abc import Callable

import pytest

Found = Callable[[str, str], list[tuple[str, bool | None]]]
Told = Callable[[str], dict[str, float]]


@pytest.mark.parametrize(
    "text",
    [
        "302600000190",
        "621812345690",
        "459976543271",
        "900500012360",
        "303212233000",
        "308599528910",
        "309012345620",
        "3090-1234-5620",
    ],
)
def test_the_rule_confirms(found: Found, text: str) -> None:
    assert [valid for _, valid in found("drivers_licence", text)] == [True]


@pytest.mark.parametrize("text", ["302600000180", "312600000190", "000000000000", "30260000019"])
def test_something_else(found: Found, text: str) -> None:
    assert not found("drivers_licence", text)


@pytest.mark.parametrize(("text", "score"), [("免許証番号は302600000190", 0.95)])
def test_told_with_its_score(told: Told, text: str, score: float) -> None:
    assert told(text).get("drivers_licence") == score
