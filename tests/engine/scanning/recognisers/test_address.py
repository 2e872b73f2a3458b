"""address: forms that are told, forms that are not."""

from collections.abc import Callable

import pytest

Found = Callable[[str, str], list[tuple[str, bool | None]]]
Told = Callable[[str], dict[str, float]]


@pytest.mark.parametrize(
    "text",
    [
        "東京都豊島区池袋2-47-3",
        "東京都豊島区池袋二丁目四十七番地三",
        "大阪府大阪市北区梅田３丁目１番１号",
        "北海道札幌市中央区北1条西2丁目",
        "京都府京都市下京区四条通烏丸東入長刀鉾町8",
        "横浜市中区日本大通1",
    ],
)
def test_the_rule_confirms(found: Found, text: str) -> None:
    assert [valid for _, valid in found("address", text)] == [True]


@pytest.mark.parametrize("text", ["豊島区池袋2-47-3"])
def test_the_form_alone_cannot_tell(found: Found, text: str) -> None:
    assert [valid for _, valid in found("address", text)] == [None]


@pytest.mark.parametrize("text", ["東京都の人口", "大阪市で会いましょう", "池袋"])
def test_something_else(found: Found, text: str) -> None:
    assert not found("address", text)


@pytest.mark.parametrize(("text", "score"), [("住所 東京都豊島区池袋2-47-3", 0.95)])
def test_told_with_its_score(told: Told, text: str, score: float) -> None:
    assert told(text).get("address") == score


@pytest.mark.parametrize("text", ["東京都の条例"])
def test_not_told_without_a_word_near(told: Told, text: str) -> None:
    assert "address" not in told(text)
