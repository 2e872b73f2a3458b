"""`sekisho jobs`, `sekisho work`: a job followed where nobody works, one left to another process, one given up."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import warm

from sekisho.entrypoints import carrier

SMALL = Path(__file__).resolve().parents[1] / "fixtures" / "small" / "policy.yaml"
SEKISHO = (sys.executable, "-m", "sekisho.entrypoints.cli.main")
ASK = """
import sys
from datetime import UTC, datetime
from sekisho.entrypoints import runtime
with runtime.running():
    from sekisho.registers.batch_jobs import actions
    print(actions.ask_job(kind=sys.argv[1], arguments={}, at=datetime.now(UTC), acting_user="test"))
    print([name for name in ("dbos", "sqlalchemy") if name in sys.modules])
"""
PATIENCE = 60.0  # seconds; the machine may be busy
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("jobs-policy")
    home = tmp_path_factory.mktemp("jobs-home")
    (folder / "policy.yaml").write_text(SMALL.read_text(encoding="utf-8"), encoding="utf-8")
    carrier.write(home, carrier.Carrier(name="汐見テレコム", policy=folder, demo=True, follow=True))
    return home


@pytest.fixture
def working(home: Path) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        [*SEKISHO, "work"], env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        yield process
        process.kill()


def test_asking_loads_no_workflow_library_and_following_carries_the_job_out(home: Path) -> None:
    job = ask(home, "promises.look")
    (listed,) = (one for one in lines(home, "jobs", "list", "--live", "--json") if one["job"] == job)
    assert (listed["state"], listed["done"], listed["total"]) == ("requested", 0, None)
    told = lines(home, "jobs", "follow", job, "--json")
    assert told[-1]["state"] == "done"
    assert told[-1]["done"] == told[-1]["total"] > 0
    assert (home / "jobs.sqlite3").stat().st_mode & 0o077 == 0
    assert "完了" in run(home, "jobs", "show", job).stdout
    assert "done" in run(home, "jobs", "show", job, "--language", "en").stdout


def test_one_that_nobody_took_up_is_given_up_at_once(home: Path) -> None:
    job = ask(home, "copies.expire")
    done = run(home, "jobs", "cancel", job, "--by", "mori")
    assert done.returncode == 0
    assert "次の回が片づけます" in done.stdout
    again = run(home, "jobs", "cancel", job)
    assert again.returncode == 1
    assert "batch_jobs.has-ended" in again.stderr


def test_a_worker_takes_up_what_another_process_asks_and_ends_in_peace(
    home: Path, working: "subprocess.Popen[str]"
) -> None:
    until(home, lambda jobs: any(one["asked_by"] == "serve" and one["state"] == "done" for one in jobs))
    job = ask(home, "copies.expire")
    until(home, lambda jobs: any(one["job"] == job and one["state"] == "done" for one in jobs))
    hours = {one["schedule"]: one for one in lines(home, "jobs", "schedule", "--json")}
    assert hours["daily-sweep"]["next_at"]
    assert run(home, "jobs", "schedule", "--pause", "daily-sweep").returncode == 0
    assert "停止中" in run(home, "jobs", "schedule").stdout
    working.send_signal(signal.SIGTERM)
    working.communicate(timeout=PATIENCE)
    assert working.returncode == 0
    assert run(home, "ledger", "verify").returncode == 0


def test_what_does_not_exist_is_said_so(home: Path) -> None:
    for arguments, code in (
        (("show", "job-none"), "batch_jobs.unknown-job"),
        (("schedule", "--pause", "never"), "batch_jobs.schedule-unknown"),
    ):
        done = run(home, "jobs", *arguments)
        assert done.returncode == 1
        assert code in done.stderr


def ask(home: Path, kind: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", ASK, kind], env=environment(home), capture_output=True, text=True, check=True
    )
    job, loaded = done.stdout.split("\n")[:2]
    assert loaded == "[]"
    return job


def run(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return warm.run(
        [*SEKISHO, *arguments],
        env=environment(home),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


def lines(home: Path, *arguments: str) -> list[dict[str, Any]]:
    done = run(home, *arguments)
    assert done.stdout, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def until(home: Path, holds: Any) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds(lines(home, "jobs", "list", "--json")):
        assert time.monotonic() < deadline
        time.sleep(0.3)


def environment(home: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if key != "SEKISHO_DATABASE_URL"}
    return kept | {"SEKISHO_HOME": str(home), "LANG": "ja_JP.UTF-8", "LC_ALL": "", "LC_MESSAGES": ""}
