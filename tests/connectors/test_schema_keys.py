"""Keys of real stores: composite ones, foreign ones to a key that is not named, and stores that know none."""

import json
import sqlite3
from pathlib import Path

import duckdb
import psycopg
import pytest

from sekisho.connectors.opening import open_system
from sekisho.connectors.schema_keys import ForeignKey, TableKeys, keys_of
from sekisho.engine.catalog.model import System, SystemKind

TABLES = (
    "CREATE TABLE people (no TEXT PRIMARY KEY, name TEXT)",
    "CREATE TABLE lines (person TEXT REFERENCES people(no), number TEXT, since DATE, PRIMARY KEY (number, since))",
    "CREATE TABLE swapped (a TEXT, b TEXT, PRIMARY KEY (b, a))",
    "CREATE TABLE calls (id INTEGER, number TEXT, since DATE, FOREIGN KEY (number, since) REFERENCES lines(number, since))",
)
EXPECTED = {
    "people": TableKeys(primary=("no",)),
    "lines": TableKeys(
        primary=("number", "since"), foreign=(ForeignKey(columns=("person",), table="people", theirs=("no",)),)
    ),
    "swapped": TableKeys(primary=("b", "a")),
    "calls": TableKeys(
        foreign=(ForeignKey(columns=("number", "since"), table="lines", theirs=("number", "since")),),
    ),
}


def keys(kind: SystemKind, url: str) -> dict[str, TableKeys]:
    source = open_system(System(id="s", label="s", kind=kind, url=url, tables={}), url)
    try:
        return dict(keys_of(source))
    finally:
        source.close()


def test_sqlite_even_where_the_reference_names_no_column(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite3"
    with sqlite3.connect(path) as connection:
        for text in TABLES:
            connection.execute(text.replace("REFERENCES people(no)", "REFERENCES people"))
    connection.close()
    assert keys(SystemKind.SQLITE, str(path)) == EXPECTED


def test_duckdb(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    with duckdb.connect(str(path)) as connection:
        for text in TABLES:
            connection.execute(text)
    assert keys(SystemKind.DUCKDB, str(path)) == EXPECTED


def test_postgresql_only_its_own_schema(postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS keys_apart CASCADE")
        connection.execute("CREATE SCHEMA keys_apart")
        connection.execute("CREATE TABLE keys_apart.people (other TEXT PRIMARY KEY)")
        for text in TABLES:
            connection.execute(text.encode())
    try:
        found = keys(SystemKind.POSTGRESQL, postgres_url)
        assert {name: found[name] for name in EXPECTED} == EXPECTED
    finally:
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute("DROP SCHEMA keys_apart CASCADE")
            connection.execute("DROP TABLE calls, swapped, lines, people")


@pytest.mark.parametrize("kind", [SystemKind.JSONL])
def test_a_folder_knows_none(kind: SystemKind, tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "1.jsonl").write_text(json.dumps({"a": 1}), encoding="utf-8")
    assert keys(kind, str(tmp_path)) == {}
