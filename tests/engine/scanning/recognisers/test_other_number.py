"""other number: forms that are told, forms that are not."""

from collections.abc import Callable

import pytest

Found = Callable[[str, str], list[tuple[str, bool | None]]]
Told = Callable[[str], dict[str, float]]


@pytest.mark.parametrize("text", ["050-1234-5678", "020-1234-5678", "0200-12345-67890"])
def test_the_rule_confirms(found: Found, text: str) -> None:
    assert [valid for _, valid in found("other_number", text)] == [True]


@pytest.mark.parametrize("text", ["05012345678"])
def test_the_form_alone_cannot_tell(found: Found, text: str) -> None:
    assert [valid for _, valid in found("other_number", text)] == [None]


@pytest.mark.parametrize("text", ["050-0234-5678", "090-1234-5678"])
def test_something_else(found: Found, text: str) -> None:
    assert not found("other_number", text)
