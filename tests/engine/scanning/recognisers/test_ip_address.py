"""ip address: forms that are told, forms that are not."""

from collections.abc import Callable

import pytest

Found = Callable[[str, str], list[tuple[str, bool | None]]]
Told = Callable[[str], dict[str, float]]


@pytest.mark.parametrize("text", ["2001:db8::1", "fe80:0:0:0:1:2:3:4"])
def test_the_rule_confirms(found: Found, text: str) -> None:
    assert [valid for _, valid in found("ip_address", text)] == [True]


@pytest.mark.parametrize("text", ["192.0.2.10", "10.1.2.3"])
def test_the_form_alone_cannot_tell(found: Found, text: str) -> None:
    assert [valid for _, valid in found("ip_address", text)] == [None]


@pytest.mark.parametrize("text", ["256.1.1.1", "127.0.0.1", "1.2.3", "1.2.3.4.5", "12:30:45"])
def test_something_else(found: Found, text: str) -> None:
    assert not found("ip_address", text)


@pytest.mark.parametrize(("text", "score"), [("接続元 192.0.2.10", 0.6)])
def test_told_with_its_score(told: Told, text: str, score: float) -> None:
    assert told(text).get("ip_address") == score


@pytest.mark.parametrize("text", ["版 1.2.3.4"])
def test_not_told_without_a_word_near(told: Told, text: str) -> None:
    assert "ip_address" not in told(text)
