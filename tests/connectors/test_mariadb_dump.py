"""A MariaDB store as one file and back: what a drill relies on, against a real server."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from foreign_stores import mariadb_connection

from sekisho.connectors import mariadb_dump
from sekisho.engine.errors import SekishoError

LIVE, SCRATCH = "dump_live", "dump_scratch"
TEXT = "髙橋 'DEFINER=`root`@`%` \\ \n𠮷"
SCHEMA = (
    "CREATE TABLE people (id BIGINT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(80), seal BLOB, at DATETIME(6))",
    "CREATE TABLE bills (no INT PRIMARY KEY, person BIGINT, FOREIGN KEY (person) REFERENCES people (id))",
    "CREATE TABLE gone (id BIGINT)",
    "CREATE DEFINER=nobody@localhost VIEW named AS SELECT p.name, b.no FROM people p JOIN bills b ON b.person = p.id",
    "CREATE DEFINER=nobody@localhost TRIGGER kept AFTER DELETE ON bills FOR EACH ROW INSERT INTO gone VALUES (OLD.no)",
    "CREATE DEFINER=nobody@localhost PROCEDURE swept() DELETE FROM bills",
    "CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DO DELETE FROM bills",
)


@pytest.fixture
def urls(mariadb_url: str) -> Iterator[tuple[str, str]]:
    with mariadb_connection(mariadb_url) as connection, connection.cursor() as cursor:
        for name in (LIVE, SCRATCH):
            cursor.execute(f"DROP DATABASE IF EXISTS {name}")
            cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        cursor.execute(f"USE {LIVE}")
        for statement in SCHEMA:
            cursor.execute(statement)
        cursor.execute("INSERT INTO people VALUES (7, %s, %s, '2026-05-01 03:00:00.25')", (TEXT, bytes(range(256))))
        cursor.execute("INSERT INTO bills VALUES (1, 7), (2, 7)")
        connection.commit()
    live, scratch = (urlunsplit(urlsplit(mariadb_url)._replace(path=f"/{name}")) for name in (LIVE, SCRATCH))
    yield live, scratch
    with mariadb_connection(mariadb_url) as connection, connection.cursor() as cursor:
        for name in (LIVE, SCRATCH):
            cursor.execute(f"DROP DATABASE {name}")


def test_a_store_goes_and_comes_back_whole(urls: tuple[str, str], tmp_path: Path) -> None:
    live, scratch = urls
    before = _rows(live, "SELECT * FROM people")
    mariadb_dump.claim("crm", scratch, live)
    mariadb_dump.dump("crm", live, tmp_path / "dump")
    for _ in range(2):  # over what stands there, too
        mariadb_dump.load("crm", scratch, tmp_path / "dump")
    assert _rows(scratch, "SELECT * FROM people") == before == _rows(live, "SELECT * FROM people")
    assert _rows(scratch, "SELECT * FROM named ORDER BY no") == [(TEXT, 1), (TEXT, 2)]
    _do(scratch, "CALL swept()")
    assert sorted(_rows(scratch, "SELECT * FROM gone")) == [(1,), (2,)], "its trigger came along"
    assert _rows(live, "SELECT count(*) FROM gone") == [(0,)]
    assert _rows(scratch, "SELECT event_name FROM information_schema.events WHERE event_schema = DATABASE()") == []
    assert (tmp_path / "dump").stat().st_mode & 0o077 == 0
    mariadb_dump.wipe("crm", scratch, keep_mark=False)
    assert _things(scratch) == []
    assert _rows(live, "SELECT count(*) FROM bills") == [(2,)]


def test_what_is_used_is_never_filled_or_emptied(urls: tuple[str, str], tmp_path: Path) -> None:
    live, scratch = urls
    mariadb_dump.dump("crm", live, tmp_path / "dump")
    _do(scratch, "CREATE TABLE somebodys (id INT)")
    spelt_otherwise = live.replace("mariadb://", "mysql://") + "?charset=utf8mb4"
    attempts: tuple[Callable[[], None], ...] = (
        lambda: mariadb_dump.claim("crm", scratch, live),
        lambda: mariadb_dump.claim("crm", spelt_otherwise, live),
        lambda: mariadb_dump.wipe("crm", scratch),
        lambda: mariadb_dump.load("crm", scratch, tmp_path / "dump"),
    )
    for attempt in attempts:
        with pytest.raises(SekishoError) as refused:
            attempt()
        assert refused.value.code == "connector.not-empty"
    assert _things(scratch) == [("somebodys",)]


def test_a_dump_that_breaks_off_is_told(urls: tuple[str, str], tmp_path: Path) -> None:
    live, scratch = urls
    mariadb_dump.claim("crm", scratch, live)
    (tmp_path / "dump").write_text("INSERT INTO nowhere VALUES ('secret');", encoding="utf-8")
    with pytest.raises(SekishoError) as refused:
        mariadb_dump.load("crm", scratch, tmp_path / "dump")
    assert (refused.value.code, "secret" in str(refused.value)) == ("connector.tool-failed", False)
    with pytest.raises(SekishoError) as refused:
        mariadb_dump.dump("crm", live.replace(LIVE, "not_there"), tmp_path / "dump")
    assert refused.value.code == "connector.tool-failed"


def _things(url: str) -> list[tuple[Any, ...]]:
    return _rows(url, "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()")


def _rows(url: str, query: str) -> list[tuple[Any, ...]]:
    with mariadb_connection(url) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def _do(url: str, statement: str) -> None:
    with mariadb_connection(url) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        connection.commit()
