"""`sekisho restore` killed at any moment: every command says which command helps, and that command does."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import warm
from restores import Carrier, small_world

from sekisho.entrypoints import lock

ROOT = Path(__file__).resolve().parents[2]
SEKISHO = (sys.executable, "-W", "ignore", "-c", "from sekisho.entrypoints.cli.main import main; main()")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def lost(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Carrier, str]]:
    """A carrier that backed up, erased Hana, and lost its home."""
    carrier = Carrier(tmp_path_factory.mktemp("killed"))
    carrier.do("build")
    backup = carrier.do("backup")
    carrier.do("erase", person=small_world().HANA)
    carrier.lose()
    yield carrier, backup
    carrier.close()


@pytest.mark.parametrize("files", [0, 12])
def test_killed_in_the_middle_the_remedies_lead_to_an_open_home(lost: tuple[Carrier, str], files: int) -> None:
    carrier, backup = lost
    shutil.rmtree(carrier.home, ignore_errors=True)
    place = str(carrier.backups / backup)
    _killed_once(carrier.home, files, "restore", place)
    refused = _ran(carrier.home, "restore-check")
    assert refused.returncode == 1
    assert "backups.half-restored" in refused.stderr
    assert _advised(refused.stderr) == "restore"
    for other in (("promises",), ("backup", "list")):
        said = _ran(carrier.home, *other)
        assert said.returncode != 0
        assert _advised(said.stderr) == "restore", said.stderr
    again = _ran(carrier.home, "restore", place)
    assert again.returncode == 0, again.stderr
    assert _advised(_ran(carrier.home, "promises").stderr) == "restore-check"
    assert _ran(carrier.home, "restore-check").returncode == 0
    opened = _ran(carrier.home, "restore-check")
    assert "backups.not-locked" in opened.stderr
    assert "開いています" in opened.stderr
    assert _ran(carrier.home, "ledger", "verify").returncode == 0


def test_killed_before_its_lock_stands_the_same_restore_goes_on(lost: tuple[Carrier, str]) -> None:
    carrier, backup = lost
    shutil.rmtree(carrier.home, ignore_errors=True)
    carrier.home.mkdir()
    (carrier.home / ".new-0").write_bytes(b"{")  # what a lock that is being written looks like
    assert _ran(carrier.home, "restore", str(carrier.backups / backup)).returncode == 0
    (carrier.home / lock.FILE).write_bytes(b"{")
    for command in (("restore-check",), ("restore", str(carrier.backups / backup))):
        refused = _ran(carrier.home, *command)
        assert "backups.lock-unreadable" in refused.stderr
    shutil.rmtree(carrier.home)  # "another, empty place"
    assert _ran(carrier.home, "restore", str(carrier.backups / backup)).returncode == 0
    assert _ran(carrier.home, "restore-check").returncode == 0


def _killed_once(home: Path, files: int, *arguments: str) -> None:
    """SIGKILL as soon as it has put so many files back; 0: as soon as its lock stands."""
    process = subprocess.Popen([*SEKISHO, *arguments], env=_environment(home), stdout=subprocess.DEVNULL)
    try:
        while process.poll() is None and not _has_come(home, files):
            time.sleep(0.001)
        process.send_signal(signal.SIGSTOP)
        assert _has_come(home, files)
    finally:
        process.kill()
        process.wait()
    said = lock.state(home)
    assert said is not None
    assert said["stage"] == lock.RESTORING, "it was to die in the middle"


def _has_come(home: Path, files: int) -> bool:
    if not (home / lock.FILE).exists():
        return False
    return sum(path.is_file() for path in home.rglob("*")) > files


def _advised(said: str) -> str:
    """The command that the remedy names first."""
    found = re.search(r"sekisho (restore-check|restore)", said[said.index("→") :])
    assert found, said
    return found[1]


def _ran(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return warm.run([*SEKISHO, *arguments], capture_output=True, text=True, check=False, env=_environment(home))


def _environment(home: Path) -> dict[str, str]:
    told = {"SEKISHO_HOME": str(home), "SEKISHO_DATABASE_URL": "", "SEKISHO_APART": "", "PYTHONPATH": str(ROOT / "src")}
    return os.environ | told | {"SEKISHO_LANGUAGE": "ja", "LANG": "ja_JP.UTF-8"}
