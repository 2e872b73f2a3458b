"""A sweep and an erasure carried out as jobs, killed at their own points: the stores end as if nothing had happened.

A few points in `./test`; `./test --long` takes every point that an undisturbed job passes.
"""

import importlib.util
import json
import os
import random
import shutil
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import warm
from killed_jobs import Killable

LONG = os.environ.get("SEKISHO_LONG") == "1"
FEW = 3
SEED = 20261123
FIXTURE = Path(__file__).resolve().parents[1] / "fixtures" / "erasure_world.py"
SETTLES = ("worked", "counted", "done", ".after", "committed")
ENDED = "SELECT state, why, done, total FROM batch_jobs_jobrequest"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def world() -> ModuleType:
    spec = importlib.util.spec_from_file_location("erasure_world_for_killed_jobs", FIXTURE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A carrier with a plan approved for an erasure."""
    home = tmp_path_factory.mktemp("kill-jobs-built") / "home"
    home.mkdir()
    script = (
        f"import sys; sys.path[:0] = [{str(FIXTURE.parent)!r}]; import erasure_world as w; from pathlib import Path; "
        f"home = Path({str(home)!r}); w.setup(home); w.build(home); w.propose_and_approve(w.HANA)"
    )
    env = os.environ | {"SEKISHO_HOME": str(home), "SEKISHO_DATABASE_URL": ""}
    warm.run([sys.executable, "-W", "ignore", "-c", script], check=True, env=env)
    return home


@pytest.fixture
def killable(built: Path, tmp_path: Path) -> Iterator[Killable]:
    home = tmp_path / "home"
    shutil.copytree(built, home)
    one = Killable(home, "")
    yield one
    one.close()


@pytest.mark.parametrize("what", ["sweep", "erase"])
def test_killed_in_a_step_it_goes_on_there_and_nothing_is_done_twice(
    what: str, world: ModuleType, built: Path, killable: Killable
) -> None:
    home = killable.home
    before = world.state(home)
    assert killable.run(what)[0] == 0
    assert killable.run("carry")[0] == 0
    want = world.state(home)
    assert want != before
    passed = list(dict.fromkeys((home / "points").read_text(encoding="utf-8").split("\n")[:-1]))
    counts, ended = _entries(killable), killable.rows(ENDED)
    points = [point for point in passed if point.endswith(SETTLES)]
    chosen = passed if LONG else random.Random(SEED).sample(points, FEW)
    for point in chosen:
        _restore(built, home)
        assert killable.run(what)[0] == 0
        assert killable.run(f"carry {point}")[0] == -signal.SIGKILL, point
        assert killable.run("carry")[0] == 0, point
        assert world.state(home) == want, point
        assert _entries(killable) == counts, f"{point}: an entry lost or written twice"
        assert killable.rows(ENDED) == ended, point


def _entries(killable: Killable) -> Counter[str]:
    """How often each kind of entry was written, steps by their number. A step that was begun twice says so twice."""
    rows = killable.rows("SELECT kind, leaf FROM evidence_entry")
    bodies = [(kind, json.loads(bytes(leaf))["body"]) for kind, leaf in rows]
    return Counter(f"{kind} {body.get('step', '')}" for kind, body in bodies if not kind.endswith("step-begun"))


def _restore(built: Path, home: Path) -> None:
    for entry in home.iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    shutil.copytree(built, home, dirs_exist_ok=True)
