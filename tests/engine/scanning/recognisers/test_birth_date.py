"""birth date: forms that are told, forms that are not."""

from collections.abc import Callable

import pytest

Found = Callable[[str, str], list[tuple[str, bool | None]]]
Told = Callable[[str], dict[str, float]]


@pytest.mark.parametrize(
    "text",
    [
        "昭和63年4月1日",
        "令和8年11月22日",
        "R8.11.22",
        "1988-04-01",
        "1988年4月1日",
        "19880401",
        "昭和六十三年四月一日",
        "令和元年5月1日",
    ],
)
def test_the_form_alone_cannot_tell(found: Found, text: str) -> None:
    assert [valid for _, valid in found("birth_date", text)] == [None]


@pytest.mark.parametrize("text", ["昭和65年1月1日", "昭和64年1月8日", "1988-02-30", "平成1年1月1日", "20261322"])
def test_something_else(found: Found, text: str) -> None:
    assert not found("birth_date", text)


@pytest.mark.parametrize(("text", "score"), [("生年月日 昭和63年4月1日", 0.6), ("1988年4月1日生まれ", 0.6)])
def test_told_with_its_score(told: Told, text: str, score: float) -> None:
    assert told(text).get("birth_date") == score


@pytest.mark.parametrize("text", ["契約日 1988年4月1日"])
def test_not_told_without_a_word_near(told: Told, text: str) -> None:
    assert "birth_date" not in told(text)
