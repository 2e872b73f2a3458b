"""The drill by its command: it erases in copies only, finds nobody afterwards, and the board believes it for a while."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import warm
from restores import Carrier, small_world

ROOT = Path(__file__).resolve().parents[2]
SEKISHO = (sys.executable, "-W", "ignore", "-c", "from sekisho.entrypoints.cli.main import main; main()")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def carrier(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Carrier]:
    carrier = Carrier(tmp_path_factory.mktemp("drill"))
    carrier.do("build")
    carrier.do("sweep")
    yield carrier
    carrier.close()


def test_a_drill_erases_in_copies_and_brings_nobody_back(carrier: Carrier) -> None:
    world = small_world()
    before, stood = world.state(carrier.home), carrier.do("registers")
    drill = _sekisho(carrier.home, "backup", "drill", "--people", "1", "--json")
    assert (drill["passed"], drill["people"], drill["resurrected"]) == (True, 1, 0)
    assert drill["looked_at"] > 0
    stages = {(one["stage"], one["system"]) for one in drill["stages"]}
    stores = {"crm", "hr", "billing", "cdr", "support"}
    assert stores <= {system for stage, system in stages if stage == "looked"}
    assert stores <= {system for stage, system in stages if stage == "copied"}
    assert {"erased", "verified", "replayed", "checked"} <= {stage for stage, _ in stages}
    assert world.state(carrier.home) == before
    assert carrier.do("registers")["people"] == stood["people"]
    assert sorted(path.name for path in carrier.folder.iterdir() if path.name.startswith("drill-")) == []
    assert _sekisho(carrier.home, "backup", "drill", "--last", "--json") == drill
    assert carrier.do("verify") == []


def test_the_board_wants_whole_tombstones_and_a_recent_drill(carrier: Carrier) -> None:
    carrier.do("backup")
    assert carrier.do("proof")["verdict"] != "broken"
    (file,) = carrier.apart.glob("*/tombstones")
    whole = file.read_bytes()
    file.write_bytes(b"".join(whole.splitlines(keepends=True)[:-1]))
    (file.parent / "mark.json").unlink()
    assert carrier.do("proof")["verdict"] == "broken"
    assert carrier.do("apart")["missing"] == 1
    carrier.do("number_now")  # the reconciler writes what is missing
    assert carrier.do("apart")["missing"] == 0
    assert carrier.do("proof", days=40)["verdict"] == "unproven"


def _sekisho(home: Path, *arguments: str) -> Any:
    env = os.environ | {"SEKISHO_HOME": str(home), "SEKISHO_DATABASE_URL": "", "SEKISHO_APART": ""}
    env["PYTHONPATH"] = str(ROOT / "src")
    ran = warm.run([*SEKISHO, *arguments], capture_output=True, text=True, check=False, env=env)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return json.loads(ran.stdout)
