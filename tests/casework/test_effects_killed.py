"""Bringing about what an answer says, killed between any two steps: whoever goes on comes to the same end."""

import json
import sys
from pathlib import Path

import pytest
import warm

WORLD = Path(__file__).resolve().parents[1] / "worlds" / "effects_world.py"


def killed_at_every(step: int, home: Path) -> None:
    command = [sys.executable, str(WORLD), str(home), str(step)]
    done = warm.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["different"] == []
    assert told["points"] >= 20
    assert {state for answer in told["whole"] for _, state, _ in answer} == {"done"}


def test_whoever_goes_on_after_a_kill_comes_to_the_same_end(tmp_path: Path) -> None:
    killed_at_every(9, tmp_path / "home")


@pytest.mark.long
def test_at_every_point(tmp_path: Path) -> None:
    killed_at_every(1, tmp_path / "home")
