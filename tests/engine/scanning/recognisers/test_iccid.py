"""iccid: forms that are told, forms that are not."""

from collections.abc import Callable

import pytest

Found = Callable[[str, str], list[tuple[str, bool | None]]]
Told = Callable[[str], dict[str, float]]


@pytest.mark.parametrize(
    "text", ["8981100000000000010", "8981200000000000027", "8981300000000000034", "8981 1000 0000 0000 010"]
)
def test_the_rule_confirms(found: Found, text: str) -> None:
    assert [valid for _, valid in found("iccid", text)] == [True]


@pytest.mark.parametrize("text", ["8981100000000000011", "8901100000000000010", "898110000000000001"])
def test_something_else(found: Found, text: str) -> None:
    assert not found("iccid", text)


@pytest.mark.parametrize(("text", "score"), [("SIM 8981100000000000010", 0.95)])
def test_told_with_its_score(told: Told, text: str, score: float) -> None:
    assert told(text).get("iccid") == score
