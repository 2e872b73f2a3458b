"""Views as stores tell of them: their own definitions and columns, broken ones too; and rows read through them."""

import sqlite3
from pathlib import Path

import duckdb
import psycopg
import pytest

from sekisho.connectors.duckdb_file import DuckdbSource
from sekisho.connectors.postgresql import PostgresSource
from sekisho.connectors.source import In
from sekisho.connectors.sqlite_file import SqliteSource
from sekisho.engine.catalog.definitions import outputs
from sekisho.engine.catalog.flows import Flow, Kind, Origin, Relation
from sekisho.engine.errors import SekishoError

TABLE = "CREATE TABLE people (no text PRIMARY KEY, name text, born date)"
VIEW = "CREATE VIEW sheet AS SELECT no, upper(name) AS big FROM people WHERE born > '2000-01-01'"
ROW = "INSERT INTO people VALUES ('C1', 'sato', '2001-02-03'), ('C2', 'ito', '1990-02-03')"


class Toy:
    def __init__(self, dialect: str) -> None:
        self.dialect = dialect

    def find(self, qualifier: str, name: str) -> Relation | None:
        columns = ("no", "name", "born")
        return Relation(columns=tuple((one, frozenset({Flow(Origin("s", name, one), Kind.VALUE)})) for one in columns))


def traced(sql: str, dialect: str) -> dict[str, set[str]]:
    found = outputs(sql, Toy(dialect), name="s.v")
    return {name: {flow.origin.column for flow in flows} for name, flows in found.columns}


def test_sqlite(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite3"
    with sqlite3.connect(path) as connection:
        for text in (TABLE, ROW, VIEW, "CREATE VIEW broken AS SELECT x FROM gone"):
            connection.execute(text)
    connection.close()
    source = SqliteSource("crm", path)
    found = source.views()
    assert {name: dict(view.columns) for name, view in found.items()} == {
        "sheet": {"no": "text", "big": "text"},
        "broken": {},
    }
    assert traced(found["sheet"].sql, found["sheet"].dialect) == {"no": {"no"}, "big": {"name"}}
    assert "sheet" not in source.crawl()
    with pytest.raises(SekishoError) as undeclared:
        source.count("sheet")
    assert undeclared.value.code == "connector.unknown-name"
    source.declared_views = frozenset({"sheet"})
    assert [row for batch in source.rows("sheet", ["big"]) for row in batch.to_pylist()] == [{"big": "SATO"}]
    with pytest.raises(SekishoError) as refused:
        source.count("nothing")
    assert refused.value.code == "connector.unknown-name"
    source.close()


def test_duckdb(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    with duckdb.connect(str(path)) as connection:
        for text in (TABLE, ROW, VIEW):
            connection.execute(text)
    source = DuckdbSource("billing", path)
    view = source.views()["sheet"]
    assert (dict(view.columns), view.keeps_rows) == ({"no": "text", "big": "text"}, False)
    assert traced(view.sql, view.dialect) == {"no": {"no"}, "big": {"name"}}
    assert "sheet" not in source.crawl()
    source.declared_views = frozenset({"sheet"})
    assert source.count("sheet", (In("no", ("C1", "C2")),)) == 1
    source.close()


def test_postgresql(postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS views_test CASCADE")
        connection.execute("CREATE SCHEMA views_test")
        connection.execute("SET search_path TO views_test")
        for text in (TABLE, ROW, VIEW, "CREATE MATERIALIZED VIEW kept AS SELECT no, born FROM people"):
            connection.execute(text.encode())
    try:
        source = PostgresSource("crm", f"{postgres_url}?options=-csearch_path%3Dviews_test")
        source._connection.execute("SET search_path TO views_test")
        found = source.views()
        assert {name: (view.keeps_rows, list(view.columns)) for name, view in found.items()} == {
            "sheet": (False, ["no", "big"]),
            "kept": (True, ["no", "born"]),
        }
        assert traced(found["sheet"].sql, found["sheet"].dialect) == {"no": {"no"}, "big": {"name"}}
        assert traced(found["kept"].sql, found["kept"].dialect) == {"no": {"no"}, "born": {"born"}}
        source.close()
    finally:
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute("DROP SCHEMA views_test CASCADE")
