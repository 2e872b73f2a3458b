"""Killed anywhere, a job goes on at the step it was in, and no step has its effect twice: on SQLite and PostgreSQL.

`./test`: every named point once, and a few moments drawn by time. `./test --long`: 1,000 moments on each database.
"""

import json
import os
import random
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import pytest
from killed_jobs import EFFECT, STEPS, Killable, points

LONG = os.environ.get("SEKISHO_LONG") == "1"
MOMENTS = 1000 if LONG else 8
SEED = 20261123
EARLY = 0.1
pytestmark = pytest.mark.slow


@pytest.fixture(params=["sqlite", "postgresql"])
def killable(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Killable]:
    home = tmp_path / "home"
    home.mkdir()
    url = _database(request.getfixturevalue("postgres_url")) if request.param == "postgresql" else ""
    one = Killable(home, url)
    yield one
    one.close()


def test_killed_at_every_named_point_it_goes_on_there(killable: Killable) -> None:
    for point in ("claimed", "started"):
        assert killable.run("ask")[0] == 0
        assert killable.run(f"work {point}")[0] == -signal.SIGKILL
        assert killable.run("work")[0] == 0
        _everything_once(killable)
    assert killable.run("ask")[0] == 0
    for point in points():
        code, _ = killable.run(f"work {point}")
        if point == "ended":  # the row says that it ended: nothing is left to be killed in
            assert code in {0, -signal.SIGKILL}, point
        else:
            assert code == -signal.SIGKILL, point
        _no_effect_twice(killable)
    assert killable.run("work")[0] == 0
    _everything_once(killable)


def test_killed_at_any_moment_no_effect_is_lost_or_doubled(killable: Killable) -> None:
    draw = random.Random(SEED if not LONG else None)
    assert killable.run("ask")[0] == 0
    code, working = killable.run("work", once_begun=True)
    assert code == 0
    for _ in range(MOMENTS):
        assert killable.run("ask")[0] == 0  # while the last one lives, it is the same one
        # Most of a process's life is its start: all but a few are killed in the little while in which it does its work.
        early = draw.random() < EARLY
        code, seconds = killable.run("work", kill_after=draw.uniform(0, working), once_begun=not early)
        assert code in {0, -signal.SIGKILL}
        working = working if early or code else 0.5 * (working + seconds)
        _no_effect_twice(killable)
    ((attempts, jobs),) = killable.rows("SELECT sum(attempts), count(*) FROM batch_jobs_jobrequest")
    assert attempts - jobs >= MOMENTS // 4, f"only {attempts - jobs} of {MOMENTS} were killed at work"
    assert killable.run("work")[0] == 0
    _everything_once(killable)


def _effects(killable: Killable) -> Counter[tuple[str, str]]:
    leaves = killable.rows(f"SELECT leaf FROM evidence_entry WHERE kind = '{EFFECT}'")
    bodies = [json.loads(bytes(leaf))["body"] for (leaf,) in leaves]
    return Counter((body["job"], body["step"]) for body in bodies)


def _no_effect_twice(killable: Killable) -> None:
    assert set(_effects(killable).values()) <= {1}


def _everything_once(killable: Killable) -> None:
    jobs = killable.rows("SELECT ref, state, done, total FROM batch_jobs_jobrequest")
    assert jobs
    assert {tuple(row[1:]) for row in jobs} == {("done", STEPS, STEPS)}
    assert _effects(killable) == {(ref, str(step)): 1 for ref, *_ in jobs for step in range(STEPS)}
    ended = killable.rows("SELECT count(*) FROM evidence_entry WHERE kind = 'batch_jobs.ended'")
    assert ended == [(len(jobs),)]


def _database(url: str) -> str:
    import psycopg

    name = f"jobs_{uuid4().hex[:12]}"
    with psycopg.connect(url, autocommit=True) as postgres:
        postgres.execute(f'CREATE DATABASE "{name}"')  # type: ignore[arg-type, unused-ignore]
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
