"""landline number: forms that are told, forms that are not."""

from collections.abc import Callable

import pytest

from sekisho.engine.scanning.text import scan

Found = Callable[[str, str], list[tuple[str, bool | None]]]
Told = Callable[[str], dict[str, float]]


@pytest.mark.parametrize(
    "text",
    [
        "03-5944-9818",
        "0422-27-1234",
        "011-222-3333",
        "04992-2-1234",
        "(03)5944-9818",
        "+81-3-5944-9818",
        "ＴＥＬ０３－５９４４－９８１８",
    ],
)
def test_the_rule_confirms(found: Found, text: str) -> None:
    assert [valid for _, valid in found("landline_number", text)] == [True]


@pytest.mark.parametrize("text", ["0359449818"])
def test_the_form_alone_cannot_tell(found: Found, text: str) -> None:
    assert [valid for _, valid in found("landline_number", text)] == [None]


@pytest.mark.parametrize(
    "text", ["0120-123-456", "0800-123-4567", "0570-012-345", "090-1234-5678", "02-1234-5678", "03-5944-981"]
)
def test_something_else(found: Found, text: str) -> None:
    assert not found("landline_number", text)


@pytest.mark.parametrize(("text", "score"), [("電話 0359449818", 0.6)])
def test_told_with_its_score(told: Told, text: str, score: float) -> None:
    assert told(text).get("landline_number") == score


@pytest.mark.parametrize("text", ["伝票 0359449818"])
def test_not_told_without_a_word_near(told: Told, text: str) -> None:
    assert "landline_number" not in told(text)


def test_the_carrier_s_own_desk_is_nobody_s() -> None:
    text = "窓口 03-5944-9818、折り返し 03-5944-9819"
    assert [text[one.start : one.end] for one in scan(text, own_numbers={"0359449818"})] == ["03-5944-9819"]
