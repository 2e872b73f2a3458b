"""What the recognisers' tests ask: what one recogniser finds, and what the whole scan tells."""

from collections.abc import Callable
from importlib import import_module

import pytest

from sekisho.engine.scanning.folding import fold
from sekisho.engine.scanning.text import scan


@pytest.fixture
def found() -> Callable[[str, str], list[tuple[str, bool | None]]]:
    """(file of the recogniser, text) -> what stands at each place found, folded, and what the rule says of it."""

    def look(name: str, text: str) -> list[tuple[str, bool | None]]:
        recogniser = import_module(f"sekisho.engine.scanning.recognisers.{name}").RECOGNISER
        folded = fold(text).text
        return [(folded[one.start : one.end], one.valid) for one in recogniser.find(folded)]

    return look


@pytest.fixture
def told() -> Callable[[str], dict[str, float]]:
    """text -> type of everything told -> its best score."""

    def look(text: str) -> dict[str, float]:
        best: dict[str, float] = {}
        for one in scan(text):
            best[one.type] = max(best.get(one.type, 0), one.score)
        return best

    return look
