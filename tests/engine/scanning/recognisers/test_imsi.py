"""imsi: forms that are told, forms that are not."""

from collections.abc import Callable

import pytest

Found = Callable[[str, str], list[tuple[str, bool | None]]]
Told = Callable[[str], dict[str, float]]


@pytest.mark.parametrize("text", ["440100000000001", "441200000000001"])
def test_the_form_alone_cannot_tell(found: Found, text: str) -> None:
    assert [valid for _, valid in found("imsi", text)] == [None]


@pytest.mark.parametrize("text", ["442100000000001", "44010000000000", "4401000000000012"])
def test_something_else(found: Found, text: str) -> None:
    assert not found("imsi", text)


@pytest.mark.parametrize(("text", "score"), [("IMSI 440100000000002", 0.6)])
def test_told_with_its_score(told: Told, text: str, score: float) -> None:
    assert told(text).get("imsi") == score


@pytest.mark.parametrize("text", ["伝票 440100000000002"])
def test_not_told_without_a_word_near(told: Told, text: str) -> None:
    assert "imsi" not in told(text)
