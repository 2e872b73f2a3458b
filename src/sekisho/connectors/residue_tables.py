"""Looking into databases through connections of our own: every column of every table, statistics included."""

import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

import duckdb
import psycopg

from sekisho.connectors.needles import FIELD_END, Needles
from sekisho.connectors.residue_files import Found, in_column

ROWS = 5_000
PATIENCE_SECONDS = 10.0


def sqlite(path: Path, needles: Needles) -> Iterator[Found]:
    """Every table of a SQLite file, shadow and system tables too."""
    connection = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)
    try:
        connection.text_factory = lambda data: data.decode("utf-8", "replace")
        tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0").fetchall()
        for (table,) in [*tables, ("sqlite_schema",)]:
            cursor = connection.execute(f"SELECT * FROM {_quoted(table)}")  # noqa: S608 names from the catalogue
            names = [column[0] for column in cursor.description]
            while rows := cursor.fetchmany(ROWS):
                yield from _in_rows(f"{path.name} {table}", names, rows, needles)
    finally:
        connection.close()


def duckdb_file(path: Path, needles: Needles) -> Iterator[Found]:
    """Every table of a DuckDB file, opened read-only."""
    connection = _read_only(path)
    try:
        tables = connection.execute("SELECT database_name, schema_name, table_name FROM duckdb_tables()").fetchall()
        for database, schema, table in tables:
            name = ".".join(map(_quoted, (database, schema, table)))
            reader = connection.sql(f"SELECT * FROM {name}").to_arrow_reader(ROWS * 20)  # noqa: S608 names from the catalogue
            for batch in reader:
                for column, values in zip(batch.schema.names, batch.columns, strict=True):
                    for label in sorted(in_column(values, needles)):
                        yield f"{path.name} {table}.{column}", label, "decoded"
    finally:
        connection.close()


def postgresql(url: str, needles: Needles) -> Iterator[Found]:
    """Every row of every table as text, and the sample values the planner keeps."""
    with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
        tables = connection.execute(
            "SELECT n.nspname, c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace "
            "WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') "
            "ORDER BY 1, 2"
        ).fetchall()
        for schema, table in tables:
            name = f"{_quoted(schema)}.{_quoted(table)}"
            with connection.transaction(), connection.cursor(name="sekisho_residue") as cursor:
                cursor.execute(f"SELECT * FROM {name}".encode())  # noqa: S608 names from the catalogue
                while rows := cursor.fetchmany(ROWS):
                    names = [column.name for column in cursor.description or ()]
                    yield from _in_rows(table, names, rows, needles)
        samples = connection.execute(
            "SELECT tablename || '.' || attname, concat_ws(chr(31), most_common_vals::text, histogram_bounds::text, "
            "most_common_elems::text) FROM pg_stats WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        for place, values in samples:
            for label in sorted(needles.in_text(values or "")):
                yield str(place), label, "statistics"


def _in_rows(where: str, names: Sequence[str], rows: Iterable[Sequence[object]], needles: Needles) -> Iterator[Found]:
    """Column by column, many rows at once."""
    for name, column in zip(names, zip(*rows, strict=True), strict=True):
        found: set[str] = set()
        blobs = [bytes(value) for value in column if isinstance(value, bytes | memoryview)]
        texts = [str(value) for value in column if value is not None and not isinstance(value, bytes | memoryview)]
        if blobs:
            found |= needles.in_bytes(b"\x1f".join(blobs))
        if texts:
            found |= needles.in_text(FIELD_END.join(texts))
            found |= needles.in_integers(value for value in column if isinstance(value, int))
        for label in sorted(found):
            yield f"{where}.{name}", label, "decoded"


def _read_only(path: Path) -> duckdb.DuckDBPyConnection:
    """Whoever writes the file lets go of it soon, or it cannot be verified."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return duckdb.connect(str(path), read_only=True)
        except (duckdb.IOException, duckdb.ConnectionException):
            if time.monotonic() >= deadline:
                raise
            time.sleep(0.1)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
