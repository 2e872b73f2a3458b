"""A drill of stores outside the home, ours among them: files and databases are taken along, the live ones stay as they are."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import duckdb
import psycopg
import pytest
from foreign_stores import mariadb_connection
from psycopg import sql
from restores import Carrier
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
SEKISHO = (sys.executable, "-W", "ignore", "-c", "from sekisho.entrypoints.cli.main import main; main()")
LIVE, SCRATCH, USED = "sekisho_live_crm", "sekisho_drill_crm", "sekisho_used"
OWN, OWN_SCRATCH = "sekisho_live_own", "sekisho_drill_own"
BILLS, BILLS_SCRATCH = "sekisho_live_billing", "sekisho_drill_billing"  # MariaDB's
OUTSIDE = {"hr": "hr.duckdb", "cdr": "cdr", "support": "support"}
SCHEMES = {"hr": "duckdb", "cdr": "delta", "support": "jsonl"}
DATABASES = (LIVE, SCRATCH, USED, OWN, OWN_SCRATCH)
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def carrier(postgres_url: str, mariadb_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Carrier]:
    """The small carrier; nothing of it is left in its home: its registers and one store are PostgreSQL's, one is MariaDB's."""
    for name in DATABASES:
        _database(postgres_url, name)
    carrier = Carrier(tmp_path_factory.mktemp("drill-outside"), SEKISHO_DATABASE_URL=_url(postgres_url, OWN))
    carrier.do("build")
    systems, elsewhere = carrier.home / "systems", carrier.folder / "elsewhere"
    elsewhere.mkdir()
    for name in ("cdr", "support"):
        shutil.move(systems / name, elsewhere / name)
    _to_duckdb(systems / "hr.sqlite3", elsewhere / "hr.duckdb")
    _to_postgresql(systems / "crm.sqlite3", _url(postgres_url, LIVE))
    _to_mariadb(systems / "billing.duckdb", mariadb_url)
    for name in ("crm.sqlite3", "hr.sqlite3", "billing.duckdb"):
        (systems / name).unlink()
    with psycopg.connect(_url(postgres_url, USED)) as used:
        used.execute("CREATE TABLE somebodys (id integer)")
    _configure(carrier, postgres_url, mariadb_url, SCRATCH)
    yield carrier
    carrier.close()
    for name in DATABASES:
        _drop(postgres_url, name)
    with mariadb_connection(mariadb_url) as connection, connection.cursor() as cursor:
        for name in (BILLS, BILLS_SCRATCH):
            cursor.execute(f"DROP DATABASE {name}")


def test_stores_outside_are_drilled_and_the_live_ones_stay_as_they_are(
    carrier: Carrier, postgres_url: str, mariadb_url: str
) -> None:
    lake = (
        f"sc://localhost:1/;lake={carrier.folder / 'elsewhere' / 'cdr'}"  # no cluster there: its files are taken along
    )
    _configure(carrier, postgres_url, mariadb_url, SCRATCH, cdr=lake)
    before, stood = _live(carrier, postgres_url, mariadb_url), carrier.do("registers")
    drill = _sekisho(carrier, "backup", "drill", "--people", "1", "--json")
    assert (drill["passed"], drill["people"], drill["resurrected"], drill["undrilled"]) == (True, 1, 0, [])
    stages = {(one["stage"], one["system"]) for one in drill["stages"]}
    for stage in ("brought", "spread", "copied", "looked"):
        assert {"crm", "billing", *OUTSIDE} <= {system for known, system in stages if known == stage}, stage
    assert {("restored", "crm"), ("restored", "billing"), ("copied", "sekisho"), ("looked", "sekisho")} <= stages
    for stage in ("erased", "replayed"):
        assert {"crm", "billing", "cdr"} <= {system for known, system in stages if known == stage}, stage
    assert _live(carrier, postgres_url, mariadb_url) == before
    assert carrier.do("registers") == stood
    assert carrier.do("verify") == []
    for name in (SCRATCH, OWN_SCRATCH):
        with psycopg.connect(_url(postgres_url, name)) as scratch:
            left = scratch.execute("SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information)'").fetchall()
            tables = scratch.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
        assert (left, tables) == ([("public",)], (0,))
    with mariadb_connection(mariadb_url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM information_schema.tables WHERE table_schema = %s", (BILLS_SCRATCH,))
        assert cursor.fetchone() == (0,)


def test_what_cannot_be_taken_along_is_said_and_the_board_does_not_believe_it(
    carrier: Carrier, postgres_url: str, mariadb_url: str
) -> None:
    _configure(carrier, postgres_url, mariadb_url, None, support="sc://localhost:1/;lake=/nowhere/lake")
    carrier.do("backup")
    drill = _sekisho(carrier, "backup", "drill", "--people", "1", "--without", "cdr", "--json")
    assert drill["passed"]
    why = {"crm": "no-place", "cdr": "left-out", "support": "remote"}
    assert {one["system"]: one["why"] for one in drill["undrilled"]} == why
    said = carrier.do("proof")
    assert said["verdict"] == "unproven"
    assert "crm" in said["why"]


@pytest.mark.parametrize(
    ("place", "own", "code"),
    [
        (USED, OWN_SCRATCH, "connector.not-empty"),
        (OWN_SCRATCH, OWN_SCRATCH + "?application_name=x", "connector.not-empty"),
        (SCRATCH, OWN, "connector.not-empty"),
        (SCRATCH, None, "backups.drill-product"),
    ],
)
def test_a_database_that_anybody_uses_is_never_filled(
    carrier: Carrier, postgres_url: str, mariadb_url: str, place: str, own: str | None, code: str
) -> None:
    _configure(carrier, postgres_url, mariadb_url, place, own)
    before, stood = _live(carrier, postgres_url, mariadb_url), carrier.do("registers")
    ran = _ran(carrier, "backup", "drill", "--people", "1")
    assert ran.returncode == 1
    assert code in ran.stderr
    assert _live(carrier, postgres_url, mariadb_url) == before
    assert carrier.do("registers") == stood
    with psycopg.connect(_url(postgres_url, USED)) as used:
        assert used.execute("SELECT count(*) FROM somebodys").fetchone() == (0,)
    assert [path.name for path in carrier.folder.iterdir() if path.name.startswith("drill-")] == []


def test_a_restore_never_empties_a_database_in_use(carrier: Carrier) -> None:
    backup = carrier.do("backup")
    stood = carrier.do("registers")
    ran = _ran(carrier, "restore", str(carrier.backups / backup), "--apart", str(carrier.apart), home="another")
    assert "backups.database-not-empty" in ran.stderr
    assert carrier.do("registers") == stood
    assert not (carrier.folder / "another").exists()


def _configure(
    carrier: Carrier, url: str, mariadb: str, place: str | None, own: str | None = OWN_SCRATCH, **others: str
) -> None:
    path, yaml = carrier.home / "carrier.yaml", YAML(typ="safe")
    document: dict[str, Any] = {"carrier": {"name": "試験の事業者", "policy": "policy"}}
    elsewhere = carrier.folder / "elsewhere"
    urls = {id_: f"{SCHEMES[id_]}:///{elsewhere / name}" for id_, name in OUTSIDE.items()}
    document["urls"] = urls | {"crm": _url(url, LIVE), "billing": _url(mariadb, BILLS)} | others
    places = {"crm": place and _url(url, place), "sekisho": own and _url(url, own)}
    places["billing"] = _url(mariadb, BILLS_SCRATCH)
    document["backups"] = {"drill": {id_: told for id_, told in places.items() if told}}
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(document, file)


def _live(carrier: Carrier, url: str, mariadb: str) -> dict[str, Any]:
    """Every live row, read without our connectors, and every live file's bytes."""
    found: dict[str, Any] = {
        path.as_posix(): path.read_bytes()
        for path in sorted((carrier.folder / "elsewhere").rglob("*"))
        if path.is_file() and not path.name.endswith(".lock")
    }
    with psycopg.connect(_url(url, LIVE)) as live:
        tables = live.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
        for (table,) in tables:
            rows = live.execute(sql.SQL("SELECT t::text FROM {} AS t ORDER BY 1").format(sql.Identifier(table)))
            found[table] = rows.fetchall()
    with mariadb_connection(_url(mariadb, BILLS)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT * FROM invoices ORDER BY 1")
        found["invoices"] = cursor.fetchall()
    return found


def _to_postgresql(path: Path, url: str) -> None:
    """The same tables with the same rows; days as days."""
    with sqlite3.connect(path) as store, psycopg.connect(url) as target:
        for (table,) in store.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
            columns = store.execute("SELECT name, type FROM pragma_table_info(?)", (table,)).fetchall()
            types = {"DATE": "date", "TIMESTAMP": "timestamptz", "INTEGER": "bigint"}
            told = sql.SQL(", ").join(
                sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(types.get(kind, "text")))
                for name, kind in columns
            )
            target.execute(sql.SQL("CREATE TABLE {} ({})").format(sql.Identifier(table), told))
            marks = sql.SQL(", ").join([sql.Placeholder()] * len(columns))
            into = sql.SQL("INSERT INTO {} VALUES ({})").format(sql.Identifier(table), marks)
            for row in store.execute(f'SELECT * FROM "{table}"').fetchall():
                target.execute(into, row)


def _to_duckdb(path: Path, target: Path) -> None:
    """The same tables with the same rows; days as days."""
    with sqlite3.connect(path) as store, duckdb.connect(str(target)) as into:
        for (table,) in store.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
            columns = store.execute("SELECT name, type FROM pragma_table_info(?)", (table,)).fetchall()
            told = ", ".join(f'"{name}" {"DATE" if kind == "DATE" else "VARCHAR"}' for name, kind in columns)
            into.execute(f'CREATE TABLE "{table}" ({told})')
            into.executemany(
                f'INSERT INTO "{table}" VALUES ({", ".join("?" * len(columns))})',
                store.execute(f'SELECT * FROM "{table}"').fetchall(),
            )


def _to_mariadb(path: Path, url: str) -> None:
    """The invoices with their key, and a view over them, as a carrier's own."""
    with duckdb.connect(str(path), read_only=True) as store:
        rows = store.sql("SELECT * FROM invoices").fetchall()
        columns = [(str(one[0]), str(one[1])) for one in store.sql("DESCRIBE invoices").fetchall()]
    types = {"DATE": "DATE", "BIGINT": "BIGINT", "INTEGER": "BIGINT"}
    told = ", ".join(f"`{name}` {types.get(kind, 'VARCHAR(64)')}" for name, kind in columns)
    with mariadb_connection(url) as connection, connection.cursor() as cursor:
        for name in (BILLS, BILLS_SCRATCH):
            cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        cursor.execute(f"USE {BILLS}")
        cursor.execute(f"CREATE TABLE invoices ({told}, PRIMARY KEY (invoice_no))")
        cursor.executemany(f"INSERT INTO invoices VALUES ({', '.join(['%s'] * len(columns))})", rows)
        cursor.execute("CREATE VIEW unsettled AS SELECT invoice_no FROM invoices WHERE settled_on IS NULL")
        connection.commit()


def _sekisho(carrier: Carrier, *arguments: str) -> Any:
    ran = _ran(carrier, *arguments)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return json.loads(ran.stdout)


def _ran(carrier: Carrier, *arguments: str, home: str = "home") -> "subprocess.CompletedProcess[str]":
    env = os.environ | {"SEKISHO_HOME": str(carrier.folder / home), "SEKISHO_APART": ""} | carrier.environment
    env["PYTHONPATH"] = str(ROOT / "src")
    return subprocess.run([*SEKISHO, *arguments], capture_output=True, text=True, check=False, env=env)


def _url(url: str, name: str) -> str:
    name, _, query = name.partition("?")
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}", query=query))


def _database(url: str, name: str) -> None:
    _drop(url, name)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def _drop(url: str, name: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
