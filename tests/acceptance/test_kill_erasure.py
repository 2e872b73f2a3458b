"""Killed at any moment, an erasure or a sweep goes on where it stopped: nothing lost, half-erased, or unlogged.

20 kills in `./test`, 1,000 in `./test --long`: half at points between two durable states (at every one there is, in the
long run), half at moments drawn by time. `./test --kills 7-9` runs pieces 7 and 8 of the fifty of the long run: ten kills of an
erasure and ten of a sweep each, drawn from the piece's number. The child is killed with SIGKILL; what it left on the disk is
all that the next one has.
"""

import importlib.util
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import read_only

LONG = os.environ.get("SEKISHO_LONG") == "1"
KILLS = 10
PIECES = os.environ.get("SEKISHO_KILLS") or ("0-50" if LONG else "0-1")  # of so many kills each, of either command
FIXTURE = Path(__file__).resolve().parents[1] / "fixtures" / "erasure_world.py"
SEED = 20261123


class Killable:
    """The zygote of erasure_world.py: it forks a child for each command."""

    def __init__(self, home: Path, before: tuple[str, ...] = ()) -> None:
        self.process = subprocess.Popen(
            [*before, sys.executable, "-W", "ignore", str(FIXTURE), str(home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"SEKISHO_HOME": str(home), "SEKISHO_DATABASE_URL": ""},
        )
        assert self._line() == "ready"

    def run(self, command: str, *, kill_after: float | None = None) -> tuple[int, float]:
        """Exit code (-9 = killed) and seconds."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{command}\n")
        self.process.stdin.flush()
        child = int(self._line().removeprefix("pid "))
        began = time.monotonic()
        timer = threading.Timer(kill_after, _kill, (child,)) if kill_after is not None else None
        if timer:
            timer.start()
        code = int(self._line().removeprefix("end "))
        if timer:
            timer.cancel()
        return code, time.monotonic() - began

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(timeout=30)
        self.process.stdout.close()

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()


def _kill(child: int) -> None:
    try:
        os.kill(child, signal.SIGKILL)
    except ProcessLookupError:
        return  # it was faster


@pytest.fixture(scope="module")
def world() -> ModuleType:
    spec = importlib.util.spec_from_file_location("erasure_world_for_kills", FIXTURE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A carrier built once, with a plan approved for the erasure."""
    home = tmp_path_factory.mktemp("kill") / "snapshot"
    home.mkdir()
    script = (
        f"import sys; sys.path[:0] = [{str(FIXTURE.parent)!r}]; import erasure_world as w; from pathlib import Path; "
        f"home = Path({str(home)!r}); w.setup(home); w.build(home)"
    )
    env = os.environ | {"SEKISHO_HOME": str(home), "SEKISHO_DATABASE_URL": ""}
    subprocess.run([sys.executable, "-W", "ignore", "-c", script], check=True, env=env)
    return home


@pytest.fixture(scope="module")
def approved(snapshot: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("kill-approved") / "snapshot"
    shutil.copytree(snapshot, home)
    script = (
        f"import sys; sys.path[:0] = [{str(FIXTURE.parent)!r}]; import erasure_world as w; from pathlib import Path; "
        f"w.setup(Path({str(home)!r})); w.propose_and_approve(w.HANA)"
    )
    env = os.environ | {"SEKISHO_HOME": str(home), "SEKISHO_DATABASE_URL": ""}
    subprocess.run([sys.executable, "-W", "ignore", "-c", script], check=True, env=env)
    return home


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Killable, Path]]:
    home = tmp_path_factory.mktemp("kill-running") / "home"
    home.mkdir()
    killable = Killable(home)
    yield killable, home
    killable.close()


class Undisturbed:
    """What a run that nobody kills leaves: every row of every store, every step, and how long it took."""

    def __init__(self, command: str, world: ModuleType, start: Path, running: tuple[Killable, Path]) -> None:
        killable, home = running
        _restore(start, home)
        self.start, self.before = start, world.state(home)
        code, self.seconds = killable.run(command)
        assert code == 0
        self.want, self.steps = world.state(home), _steps(home, command)
        self.points = _points(command, self.steps)
        random.Random(SEED).shuffle(self.points)


@pytest.fixture(scope="module")
def undisturbed(
    world: ModuleType, snapshot: Path, approved: Path, running: tuple[Killable, Path]
) -> Callable[[str], Undisturbed]:
    known: dict[str, Undisturbed] = {}

    def of(command: str) -> Undisturbed:
        if command not in known:
            known[command] = Undisturbed(command, world, approved if command == "erase" else snapshot, running)
        return known[command]

    return of


@pytest.mark.slow
@pytest.mark.parametrize("piece", range(*map(int, PIECES.split("-"))))
@pytest.mark.parametrize("command", ["erase", "sweep"])
def test_killed_at_any_moment_it_ends_as_if_nothing_had_happened(
    command: str,
    piece: int,
    world: ModuleType,
    running: tuple[Killable, Path],
    undisturbed: Callable[[str], Undisturbed],
) -> None:
    killable, home = running
    clean = undisturbed(command)
    draw = random.Random(f"{SEED} {command} {piece}")
    killed = tried = 0
    while killed < KILLS and tried < 3 * KILLS:  # a run that was faster than its killer is looked at, but not counted
        tried += 1
        point = clean.points[(piece * KILLS + killed) // 2 % len(clean.points)]
        asked, kill_after = (f"{command} {point}", None) if killed % 2 else (command, draw.uniform(0, clean.seconds))
        said = f"{asked} killed after {kill_after}"
        _restore(clean.start, home)
        code, seconds = killable.run(asked, kill_after=kill_after)
        assert code in {0, -signal.SIGKILL}, said
        killed += code == -signal.SIGKILL
        if code == 0:
            clean.seconds = min(clean.seconds, seconds)
        _nothing_is_erased_unlogged_or_logged_unerased(world, home, command, clean.before, clean.want, said)
        code, _ = killable.run("resume")
        assert code == 0, said
        assert world.state(home) == clean.want, said
        assert _without_times(_steps(home, command)) == _without_times(clean.steps), said
        _ledger_says_each_step_once(home, command, said)
    assert killed == KILLS, f"only {killed} of {tried} runs were killed before their end"


@pytest.mark.slow
@pytest.mark.parametrize("largest", [150_000, 700_000, 3_000_000])
def test_a_full_disk_loses_nothing_and_certifies_nothing(
    largest: int,
    world: ModuleType,
    running: tuple[Killable, Path],
    undisturbed: Callable[[str], Undisturbed],
) -> None:
    """`largest`: too little for our own database, for some stores, for one store only."""
    killable, home = running
    clean = undisturbed("erase")
    _restore(clean.start, home)
    heavy = sqlite3.connect(home / "systems" / "hr.sqlite3")
    heavy.execute("CREATE TABLE ballast (filling BLOB)")
    heavy.execute("INSERT INTO ballast VALUES (zeroblob(4000000))")
    heavy.commit()
    heavy.close()
    before = world.state(home)
    want = clean.want | {"hr.ballast": before["hr.ballast"]}
    (home / "largest").write_text(str(largest), encoding="ascii")
    code, _ = killable.run("full")
    assert code in {0, 1}
    said = f"no file over {largest} bytes"
    _nothing_is_erased_unlogged_or_logged_unerased(world, home, "erase", before, want, said)
    ((status, certificate, retry_at),) = _query(home, "SELECT status, certificate, retry_at FROM retention_erasureplan")
    assert (status, certificate) != ("certified", None), said
    assert status in {"approved", "running", "partly"}, said
    assert (status == "partly") == (retry_at is not None), said
    if code == 0:
        steps = {step["ordinal"]: step for step in _steps(home, "erase")}
        assert any(step["status"] == "failed" for step in steps.values()), said
    code, _ = killable.run("resume")
    assert code == 0, said
    assert world.state(home) == want, said
    _ledger_says_each_step_once(home, "erase", said)


@pytest.mark.slow
@pytest.mark.parametrize("way", read_only.ways())
def test_stores_that_may_only_be_read_leave_it_partly_done(
    way: str, world: ModuleType, tmp_path: Path, undisturbed: Callable[[str], Undisturbed]
) -> None:
    clean = undisturbed("erase")
    home = tmp_path / "home"
    shutil.copytree(clean.start, home)
    (home / "largest").write_text(str(2**40), encoding="ascii")  # the disk is large enough
    with read_only.read_only(home / "systems", way) as prefix:
        killable = Killable(home, prefix)
        assert killable.run("full")[0] == 0
        killable.close()
    assert world.state(home) == clean.before
    ((status, certificate, retry_at),) = _query(home, "SELECT status, certificate, retry_at FROM retention_erasureplan")
    assert (status, certificate) == ("partly", None)
    assert retry_at is not None
    failed = [step for step in _steps(home, "erase") if step["status"] == "failed"]
    assert {step["system"] for step in failed} == {step["system"] for step in clean.steps if step["before"]} - {""}
    assert not [step for step in _steps(home, "erase") if step["before"] and step["status"] == "done"]
    killable = Killable(home)
    assert killable.run("resume")[0] == 0
    killable.close()
    assert world.state(home) == clean.want
    _ledger_says_each_step_once(home, "erase", way)


def _points(command: str, steps: list[dict[str, Any]]) -> list[int]:
    """The numbers of the points at which the most is at stake: begun, worked, counted of every step that does much."""
    first = 2 if command == "sweep" else 0  # a sweep tells of two points before its first step
    if LONG:
        return list(range(1, first + 5 * len(steps) + 1))
    doing = [step["ordinal"] for step in steps if step["before"] or step["kind"] in {"purge", "forget"}]
    return [first + 5 * (ordinal - 1) + offset for ordinal in doing for offset in (2, 3, 4)]


def _restore(snapshot: Path, home: Path) -> None:
    for entry in home.iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    shutil.copytree(snapshot, home, dirs_exist_ok=True)


def _nothing_is_erased_unlogged_or_logged_unerased(
    world: ModuleType,
    home: Path,
    command: str,
    before: dict[str, list[str]],
    want: dict[str, list[str]],
    said: str,
) -> None:
    """As the kill left it: a changed table has its step begun in the ledger, a table whose steps are all done is done."""
    now = world.state(home)
    steps = _steps(home, command)
    logged = _logged(home, "begun")
    for table, rows in now.items():
        theirs = [step for step in steps if f"{step['system']}.{step['table']}" == table]
        if rows != before[table]:
            assert any(step["ordinal"] in logged for step in theirs), f"{said}: {table} erased, but not logged"
        if theirs and all(step["status"] == "done" for step in theirs):
            assert rows == want[table], f"{said}: {table} logged, but not erased"
        untouched = set(before[table]) & set(want[table])
        assert untouched <= set(rows), f"{said}: {table} lost rows that nobody asked to erase"


def _steps(home: Path, command: str) -> list[dict[str, Any]]:
    table = "retention_erasurestep" if command == "erase" else "retention_sweepstep"
    rows = _query(home, f"SELECT ordinal, spec, status, before, after FROM {table} ORDER BY id")
    return [
        {"ordinal": ordinal, **json.loads(spec), "status": status, "before": first, "after": last}
        for ordinal, spec, status, first, last in rows
    ]


def _without_times(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: value for key, value in step.items() if key != "expected"} for step in steps]


def _logged(home: Path, word: str) -> set[int]:
    return {body["step"] for kind, body in _entries(home) if kind.endswith(f"step-{word}")}


def _ledger_says_each_step_once(home: Path, command: str, said: str) -> None:
    done = [body["step"] for kind, body in _entries(home) if kind.endswith("step-done")]
    assert sorted(done) == [step["ordinal"] for step in _steps(home, command)], said
    for kind, body in _entries(home):
        if kind.endswith("step-done"):
            step = next(one for one in _steps(home, command) if one["ordinal"] == body["step"])
            assert (body["before"], body["after"]) == (step["before"], step["after"]), said
    if command == "erase":
        assert [kind for kind, _ in _entries(home)].count("retention.erasure-certified") == 1, said
        assert _query(home, "SELECT status FROM retention_erasureplan") == [("certified",)], said


def _entries(home: Path) -> list[tuple[str, dict[str, Any]]]:
    rows = _query(home, "SELECT kind, leaf FROM evidence_entry ORDER BY id")
    return [(kind, json.loads(bytes(leaf))["body"]) for kind, leaf in rows]


def _query(home: Path, text: str) -> list[tuple[Any, ...]]:
    database = sqlite3.connect(home / "sekisho.sqlite3", timeout=30)
    try:
        return database.execute(text).fetchall()
    finally:
        database.close()
