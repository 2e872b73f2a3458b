"""Looking into databases through connections of our own: every column of every table, statistics included."""

import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote

import duckdb

from sekisho.connectors.needles import FIELD_END, Needles
from sekisho.connectors.residue_files import Found, in_blob, in_column

ROWS = 5_000
SMALLEST_PAGE = 512
PAGES = 8_192  # of a SQLite file, read at a time
PATIENCE_SECONDS = 10.0


def sqlite(path: Path, needles: Needles) -> Iterator[Found]:
    """Every table of a SQLite file, shadow and system tables too."""
    connection = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)
    try:
        connection.text_factory = lambda data: data.decode("utf-8", "replace")
        tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0").fetchall()
        for (table,) in [*tables, ("sqlite_schema",)]:
            cursor = connection.execute(f"SELECT * FROM {quoted(table)}")  # noqa: S608 names from the catalogue
            names = [column[0] for column in cursor.description]
            while rows := cursor.fetchmany(ROWS):
                yield from in_rows(f"{path.name} {table}", names, rows, needles)
    finally:
        connection.close()


def sqlite_pages(path: Path, needles: Needles) -> Iterator[Found]:
    """The pages laid end to end without the four bytes that lead from one to the next: a long value stands in several."""
    with path.open("rb") as file:
        head = file.read(100)
        size = int.from_bytes(head[16:18], "big")
        size = 65_536 if size == 1 else size
        if not head.startswith(b"SQLite format 3") or size < SMALLEST_PAGE:
            return
        file.seek(0)
        found: set[str] = set()
        tail = b""
        while chunk := file.read(size * PAGES):
            data = tail + b"".join(chunk[at + 4 : at + size] for at in range(0, len(chunk), size))
            found |= needles.in_bytes(data)
            tail = data[-size:]
    for label in sorted(found):
        yield path.name, label, "bytes"


def duckdb_file(path: Path, needles: Needles) -> Iterator[Found]:
    """Every table of a DuckDB file, opened read-only."""
    connection = _read_only(path)
    try:
        tables = connection.execute("SELECT database_name, schema_name, table_name FROM duckdb_tables()").fetchall()
        for database, schema, table in tables:
            name = ".".join(map(quoted, (database, schema, table)))
            reader = connection.sql(f"SELECT * FROM {name}").to_arrow_reader(ROWS * 20)  # noqa: S608 names from the catalogue
            for batch in reader:
                for column, values in zip(batch.schema.names, batch.columns, strict=True):
                    for label in sorted(in_column(values, needles)):
                        yield f"{path.name} {table}.{column}", label, "decoded"
    finally:
        connection.close()


def in_rows(where: str, names: Sequence[str], rows: Iterable[Sequence[object]], needles: Needles) -> Iterator[Found]:
    """Values of many rows at once, column by column."""
    for name, column in zip(names, zip(*rows, strict=True), strict=True):
        found: set[str] = set()
        blobs = [bytes(value) for value in column if isinstance(value, bytes | memoryview)]
        texts = [str(value) for value in column if value is not None and not isinstance(value, bytes | memoryview)]
        if blobs:
            found |= {label for blob in blobs for label in in_blob(blob, needles)}
        if texts:
            found |= needles.in_text(FIELD_END.join(texts))
            numbers = (value for value in column if isinstance(value, int | float | Decimal) and value == value)  # noqa: PLR0124 NaN
            found |= needles.in_integers(int(value) for value in numbers)
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


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
