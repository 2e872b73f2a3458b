"""A drill of stores outside the home: files and a PostgreSQL database are taken along, the live ones stay as they are."""

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

import psycopg
import pytest
from psycopg import sql
from restores import Carrier
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
SEKISHO = (sys.executable, "-W", "ignore", "-c", "from sekisho.entrypoints.cli.main import main; main()")
LIVE, SCRATCH, USED = "sekisho_live_crm", "sekisho_drill_crm", "sekisho_used"
OUTSIDE = {"hr": "hr.sqlite3", "billing": "billing.duckdb", "cdr": "cdr", "support": "support"}
SCHEMES = {"hr": "sqlite", "billing": "duckdb", "cdr": "delta", "support": "jsonl"}
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def carrier(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Carrier]:
    """The small carrier; nothing of it is left in its home: one store is PostgreSQL's, four stand in another folder."""
    for name in (LIVE, SCRATCH, USED):
        _database(postgres_url, name)
    carrier = Carrier(tmp_path_factory.mktemp("drill-outside"))
    carrier.do("build")
    elsewhere = carrier.folder / "elsewhere"
    elsewhere.mkdir()
    for name in OUTSIDE.values():
        shutil.move(carrier.home / "systems" / name, elsewhere / name)
    _to_postgresql(carrier.home / "systems" / "crm.sqlite3", _url(postgres_url, LIVE))
    (carrier.home / "systems" / "crm.sqlite3").unlink()
    with psycopg.connect(_url(postgres_url, USED)) as used:
        used.execute("CREATE TABLE somebodys (id integer)")
    _configure(carrier, postgres_url, SCRATCH)
    yield carrier
    carrier.close()
    for name in (LIVE, SCRATCH, USED):
        _drop(postgres_url, name)


def test_stores_outside_are_drilled_and_the_live_ones_stay_as_they_are(carrier: Carrier, postgres_url: str) -> None:
    before = _live(carrier, postgres_url)
    drill = _sekisho(carrier.home, "backup", "drill", "--people", "1", "--json")
    assert (drill["passed"], drill["people"], drill["resurrected"], drill["undrilled"]) == (True, 1, 0, [])
    stages = {(one["stage"], one["system"]) for one in drill["stages"]}
    for stage in ("brought", "copied", "looked"):
        assert {"crm", *OUTSIDE} <= {system for known, system in stages if known == stage}, stage
    assert ("restored", "crm") in stages
    assert {"crm", "billing", "cdr"} <= {system for stage, system in stages if stage == "erased"}
    assert _live(carrier, postgres_url) == before
    with psycopg.connect(_url(postgres_url, SCRATCH)) as scratch:
        assert scratch.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname !~ '^(pg_|information)'"
        ).fetchone() == (0,)


def test_what_cannot_be_taken_along_is_said_and_the_board_does_not_believe_it(
    carrier: Carrier, postgres_url: str
) -> None:
    _configure(carrier, postgres_url, None)
    carrier.do("backup")
    drill = _sekisho(carrier.home, "backup", "drill", "--people", "1", "--without", "cdr", "--json")
    assert drill["passed"]
    assert {one["system"]: one["why"] for one in drill["undrilled"]} == {"crm": "no-place", "cdr": "left-out"}
    said = carrier.do("proof")
    assert said["verdict"] == "unproven"
    assert "crm" in said["why"]


@pytest.mark.parametrize("place", [USED, LIVE])
def test_a_database_that_anybody_uses_is_never_filled(carrier: Carrier, postgres_url: str, place: str) -> None:
    _configure(carrier, postgres_url, place)
    before = _live(carrier, postgres_url)
    ran = _ran(carrier.home, "backup", "drill", "--people", "1")
    assert ran.returncode == 1
    assert "connector.not-empty" in ran.stderr
    assert _live(carrier, postgres_url) == before
    with psycopg.connect(_url(postgres_url, USED)) as used:
        assert used.execute("SELECT count(*) FROM somebodys").fetchone() == (0,)
    assert [path.name for path in carrier.folder.iterdir() if path.name.startswith("drill-")] == []


def _configure(carrier: Carrier, url: str, place: str | None) -> None:
    path, yaml = carrier.home / "carrier.yaml", YAML(typ="safe")
    document: dict[str, Any] = {"carrier": {"name": "試験の事業者", "policy": "policy"}}
    elsewhere = carrier.folder / "elsewhere"
    urls = {id_: f"{SCHEMES[id_]}:///{elsewhere / name}" for id_, name in OUTSIDE.items()}
    document["urls"] = urls | {"crm": _url(url, LIVE)}
    document["backups"] = {"drill": {"crm": _url(url, place)}} if place else {}
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(document, file)


def _live(carrier: Carrier, url: str) -> dict[str, Any]:
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


def _sekisho(home: Path, *arguments: str) -> Any:
    ran = _ran(home, *arguments)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return json.loads(ran.stdout)


def _ran(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    env = os.environ | {"SEKISHO_HOME": str(home), "SEKISHO_DATABASE_URL": "", "SEKISHO_APART": ""}
    env["PYTHONPATH"] = str(ROOT / "src")
    return subprocess.run([*SEKISHO, *arguments], capture_output=True, text=True, check=False, env=env)


def _url(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def _database(url: str, name: str) -> None:
    _drop(url, name)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def _drop(url: str, name: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
