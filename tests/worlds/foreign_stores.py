"""The same small table of calls in a store of every kind, with real servers and files."""

import csv
import io
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import duckdb
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pymysql
from deltalake import write_deltalake
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from sekisho.connectors import delta_folder
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
SCHEMA = pa.schema(
    [
        ("id", pa.int64()),
        ("number", pa.string()),
        ("name", pa.string()),
        ("on_day", pa.date32()),
        ("at", pa.timestamp("us", tz="UTC")),
        ("yen", pa.int64()),
        ("memo", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True)
class Store:
    """A kind of store, how to make one, and where it differs from the others."""

    id: str
    kind: SystemKind
    build: Callable[[Path], str] | None = None  # None: a server's database, see `made`
    partition: str | None = None
    plain: Callable[[str], str] = field(default=lambda text: text)  # what of a text this store can hold
    is_read_only: bool = False


def system_of(store: Store) -> System:
    """The data map's word of it."""
    columns = {name: Column(name=name, type=plain, item="none", reason="test") for name, plain in COLUMNS.items()}
    table = Table(
        name="calls",
        label="通話",
        subject="customer",
        key=("id",),
        columns=columns,
        owners=(),
        acquired="at",
        partition=store.partition,
    )
    return System(id="s", label="試験", kind=store.kind, url="", tables={"calls": table})


@contextmanager
def made(store: Store, folder: Path, server: Callable[[str], str]) -> Iterator[str]:
    """A store of this kind with ROWS in it. `server`: name of a fixture -> URL of a running server."""
    if store.kind is SystemKind.POSTGRESQL:
        with _postgresql(server("postgres_url")) as url:
            yield url
    elif store.kind is SystemKind.MARIADB:
        with _mariadb(server("mariadb_url")) as url:
            yield url
    elif store.kind is SystemKind.SPARK:
        assert store.build is not None
        lake = store.build(folder).partition(":///")[2]
        yield f"{server('spark_url')}/;lake={lake};format={store.id.removeprefix('spark-')}"
    else:
        assert store.build is not None
        yield store.build(folder)


@contextmanager
def _postgresql(admin: str) -> Iterator[str]:
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
    try:
        yield url
    finally:
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@contextmanager
def _mariadb(admin: str) -> Iterator[str]:
    name = f"connectors_{uuid4().hex[:12]}"
    with mariadb_connection(admin) as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci")
        cursor.execute(f"USE {name}")
        cursor.execute(
            "CREATE TABLE calls (id BIGINT PRIMARY KEY, number VARCHAR(20), name VARCHAR(100), on_day DATE, "
            "at DATETIME(6), yen BIGINT, memo TEXT, INDEX (number)) ENGINE=InnoDB"
        )
        rows = [tuple((r | {"at": r["at"].replace(tzinfo=None)}).values()) for r in ROWS]
        cursor.executemany("INSERT INTO calls VALUES (%s, %s, %s, %s, %s, %s, %s)", rows)
        connection.commit()
    try:
        yield f"{admin.rsplit('/', 1)[0]}/{name}"
    finally:
        with mariadb_connection(admin) as connection, connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name}")


def mariadb_connection(url: str) -> Any:
    """A connection of the test's own."""
    place = urlsplit(url)
    return pymysql.connect(
        host=place.hostname,
        port=place.port or 3306,
        user=place.username,
        password=place.password or "",
        database=place.path.strip("/"),
        charset="utf8mb4",
    )


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
        [r | {"day": r["at"].date()} for r in ROWS], schema=SCHEMA.append(pa.field("day", pa.date32()))
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


def _parquet(folder: Path) -> str:
    for part in range(3):
        path = folder / "files" / "calls" / f"part-{part}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pylist(ROWS[part::3], schema=SCHEMA), path, row_group_size=7)
    return f"parquet:///{folder}/files"


def _parquet_by_day(folder: Path) -> str:
    """Folders by day, and the types other writers choose: dictionaries, nanoseconds without a zone, narrow integers."""
    for day in sorted({r["at"].date() for r in ROWS}):
        path = folder / "files" / "calls" / f"day={day}" / "0.parquet"
        path.parent.mkdir(parents=True)
        rows = pa.Table.from_pylist([r for r in ROWS if r["at"].date() == day], schema=SCHEMA)
        rows = rows.set_column(1, "number", rows["number"].dictionary_encode())
        rows = rows.set_column(4, "at", rows["at"].cast(pa.timestamp("ns")))
        rows = rows.set_column(5, "yen", rows["yen"].cast(pa.int32()))
        pq.write_table(rows, path)
        path.with_name(f".{path.name}.crc").write_bytes(b"crc")
    return f"parquet:///{folder}/files"


def _csv(folder: Path) -> str:
    (folder / "csv" / "calls").mkdir(parents=True)
    for part in range(3):
        lines = _delimited(ROWS[part::3], ",", "\n")
        (folder / "csv" / "calls" / f"{part}.csv").write_text(
            lines, encoding="utf-8-sig" if part else "utf-8", newline=""
        )
    return f"csv:///{folder}/csv"


def _csv_cp932(folder: Path) -> str:
    """One file as an old system writes it: CP932, CR LF, semicolons in a file called .csv, days with slashes."""
    text = plain_cp932(_delimited(ROWS, ";", "\r\n")).replace("2026-05-0", "2026/5/")
    (folder / "calls.csv").write_text(text, encoding="cp932", newline="")
    return f"csv:///{folder}/calls.csv"


def _tsv(folder: Path) -> str:
    (folder / "calls.tsv").write_text(_delimited(ROWS, "\t", "\n"), encoding="utf-8", newline="")
    return f"csv:///{folder}"


def _xlsx(folder: Path) -> str:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.append(list(COLUMNS))
    for r in ROWS:
        sheet.append([*(r | {"at": r["at"].replace(tzinfo=None)}).values()])
    book.save(folder / "calls.xlsx")
    return f"xlsx:///{folder}"


def plain_cp932(text: str) -> str:
    """What CP932 can hold of it: it lacks 𠮷."""
    return text.replace("𠮷", "吉")


def _delimited(rows: list[dict[str, Any]], delimiter: str, end: str) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end)
    writer.writerow(COLUMNS)
    writer.writerows([*(r | {"at": r["at"].isoformat()}).values()] for r in rows)
    return out.getvalue()


STORES = {
    store.id: store
    for store in (
        Store("sqlite", SystemKind.SQLITE, _sqlite),
        Store("postgresql", SystemKind.POSTGRESQL),
        Store("mariadb", SystemKind.MARIADB),
        Store("duckdb", SystemKind.DUCKDB, _duckdb),
        Store("delta", SystemKind.DELTA, _delta, "day"),
        Store("jsonl", SystemKind.JSONL, _jsonl),
        Store("parquet", SystemKind.PARQUET, _parquet),
        Store("parquet-by-day", SystemKind.PARQUET, _parquet_by_day, "day"),
        Store("csv", SystemKind.CSV, _csv),
        Store("csv-cp932", SystemKind.CSV, _csv_cp932, plain=plain_cp932),
        Store("tsv", SystemKind.CSV, _tsv),
        Store("xlsx", SystemKind.XLSX, _xlsx),
        Store("spark-delta", SystemKind.SPARK, _delta, "day"),
        Store("spark-parquet", SystemKind.SPARK, _parquet, is_read_only=True),
    )
}
