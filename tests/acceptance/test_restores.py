"""Backup, life goes on, everything is lost, restore: nobody who was erased comes back, and nothing else is lost.

5 cycles in `./test`, 50 in `./test --long`. Half of them are killed by SIGKILL at a point between two stages or steps of
the replay, and go on. The stores are then row by row what they were when they were lost.
"""

import os
import random
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from restores import OTHERS, Carrier, small_world

from sekisho.connectors import residue
from sekisho.engine.erasure.needles import Needle, NeedleKind, variants

LONG = os.environ.get("SEKISHO_LONG") == "1"
CYCLES = 50 if LONG else 5
SEED = 20261123
STORES = (
    ("sqlite", "crm.sqlite3"),
    ("sqlite", "hr.sqlite3"),
    ("duckdb", "billing.duckdb"),
    ("delta", "cdr"),
    ("jsonl", "support"),
)
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def carrier(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Carrier]:
    carrier = Carrier(tmp_path_factory.mktemp("restores"))
    carrier.do("build")
    carrier.snapshot()
    yield carrier
    carrier.close()


@pytest.mark.parametrize("cycle", range(CYCLES))
def test_nobody_erased_comes_back(carrier: Carrier, cycle: int) -> None:
    world = small_world()
    draw = random.Random(f"{SEED} {cycle}")
    carrier.begin_anew()
    backup = carrier.do("backup")
    people = (
        [world.HANA, *draw.sample(OTHERS, draw.randint(0, 1))]
        if cycle % 2 == 0
        else draw.sample(OTHERS, draw.randint(1, 2))
    )
    for person in people:
        carrier.do("erase", person=person)
    withdrawn = draw.choice([one for one in OTHERS[:6] if one not in people])
    carrier.do("withdraw", person=withdrawn)
    lost, stood = world.state(carrier.home), carrier.do("registers")
    carrier.lose()
    if cycle % 2:
        carrier.do("restore", backup=backup, kill_at=draw.randint(1, 30), code=-signal.SIGKILL)
        assert (carrier.home / "restore.lock").exists()
    carrier.do("restore", backup=backup)
    assert world.state(carrier.home) != lost, "the backup must bring them back, or nothing is shown"
    if cycle % 2:
        carrier.do("check", kill_at=draw.randint(1, 40), code=-signal.SIGKILL)
        assert (carrier.home / "restore.lock").exists()
    opening = carrier.do("check")
    assert world.state(carrier.home) == lost, people
    assert _people(carrier.do("registers")) == _people(stood)
    assert opening["ledger"]["now"] >= opening["ledger"]["restored"]
    assert not (carrier.home / "restore.lock").exists()
    assert carrier.do("verify") == []
    assert carrier.do("apart")["missing"] == 0
    if world.HANA in people:
        assert _left_of_hana(carrier.home) == []


def _people(stood: dict[str, Any]) -> dict[str, Any]:
    return {key: stood[key] for key in ("people", "active", "holds")}


def _left_of_hana(home: Path) -> list[str]:
    world = small_world()
    needles = {
        "mail": variants(Needle(kind=NeedleKind.MAIL, value=world.MAIL)),
        "name": variants(Needle(kind=NeedleKind.NAME, value=world.NAME)),
        "number": variants(Needle(kind=NeedleKind.PHONE, value=world.NUMBER)),
    }
    places = [(kind, home / "systems" / name) for kind, name in STORES]
    places.append(("sqlite", home / "sekisho.sqlite3"))
    return [
        f"{path.name} {one.location} {one.how}"
        for kind, path in places
        for one in residue.find(kind, str(path), needles)
    ]
