"""mail address: forms that are told, forms that are not."""

from collections.abc import Callable

import pytest

Found = Callable[[str, str], list[tuple[str, bool | None]]]
Told = Callable[[str], dict[str, float]]


@pytest.mark.parametrize(
    "text",
    [
        "taro@example.jp",
        "a.b+c@mail.example.co.jp",
        "宛先:taro@example.jpまで",
        "ｔａｒｏ＠ｅｘａｍｐｌｅ．ｊｐ",
        "taro..@example.ne.jp",
    ],
)
def test_the_rule_confirms(found: Found, text: str) -> None:
    assert [valid for _, valid in found("mail_address", text)] == [True]


@pytest.mark.parametrize("text", ["taro@example", "@example.jp", "taro@-example.jp"])
def test_something_else(found: Found, text: str) -> None:
    assert not found("mail_address", text)


@pytest.mark.parametrize(("text", "score"), [("taro@example.jp", 0.8)])
def test_told_with_its_score(told: Told, text: str, score: float) -> None:
    assert told(text).get("mail_address") == score
