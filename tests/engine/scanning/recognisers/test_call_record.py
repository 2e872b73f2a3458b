"""call record: forms that are told, forms that are not."""

from collections.abc import Callable

import pytest

Found = Callable[[str, str], list[tuple[str, bool | None]]]
Told = Callable[[str], dict[str, float]]


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-20 12:30:00,09012345678,0312345678,35",
        "09012345678\t08012345678\t2026/11/20 12:30",
        "発信 090-1234-5678 → 着信 03-1234-5678 2026年11月20日12時30分",
    ],
)
def test_the_rule_confirms(found: Found, text: str) -> None:
    assert [valid for _, valid in found("call_record", text)] == [True]


@pytest.mark.parametrize("text", ["09012345678,0312345678", "2026-11-20 12:30:00 09012345678\n0312345678"])
def test_something_else(found: Found, text: str) -> None:
    assert not found("call_record", text)
