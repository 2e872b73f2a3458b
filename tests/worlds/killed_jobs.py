"""A process that carries jobs out and can be killed anywhere: `python killed_jobs.py`, with SEKISHO_HOME set.

It reads commands from standard input, forks for each and says when the child is gone. `ask` inserts a request; `work` takes
up and goes on with jobs until none lives; `work POINT` dies by SIGKILL at the first point of that name. `sweep` and
`erase` insert requests for the carrier of fixtures/erasure_world.py, `carry` carries them out as the product does.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

KIND = "promises.look"  # any kind without arguments: the work below takes its place
STEPS = 2
EFFECT = "test.effect"
BEGUN = "begun"  # a file of the home: a job was taken up
WORLD_AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def do_ask() -> None:
    from sekisho.registers.batch_jobs import actions

    actions.ask_job(kind=KIND, arguments={}, at=datetime.now(UTC), acting_user="test")


def do_sweep() -> None:
    from sekisho.registers.batch_jobs import actions

    arguments = {"on": WORLD_AT.date().isoformat()}
    actions.ask_job(kind="retention.sweep", arguments=arguments, at=WORLD_AT, acting_user="test", as_of=WORLD_AT)


def do_erase() -> None:
    from sekisho.registers.batch_jobs import actions
    from sekisho.registers.retention import queries

    (plan,) = queries.plans()
    arguments = {"plan": plan.ref}
    actions.ask_job(kind="retention.erase", arguments=arguments, at=WORLD_AT, acting_user="test", as_of=WORLD_AT)


def do_carry(point: str) -> None:
    """Until no job lives, with the works of the product; every point passed is a line of the home's file `points`."""
    from sekisho.entrypoints.working import WORKS

    passed = (Path(os.environ["SEKISHO_HOME"]) / "points").open("a", encoding="utf-8")

    def reached(name: str) -> None:
        passed.write(f"{name}\n")
        passed.flush()
        if name == point:
            os.kill(os.getpid(), signal.SIGKILL)

    _until_none_lives(WORKS, reached)


def do_work(point: str) -> None:
    """Until no job lives. The work's effect is an entry of evidence, marked in its own transaction."""
    from sekisho.evidence.actions import append
    from sekisho.evidence.writing import writing
    from sekisho.registers.batch_jobs.jobs.worker import Outcome, Work
    from sekisho.registers.batch_jobs.queries import Doing, State

    def reached(name: str) -> None:
        if name == "taken-up":
            (Path(os.environ["SEKISHO_HOME"]) / BEGUN).touch()
        if name == point:
            os.kill(os.getpid(), signal.SIGKILL)

    def begin(doing: Doing) -> Sequence[tuple[str, str]]:
        return [(str(number), f"store.table_{number}") for number in range(STEPS)]

    def step(doing: Doing, key: str) -> None:
        doing.reached(f"{key}.work")
        with writing():
            if doing.once(key):
                append(kind=EFFECT, body={"job": doing.job.ref, "step": key}, at=doing.at)
            doing.reached(f"{key}.uncommitted")
        doing.reached(f"{key}.committed")

    def end(doing: Doing) -> Outcome:
        return State.DONE, ""

    _until_none_lives((Work(kind=KIND, begin=begin, step=step, end=end),), reached)


def _until_none_lives(works: Sequence[Any], reached: Callable[[str], None]) -> None:
    from sekisho.registers.batch_jobs import queries
    from sekisho.registers.batch_jobs.jobs.reconciling import reconcile
    from sekisho.registers.batch_jobs.jobs.worker import Worker

    worker = Worker.open(works, reached=reached)
    assert worker is not None, "somebody holds the place"
    while queries.jobs(live=True):
        reconcile(worker, wants=(), at=datetime.now(UTC))
        worker.turn()
        time.sleep(0.02)
    assert worker.close()


def points() -> list[str]:
    """Every point between two durable states of a workflow, in the order a job passes them; before it: claimed, started."""
    inside = [
        point
        for key in range(STEPS)
        for point in (
            f"step {key}.before",
            f"{key}.work",
            f"{key}.uncommitted",
            f"{key}.committed",
            f"step {key}.after",
        )
    ]
    return [
        "taken-up",
        "begin.before",
        "begin.after",
        *inside,
        "end.before",
        "end.after",
        "before-end",
        "ended",
    ]


class Killable:
    """The process, from the test's side."""

    def __init__(self, home: Path, database_url: str) -> None:
        self.home, self.database_url = home, database_url
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"SEKISHO_HOME": str(home), "SEKISHO_DATABASE_URL": database_url},
        )
        assert self._line() == "ready"

    def run(self, command: str, *, kill_after: float | None = None, once_begun: bool = False) -> tuple[int, float]:
        """Exit code (-9 = killed) and seconds since the process began, or (`once_begun`) since it took a job up."""
        assert self.process.stdin is not None
        begun = self.home / BEGUN
        begun.unlink(missing_ok=True)
        self.process.stdin.write(f"{command}\n")
        self.process.stdin.flush()
        child = int(self._line().removeprefix("pid "))
        ended = threading.Event()
        since = [time.monotonic()]

        def kill() -> None:
            while once_begun and not begun.exists() and not ended.wait(0.001):
                pass
            since[0] = time.monotonic() if once_begun else since[0]
            if kill_after is not None and not ended.wait(kill_after):
                with suppress(ProcessLookupError):  # it was faster
                    os.kill(child, signal.SIGKILL)

        killer = threading.Thread(target=kill)
        killer.start()
        code = int(self._line().removeprefix("end "))
        seconds = time.monotonic() - since[0]
        ended.set()
        killer.join()
        return code, seconds

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the product database holds, read past the product."""
        if self.database_url:
            import psycopg

            with psycopg.connect(self.database_url) as postgres:
                return postgres.execute(query).fetchall()  # type: ignore[arg-type, unused-ignore]
        import sqlite3

        sqlite = sqlite3.connect(self.home / "sekisho.sqlite3", timeout=30)
        try:
            return sqlite.execute(query).fetchall()
        finally:
            sqlite.close()

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(timeout=30)
        self.process.stdout.close()

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _serve() -> None:
    from sekisho.entrypoints import runtime

    runtime.set_up(Path(os.environ["SEKISHO_HOME"]))
    from django.db import connections

    import sekisho.registers.batch_jobs.jobs.durable  # before the fork: each child would import it anew

    assert sekisho.registers.batch_jobs.jobs.durable.SCHEMA
    connections.close_all()
    commands: dict[str, Callable[..., None]] = {
        "ask": do_ask,
        "work": do_work,
        "sweep": do_sweep,
        "erase": do_erase,
        "carry": do_carry,
    }
    _tell("ready")
    for line in sys.stdin:
        name, _, point = line.strip().partition(" ")
        child = os.fork()
        if child == 0:
            code = 1
            try:
                commands[name](*([point] if name in {"work", "carry"} else []))
                code = 0
            finally:
                os._exit(code)
        _tell(f"pid {child}")
        _, status = os.waitpid(child, 0)
        _tell(f"end {os.waitstatus_to_exitcode(status)}")


if __name__ == "__main__":
    _serve()
