"""What a store refuses becomes a coded error that names the system only, and nothing is written half."""

import errno
import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import NoReturn

import duckdb
import psycopg
import pytest

from sekisho.connectors import locks
from sekisho.connectors.opening import located, open_system, url_of
from sekisho.connectors.residue import find
from sekisho.connectors.source import In, Source
from sekisho.engine.catalog.model import System, SystemKind
from sekisho.engine.errors import SekishoError

NUMBER = "09000000007"


def code_of(refused: pytest.ExceptionInfo[SekishoError]) -> str:
    assert NUMBER not in str(refused.value)
    assert refused.value.message("ja")
    assert refused.value.remedy("ja")
    return refused.value.code


@pytest.mark.parametrize("kind", ["sqlite", "duckdb", "delta", "jsonl"], indirect=True)
def test_what_is_not_there_cannot_be_reached_and_is_not_made(system: System, tmp_path: Path) -> None:
    with pytest.raises(SekishoError) as refused:
        open_system(system, str(tmp_path / "nowhere"))
    assert code_of(refused) == "connector.unreachable"
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("kind", ["sqlite", "duckdb"], indirect=True)
def test_a_file_that_is_something_else_cannot_be_reached(system: System, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"not a database at all, " * 500)
    with pytest.raises(SekishoError) as refused:
        open_system(system, str(tmp_path / "x"))
    assert code_of(refused) == "connector.unreachable"


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
def test_a_server_that_does_not_answer_cannot_be_reached(system: System) -> None:
    with pytest.raises(SekishoError) as refused:
        open_system(system, "postgresql://nobody@127.0.0.1:9/none")
    assert code_of(refused) == "connector.unreachable"


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
def test_a_reader_may_not_erase(source: Source, system: System, url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS connectors_reader")
        connection.execute("CREATE ROLE connectors_reader LOGIN PASSWORD 'x'")
        connection.execute("GRANT SELECT ON calls TO connectors_reader")
    host = url.rsplit("@", 1)[1]
    try:
        reader = open_system(system, f"postgresql://connectors_reader:x@{host}")
        assert reader.count("calls") == 60
        with pytest.raises(SekishoError) as refused:
            reader.erase("calls", (In("number", (NUMBER,)),))
        assert code_of(refused) == "connector.read-only"
        reader.close()
        assert source.count("calls") == 60
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("DROP OWNED BY connectors_reader")
            connection.execute("DROP ROLE connectors_reader")


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_locked_file_is_busy(source: Source, url: str) -> None:
    source._connection.execute("PRAGMA busy_timeout=50")  # type: ignore[attr-defined]
    other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(SekishoError) as refused:
        source.erase("calls", (In("number", (NUMBER,)),))
    assert code_of(refused) == "connector.busy"
    other.close()


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_sqlite_zeroes_what_it_deletes_before_any_purge(source: Source, url: str) -> None:
    source.erase("calls", (In("number", (NUMBER,)),))
    source.close()
    assert list(find("sqlite", url, {"number": (NUMBER,)})) == []


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
def test_the_planner_s_samples_are_renewed_by_purge(source: Source, url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ANALYZE calls")
    source.erase("calls", (In("number", (NUMBER,)),))
    assert "statistics" in {one.how for one in find("postgresql", url, {"number": (NUMBER,)})}
    source.purge()
    assert list(find("postgresql", url, {"number": (NUMBER,)})) == []


@pytest.mark.parametrize("kind", ["duckdb"], indirect=True)
def test_duckdb_is_one_process_s_at_a_time(
    source: Source, system: System, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = (
        "import sys; from sekisho.connectors import locks; locks.PATIENCE_SECONDS = 0.2\n"
        "from pathlib import Path; from sekisho.connectors.duckdb_file import DuckdbSource\n"
        "locks.take.__defaults__ = (0.2,)\n"
        "from sekisho.engine.errors import SekishoError\n"
        "try: DuckdbSource('s', Path(sys.argv[1]))\n"
        "except SekishoError as error: print(error.code)"
    )
    path = url.removeprefix("duckdb:///")
    done = subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "connector.busy"
    source.close()
    assert locks.is_free(Path(f"{path}.lock"))


@pytest.mark.parametrize("kind", ["duckdb"], indirect=True)
def test_a_swap_is_seen_by_everybody_who_has_the_file_open(source: Source, system: System, url: str) -> None:
    other = open_system(system, url)
    source.erase("calls", (In("id", (1,)),))
    source.purge()
    other.erase("calls", (In("id", (2,)),))
    other.close()
    assert source.count("calls") == 58
    source.close()
    again = open_system(system, url)
    assert again.count("calls") == 58
    again.close()
    with pytest.raises(SekishoError) as refused:
        again.count("calls")
    assert code_of(refused) == "connector.closed"


@pytest.mark.parametrize("kind", ["duckdb"], indirect=True)
def test_a_full_disk_in_the_swap_leaves_the_old_file(
    source: Source, monkeypatch: pytest.MonkeyPatch, system: System, url: str
) -> None:
    source.erase("calls", (In("id", (1,)),))
    monkeypatch.setattr(os, "fsync", _full)
    with pytest.raises(SekishoError) as refused:
        source.purge()
    assert code_of(refused) == "connector.no-space"
    monkeypatch.undo()
    assert source.count("calls") == 59
    source.purge()
    assert not Path(url.removeprefix("duckdb:///") + ".next").exists()


@pytest.mark.parametrize("kind", ["jsonl"], indirect=True)
def test_a_full_disk_leaves_the_old_lines_and_the_rest_is_cleared_away(
    source: Source, monkeypatch: pytest.MonkeyPatch, system: System, url: str
) -> None:
    folder = Path(url.removeprefix("jsonl:///")) / "calls"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    monkeypatch.setattr(os, "fsync", _full)
    with pytest.raises(SekishoError) as refused:
        source.erase("calls", (In("number", (NUMBER,)),))
    assert code_of(refused) == "connector.no-space"
    monkeypatch.undo()
    assert {name: (folder / name).read_bytes() for name in before} == before
    assert list(folder.glob("*.next"))
    open_system(system, url).close()
    assert not list(folder.glob("*.next"))


def test_places_are_told_by_url_and_by_kind(tmp_path: Path, kind: str, system: System) -> None:
    assert located(SystemKind.SQLITE, "postgresql://u@h/db")[0] is SystemKind.POSTGRESQL
    assert located(SystemKind.DUCKDB, "duckdb:////a/b.duckdb") == (SystemKind.DUCKDB, Path("/a/b.duckdb"))
    assert located(SystemKind.DELTA, "/a/b") == (SystemKind.DELTA, Path("/a/b"))
    assert url_of(system, home=tmp_path, urls={"s": "jsonl:///{home}/x"}) == f"jsonl:///{tmp_path}/x"
    assert url_of(system, home=tmp_path, urls={}) == ""


def _full(_descriptor: int) -> NoReturn:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("kind", ["duckdb"], indirect=True)
def test_duckdb_waits_for_whoever_only_looks(source: Source, system: System, url: str) -> None:
    source.close()
    looking = duckdb.connect(url.removeprefix("duckdb:///"), read_only=True)
    timer = threading.Timer(0.3, looking.close)
    timer.start()
    again = open_system(system, url)
    assert again.count("calls") == 60
    again.close()
    timer.join()


def test_oracle_without_its_driver_is_refused_in_words() -> None:
    system = System(id="s", label="", kind=SystemKind.ORACLE, url="", tables={})
    with pytest.raises(SekishoError) as refused:
        open_system(system, "oracle://u:p@127.0.0.1:9/?service_name=x")
    assert code_of(refused) == "connector.no-driver"
