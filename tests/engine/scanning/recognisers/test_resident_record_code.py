"""resident record code: forms that are told, forms that are not."""

from collections.abc import Callable

import pytest

Found = Callable[[str, str], list[tuple[str, bool | None]]]
Told = Callable[[str], dict[str, float]]


@pytest.mark.parametrize("text", ["12345678903"])
def test_the_rule_confirms(found: Found, text: str) -> None:
    assert [valid for _, valid in found("resident_record_code", text)] == [True]


@pytest.mark.parametrize("text", ["12345678902", "00000000000"])
def test_something_else(found: Found, text: str) -> None:
    assert not found("resident_record_code", text)
