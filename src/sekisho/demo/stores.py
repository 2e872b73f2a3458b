"""Writing Arrow tables into stores of five kinds, each created so that it can forget."""

import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path

import duckdb
import psycopg
import pyarrow as pa
import pyarrow.compute as pc
from deltalake import write_deltalake

from sekisho.connectors import delta_folder

Tables = Mapping[str, pa.Table]
Views = Mapping[str, str]  # name -> SELECT
NO_VIEWS: Views = {}
BATCH = 50_000
KEY = b"key"  # metadata of a table's schema: its primary key columns, separated by commas
SQLITE_TYPES = {"string": "TEXT", "int64": "INTEGER", "bool": "BOOLEAN", "date32[day]": "DATE", "binary": "BLOB"}
SERVER_TYPES = {
    "string": "text",
    "int64": "bigint",
    "bool": "boolean",
    "date32[day]": "date",
    "binary": "bytea",
    "timestamp[us, tz=UTC]": "timestamptz",
}


def keyed(table: pa.Table, *key: str) -> pa.Table:
    """The table, knowing its primary key."""
    return table.replace_schema_metadata({KEY: ",".join(key)})


def write_sqlite(path: Path, tables: Tables, views: Views = NO_VIEWS) -> None:
    """A new SQLite file. Dates and instants are ISO text."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA secure_delete=ON")
    connection.execute("PRAGMA synchronous=OFF")  # a file that is being born is built again if it dies
    for name, table in tables.items():
        plain = pa.table({field.name: _iso(table[field.name]) for field in table.schema})
        columns = ", ".join(f'"{f.name}" {SQLITE_TYPES.get(str(f.type), "TIMESTAMP")}' for f in table.schema)
        connection.execute(f'CREATE TABLE "{name}" ({columns}, PRIMARY KEY ({_key(table)}))')
        marks = ", ".join("?" * plain.num_columns)
        for batch in plain.to_batches(max_chunksize=BATCH):
            rows = zip(*(column.to_pylist() for column in batch.columns), strict=True)
            connection.executemany(f'INSERT INTO "{name}" VALUES ({marks})', rows)  # noqa: S608 our own names
    for name, text in views.items():
        connection.execute(f'CREATE VIEW "{name}" AS {text}')
    connection.commit()
    connection.close()


def write_postgresql(url: str, tables: Tables, views: Views = NO_VIEWS) -> None:
    """The tables in the current schema of a PostgreSQL database, replacing those of the same name."""
    with psycopg.connect(url) as connection:
        for name in views:
            connection.execute(f'DROP VIEW IF EXISTS "{name}"'.encode())
        for name, table in tables.items():
            columns = ", ".join(f'"{f.name}" {SERVER_TYPES[str(f.type)]}' for f in table.schema)
            connection.execute(f'DROP TABLE IF EXISTS "{name}"'.encode())
            connection.execute(f'CREATE TABLE "{name}" ({columns}, PRIMARY KEY ({_key(table)}))'.encode())
            with connection.cursor() as cursor, cursor.copy(f'COPY "{name}" FROM STDIN'.encode()) as copy:
                for batch in table.to_batches(max_chunksize=BATCH):
                    for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                        copy.write_row(row)
        for name, text in views.items():
            connection.execute(f'CREATE VIEW "{name}" AS {text}'.encode())


def write_duckdb(path: Path, tables: Tables, views: Views = NO_VIEWS) -> None:
    """A new DuckDB file."""
    connection = duckdb.connect(str(path), config={"threads": 2})
    connection.execute("SET TimeZone = 'UTC'")
    for name, table in tables.items():
        connection.register("incoming", table)
        connection.execute(f'CREATE TABLE "{name}" AS SELECT * FROM incoming')  # noqa: S608 our own names
        connection.unregister("incoming")
    for name, text in views.items():
        connection.execute(f'CREATE VIEW "{name}" AS {text}')
    connection.close()


def write_delta(folder: Path, tables: Tables, partition: str) -> None:
    """A folder of new Delta tables without statistics of any column."""
    for name, table in tables.items():
        write_deltalake(
            folder / name,
            table.replace_schema_metadata(None),
            partition_by=[partition],
            configuration=delta_folder.CONFIGURATION,
            writer_properties=delta_folder.writer_properties(),
        )


def write_jsonl(folder: Path, tables: Tables, month_of: str) -> None:
    """A folder of JSON Lines, one file per table and month of the column `month_of`."""
    for name, table in tables.items():
        (folder / name).mkdir(parents=True)
        plain = pa.table({field.name: _iso(table[field.name]) for field in table.schema})
        months: dict[str, list[str]] = {}
        for row in plain.to_pylist():
            line = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
            months.setdefault(row[month_of][:7], []).append(line)
        for month, lines in months.items():
            (folder / name / f"{month}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _key(table: pa.Table) -> str:
    return ", ".join(f'"{name}"' for name in table.schema.metadata[KEY].decode().split(","))


def _iso(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_timestamp(column.type):
        return pc.strftime(column.cast(pa.timestamp("s", tz="UTC")), format="%Y-%m-%dT%H:%M:%SZ")
    if pa.types.is_date(column.type):
        return pc.strftime(column.cast(pa.timestamp("s")), format="%Y-%m-%d")
    return column
