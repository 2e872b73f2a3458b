"""passport: forms that are told, forms that are not."""

from collections.abc import Callable

import pytest

from sekisho.engine.scanning.recognisers.passport import check_digit

Found = Callable[[str, str], list[tuple[str, bool | None]]]
Told = Callable[[str], dict[str, float]]


@pytest.mark.parametrize("text", ["TZ00000019JPN", "TR00000026JPN", "MZ00000032JPN"])
def test_the_rule_confirms(found: Found, text: str) -> None:
    assert [valid for _, valid in found("passport", text)] == [True]


@pytest.mark.parametrize("text", ["TZ0000001", "MZ0000003"])
def test_the_form_alone_cannot_tell(found: Found, text: str) -> None:
    assert [valid for _, valid in found("passport", text)] == [None]


@pytest.mark.parametrize("text", ["TZ00000018JPN", "AZ0000001", "TZ000000", "TZ00000012"])
def test_something_else(found: Found, text: str) -> None:
    assert not found("passport", text)


@pytest.mark.parametrize(("text", "score"), [("旅券番号 TZ0000001", 0.6)])
def test_told_with_its_score(told: Told, text: str, score: float) -> None:
    assert told(text).get("passport") == score


@pytest.mark.parametrize("text", ["型番 TZ0000001"])
def test_not_told_without_a_word_near(told: Told, text: str) -> None:
    assert "passport" not in told(text)


def test_the_worked_example_of_the_standard() -> None:
    assert check_digit("L898902C<") == 3
