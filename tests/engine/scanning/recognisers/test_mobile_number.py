"""mobile number: forms that are told, forms that are not."""

from collections.abc import Callable

import pytest

Found = Callable[[str, str], list[tuple[str, bool | None]]]
Told = Callable[[str], dict[str, float]]


@pytest.mark.parametrize(
    "text",
    [
        "090-1234-5678",
        "08012345678",
        "07012345678",
        "060-1234-5678",
        "+81 90-1234-5678",
        "+819012345678",
        "０９０ー１２３４ー５６７８",
        "090(1234)5678",
        "〇九〇の一二三四の五六七八",
        "電話は09012345678です",
    ],
)
def test_the_rule_confirms(found: Found, text: str) -> None:
    assert [valid for _, valid in found("mobile_number", text)] == [True]


@pytest.mark.parametrize("text", ["090-0123-4567", "09012345", "090123456789", "050-1234-5678", "19012345678"])
def test_something_else(found: Found, text: str) -> None:
    assert not found("mobile_number", text)


@pytest.mark.parametrize(("text", "score"), [("電話 090-1234-5678", 0.95)])
def test_told_with_its_score(told: Told, text: str, score: float) -> None:
    assert told(text).get("mobile_number") == score
