"""yucho account: forms that are told, forms that are not."""

from collections.abc import Callable

import pytest

from sekisho.engine.scanning.recognisers.yucho_account import as_bank_account

Found = Callable[[str, str], list[tuple[str, bool | None]]]
Told = Callable[[str], dict[str, float]]


@pytest.mark.parametrize("text", ["12345/12345671", "10530-12345671", "00530/123456", "12340 番号12345671"])
def test_the_form_alone_cannot_tell(found: Found, text: str) -> None:
    assert [valid for _, valid in found("yucho_account", text)] == [None]


@pytest.mark.parametrize("text", ["10530/12345672", "20530/12345671", "1053/12345671"])
def test_something_else(found: Found, text: str) -> None:
    assert not found("yucho_account", text)


@pytest.mark.parametrize(("text", "score"), [("ゆうちょ 10530-12345671", 0.6)])
def test_told_with_its_score(told: Told, text: str, score: float) -> None:
    assert told(text).get("yucho_account") == score


@pytest.mark.parametrize("text", ["10530-12345671"])
def test_not_told_without_a_word_near(told: Told, text: str) -> None:
    assert "yucho_account" not in told(text)


@pytest.mark.parametrize(
    ("symbol", "number", "account"),
    [
        ("12345", "12345671", "9900-238-1234567"),
        ("10530", "12345671", "9900-058-1234567"),
        ("00530", "123456", "9900-059-0123456"),
    ],
)
def test_as_other_banks_write_it(symbol: str, number: str, account: str) -> None:
    assert as_bank_account(symbol, number) == account
