"""kill -9 at any moment: the store opens again, whole, and finishing the work leaves nothing of what was to go."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sekisho.connectors.opening import open_system
from sekisho.connectors.residue import find
from sekisho.connectors.source import In
from sekisho.engine.catalog.model import System, SystemKind

KILLS = 60 if os.environ.get("SEKISHO_LONG") else 4
GOING = tuple(range(7, 60, 4))
NUMBERS = tuple(f"0900{i:07d}" for i in GOING)
WORK = """
import sys
from sekisho.connectors.opening import open_system
from sekisho.connectors.source import In
from sekisho.engine.catalog.model import Column, System, SystemKind, Table
kind, url, first = sys.argv[1], sys.argv[2], True
columns = {n: Column(name=n, type=t, item="none") for n, t in
           dict(id="integer", number="text", name="text", on_day="date", at="timestamp", yen="integer", memo="text").items()}
table = Table(name="calls", label="", subject="customer", key=("id",), columns=columns, owners=(), acquired="at")
system = System(id="s", label="", kind=SystemKind(kind), url=url, tables={"calls": table})
print("ready", flush=True)
for number in sys.argv[3].split(","):
    source = open_system(system, url)
    source.blank("calls", ("memo",), (In("number", (number,)),))
    source.erase("calls", (In("number", (number,)),))
    source.purge()
    source.close()
print("done", flush=True)
"""


CRASHED = ("sqlite", "postgresql", "mariadb", "duckdb", "delta", "jsonl", "parquet", "csv", "xlsx")


@pytest.mark.slow
@pytest.mark.parametrize("kind", CRASHED, indirect=True)
def test_killed_anywhere_the_store_is_whole_and_the_work_can_be_finished(kind: str, url: str, system: System) -> None:
    rng = random.Random(20261123)
    expected = {i for i in range(60) if i not in GOING}
    for _ in range(KILLS):
        process = subprocess.Popen(
            [sys.executable, "-c", WORK, kind, url, ",".join(NUMBERS)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(rng.uniform(0, 0.25))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        source = open_system(system, url)
        left = {row["id"] for batch in source.rows("calls", ["id"]) for row in batch.to_pylist()}
        source.close()
        assert expected <= left <= set(range(60))
    source = open_system(system, url)
    source.erase("calls", (In("number", NUMBERS),))
    source.purge()
    assert source.count("calls") == len(expected)
    source.close()
    if kind != SystemKind.MARIADB:  # its server's files: test_mariadb
        assert list(find(kind, url, {"number": NUMBERS})) == []
    assert leftovers(kind, url) == []


def leftovers(kind: str, url: str) -> list[Path]:
    if kind in {SystemKind.POSTGRESQL, SystemKind.MARIADB}:
        return []
    path = Path(url.partition("://")[2][1:] if ":////" in url else url.partition("://")[2])
    folder = path if path.is_dir() else path.parent
    return [one for one in folder.rglob("*") if one.name.endswith((".next", "-journal", ".wal"))]
