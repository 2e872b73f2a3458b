"""Killed at every point between counting and removing, a sweep ends with each row counted once, or never and gone.

One home with a SQLite file, a DuckDB file, a Delta lake, and a PostgreSQL and a MariaDB where they run. The child is killed with SIGKILL.
`./test` dies at the points of the steps that count; `./test --long` (SEKISHO_LONG=1) at every point there is.
"""

import os
import shutil
import signal
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import counted_calls as counted
import linked_store as linked
import pytest
import warm

LONG = os.environ.get("SEKISHO_LONG") == "1"
WORLD = Path(counted.__file__)
FILES = ("sqlite", "duckdb", "delta")
ALL = {row["call_id"] for row in counted.rows()}
OCTOBER = {row["call_id"] for row in counted.rows() if row["started_at"].month == 10}
VOICE = [{"month_on": str(counted.OF_MONTH), "service": "voice", "calls": 30, "people": 15, "seconds": 1350}]
POINTS = ("begun", "claimed", "totalled", "uncommitted", "worked")


class Carrier:
    """A home as it was built, and a process over it that forks for each sweep."""

    def __init__(self, scratch: Path, urls: dict[str, str]) -> None:
        self.home, self.built, self.urls = scratch / "home", scratch / "built", urls
        script = (
            f"import sys; sys.path[:0] = {[str(WORLD.parent)]!r}; import counted_calls as c; from pathlib import Path; "
            f"home = Path({str(self.home)!r}); c.erasure_world().setup(home); c.build(home, {urls!r})"
        )
        self.env = os.environ | {"SEKISHO_HOME": str(self.home), "SEKISHO_DATABASE_URL": ""}
        warm.run([sys.executable, "-W", "ignore", "-c", script], check=True, env=self.env)
        shutil.copytree(self.home, self.built)
        self.process = warm.start([sys.executable, "-W", "ignore", str(WORLD), str(self.home)], env=self.env)
        assert self._line() == "ready"

    def restore(self) -> None:
        for entry in self.home.iterdir():
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        shutil.copytree(self.built, self.home, dirs_exist_ok=True)
        for kind in counted.SERVERS:
            if kind in self.urls:
                counted.write(kind, self.home, self.urls[kind])

    def sweep(self, point: str = "") -> int:
        assert self.process.stdin is not None
        self.process.stdin.write(f"sweep {point}\n")
        self.process.stdin.flush()
        return int(self._line().removeprefix("end "))

    def points(self) -> list[str]:
        return (self.home / "points").read_text(encoding="utf-8").split()

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(timeout=30)
        self.process.stdout.close()

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()


@pytest.fixture(scope="module")
def carrier(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Carrier]:
    scratch = tmp_path_factory.mktemp("totals")
    (scratch / "home").mkdir()
    with ExitStack() as stack:
        urls = {kind: counted.write(kind, scratch / "home") for kind in FILES}
        for kind in counted.SERVERS:
            admin = os.environ.get(f"SEKISHO_TEST_{'POSTGRES' if kind == 'postgresql' else 'MARIADB'}_URL", "")
            if admin:
                place = stack.enter_context(linked.database(kind, scratch, admin))
                urls[kind] = counted.write(kind, scratch / "home", place)
        found = Carrier(scratch, urls)
        yield found
        found.close()


@pytest.mark.slow
def test_killed_between_counting_and_removing_no_row_is_lost_or_doubled(carrier: Carrier) -> None:
    carrier.restore()
    assert carrier.sweep() == 0
    points = list(dict.fromkeys(carrier.points()))
    ended(carrier, "undisturbed")
    counting = [one for one in points if ".delete." in one and one.endswith(POINTS)]
    assert {one.rsplit(".", 1)[1] for one in counting} == set(POINTS)
    for point in points if LONG else counting:
        carrier.restore()
        assert carrier.sweep(point) == -signal.SIGKILL, point
        for kind in carrier.urls:
            left, totals = counted.state(kind, carrier.home, carrier.urls[kind])
            assert left in (ALL, OCTOBER), f"{point}: {kind} lost calls that stay"
            assert totals in ([], VOICE), f"{point}: {kind} counted {totals}"
            assert left == ALL or totals == VOICE, f"{point}: {kind} removed calls it had not counted"
            if kind != "delta":
                assert (left == ALL) == (totals == []), f"{point}: {kind} counted and removed apart"
        assert carrier.sweep() == 0, point
        ended(carrier, point)


def ended(carrier: Carrier, said: str) -> None:
    for kind in carrier.urls:
        assert counted.state(kind, carrier.home, carrier.urls[kind]) == (OCTOBER, VOICE), f"{said}: {kind}"
    assert not list((carrier.home / "claims").glob("*")), said
    database = sqlite3.connect(carrier.home / "sekisho.sqlite3", timeout=30)
    ((status, erased),) = database.execute("SELECT status, erased FROM retention_sweeprun").fetchall()
    done = database.execute("SELECT count(*) FROM evidence_entry WHERE kind = 'retention.sweep-step-done'").fetchone()
    steps = database.execute("SELECT count(*) FROM retention_sweepstep").fetchone()
    database.close()
    assert (status, erased, done) == ("done", 32 * len(carrier.urls), steps), said
