"""special care: forms that are told, forms that are not."""

from collections.abc import Callable

import pytest

Found = Callable[[str, str], list[tuple[str, bool | None]]]
Told = Callable[[str], dict[str, float]]


@pytest.mark.parametrize("text", ["糖尿病です", "HIV陽性", "身体障害者手帳の写し", "前科がある", "入信した", "乳がん"])
def test_the_rule_confirms(found: Found, text: str) -> None:
    assert {valid for _, valid in found("special_care", text)} == {True}


@pytest.mark.parametrize("text", ["お客様", "HIVE", "ががんばる", "おがんで"])
def test_something_else(found: Found, text: str) -> None:
    assert not found("special_care", text)
