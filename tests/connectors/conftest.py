"""Worlds for the connector suite: the same small table in a store of every kind."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb
import psycopg
import pyarrow as pa
import pytest
from deltalake import write_deltalake

from sekisho.connectors import delta_folder
from sekisho.connectors.opening import open_system
from sekisho.connectors.source import Source
from sekisho.engine.catalog.model import Column, System, SystemKind, Table

COLUMNS = {
    "id": "integer",
    "number": "text",
    "name": "text",
    "on_day": "date",
    "at": "timestamp",
    "yen": "integer",
    "memo": "text",
}
START = datetime(2026, 5, 1, 3, tzinfo=UTC)
ROWS: list[dict[str, Any]] = [
    {
        "id": i,
        "number": f"0900{i:07d}",
        "name": None if i % 7 == 3 else f"𠮷田 髙子{i}",
        "on_day": None if i == 5 else date(2026, 5, 1) + timedelta(days=i // 10),
        "at": START + timedelta(hours=i),
        "yen": i * 10,
        "memo": f"折り返しは0900{i:07d}へ" if i % 2 else None,
    }
    for i in range(60)
]
KINDS = ("sqlite", "postgresql", "duckdb", "delta", "jsonl")


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def system(kind: str) -> System:
    columns = {name: Column(name=name, type=plain, item="none", reason="test") for name, plain in COLUMNS.items()}
    table = Table(
        name="calls",
        label="通話",
        subject="customer",
        key=("id",),
        columns=columns,
        owners=(),
        acquired="at",
        partition="day" if kind == "delta" else None,
    )
    return System(id="s", label="試験", kind=SystemKind(kind), url="", tables={"calls": table})


@pytest.fixture
def url(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A store of this kind with ROWS in it."""
    if kind == "postgresql":
        admin = request.getfixturevalue("postgres_url")
        name = f"connectors_{uuid4().hex[:12]}"
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        url = f"{admin.rsplit('/', 1)[0]}/{name}"
        with psycopg.connect(url) as connection:
            connection.execute(
                "CREATE TABLE calls (id bigint PRIMARY KEY, number text, name text, on_day date, "
                "at timestamptz, yen bigint, memo text)"
            )
            with connection.cursor() as cursor:
                cursor.executemany(
                    "INSERT INTO calls VALUES (%s, %s, %s, %s, %s, %s, %s)", [tuple(r.values()) for r in ROWS]
                )
        yield url
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
        return
    yield BUILD[kind](tmp_path)


@pytest.fixture
def source(system: System, url: str) -> Iterator[Source]:
    opened = open_system(system, url)
    yield opened
    opened.close()


def _sqlite(folder: Path) -> str:
    connection = sqlite3.connect(folder / "s.sqlite3")
    connection.execute(
        "CREATE TABLE calls (id INTEGER PRIMARY KEY, number TEXT, name TEXT, on_day DATE, at TIMESTAMP, "
        "yen INTEGER, memo TEXT)"
    )
    stamped = [
        r | {"on_day": r["on_day"] and r["on_day"].isoformat(), "at": f"{r['at']:%Y-%m-%dT%H:%M:%SZ}"} for r in ROWS
    ]
    connection.executemany("INSERT INTO calls VALUES (?, ?, ?, ?, ?, ?, ?)", [tuple(r.values()) for r in stamped])
    connection.commit()
    connection.close()
    return f"sqlite:///{folder}/s.sqlite3"


def _duckdb(folder: Path) -> str:
    connection = duckdb.connect(str(folder / "s.duckdb"))
    connection.execute(
        'CREATE TABLE calls (id BIGINT PRIMARY KEY, number VARCHAR, name VARCHAR, on_day DATE, "at" TIMESTAMPTZ, '
        "yen BIGINT, memo VARCHAR)"
    )
    connection.executemany("INSERT INTO calls VALUES (?, ?, ?, ?, ?, ?, ?)", [list(r.values()) for r in ROWS])
    connection.close()
    return f"duckdb:///{folder}/s.duckdb"


def _delta(folder: Path) -> str:
    table = pa.Table.from_pylist(
        [r | {"day": r["at"].date()} for r in ROWS],
        schema=pa.schema(
            [
                ("id", pa.int64()),
                ("number", pa.string()),
                ("name", pa.string()),
                ("on_day", pa.date32()),
                ("at", pa.timestamp("us", tz="UTC")),
                ("yen", pa.int64()),
                ("memo", pa.string()),
                ("day", pa.date32()),
            ]
        ),
    )
    write_deltalake(
        folder / "lake" / "calls",
        table,
        partition_by=["day"],
        configuration=delta_folder.CONFIGURATION,
        writer_properties=delta_folder.writer_properties(),
    )
    return f"delta:///{folder}/lake"


def _jsonl(folder: Path) -> str:
    (folder / "text" / "calls").mkdir(parents=True)
    for part in range(3):
        lines = [
            json.dumps(
                r | {"on_day": r["on_day"] and r["on_day"].isoformat(), "at": r["at"].isoformat()}, ensure_ascii=False
            )
            for r in ROWS[part::3]
        ]
        (folder / "text" / "calls" / f"2026-0{part + 5}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return f"jsonl:///{folder}/text"


BUILD: dict[str, Callable[[Path], str]] = {"sqlite": _sqlite, "duckdb": _duckdb, "delta": _delta, "jsonl": _jsonl}
