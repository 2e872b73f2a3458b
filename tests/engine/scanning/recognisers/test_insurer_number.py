"""insurer number: forms that are told, forms that are not."""

from collections.abc import Callable

import pytest

Found = Callable[[str, str], list[tuple[str, bool | None]]]
Told = Callable[[str], dict[str, float]]


@pytest.mark.parametrize("text", ["06139992", "01999994", "39139993", "63279996"])
def test_the_rule_confirms(found: Found, text: str) -> None:
    assert [valid for _, valid in found("insurer_number", text)] == [True]


@pytest.mark.parametrize("text", ["06139991", "20261122", "05139992", "1206139992"])
def test_something_else(found: Found, text: str) -> None:
    assert not found("insurer_number", text)
