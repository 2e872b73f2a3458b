"""imei: forms that are told, forms that are not."""

from collections.abc import Callable

import pytest

Found = Callable[[str, str], list[tuple[str, bool | None]]]
Told = Callable[[str], dict[str, float]]


@pytest.mark.parametrize(
    "text", ["350000000000014", "860000000000025", "010000000000032", "490154203237518", "35-000000-000001-4"]
)
def test_the_rule_confirms(found: Found, text: str) -> None:
    assert [valid for _, valid in found("imei", text)] == [True]


@pytest.mark.parametrize("text", ["490154203237519", "000000000000000", "4901542032375180"])
def test_something_else(found: Found, text: str) -> None:
    assert not found("imei", text)


@pytest.mark.parametrize(("text", "score"), [("IMEI: 490154203237518", 0.95)])
def test_told_with_its_score(told: Told, text: str, score: float) -> None:
    assert told(text).get("imei") == score
