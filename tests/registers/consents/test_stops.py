"""The language-neutral cases of tests/golden/stops: one person's standing, everybody's bitmaps and a new folding agree."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ruamel.yaml import YAML

from sekisho.engine.gate.stops import stop_scopes
from sekisho.engine.law.pack import law
from sekisho.registers.consents.rules import ConsentKind, Event, standing
from sekisho.registers.populations.rules.holding import Events, Holding, fold

FOLDER = Path(__file__).resolve().parents[2] / "golden" / "stops"
AT = datetime(2026, 11, 23, tzinfo=UTC)
RESTRICTED = ConsentKind.RESTRICTED
EVERY = "*"


@cache
def cases() -> tuple[Mapping[str, Any], ...]:
    yaml = YAML(typ="safe")
    return tuple(
        case for path in sorted(FOLDER.glob("*.yaml")) for case in yaml.load(path.read_text(encoding="utf-8"))["cases"]
    )


def held(case: Mapping[str, Any]) -> Holding:
    """As everybody's facts are folded: one person at place 0."""
    scopes = tuple(dict.fromkeys((RESTRICTED.value, one["scope"]) for one in case["events"]))
    numbers = [scopes.index((RESTRICTED.value, one["scope"])) for one in case["events"]]
    told = Events(
        scopes=scopes,
        place=np.zeros(len(numbers), dtype=np.int64),
        scope=np.array(numbers, dtype=np.int64),
        given=np.array([one["given"] for one in case["events"]], dtype=np.bool_),
    )
    return fold(Holding(), told, 1)


@pytest.mark.parametrize("case", cases(), ids=[case["id"] for case in cases()])
def test_case(case: Mapping[str, Any]) -> None:
    said = [
        Event(kind=RESTRICTED, scope=one["scope"], given=one["given"], notice_era="", at=AT) for one in case["events"]
    ]
    stands, holding = standing(said, 1), held(case)
    for use, stopped in case["want"].items():
        purpose, _, data_class = use.partition("/")
        assert stands.is_stopped(purpose, data_class) is stopped, use
        scopes = (EVERY, *stop_scopes(purpose, data_class))
        assert any(holding.of(RESTRICTED.value, scope, 1).any() for scope in scopes) is stopped, use


def test_every_case_shows_both_or_the_whole_and_cites_what_exists() -> None:
    assert len({case["id"] for case in cases()}) == len(cases()) >= 12
    assert {stopped for case in cases() for stopped in case["want"].values()} == {True, False}
    for key in {key for case in cases() for key in case["cites"]}:
        assert key.startswith("B-") or law(AT.date()).cite(key).article
