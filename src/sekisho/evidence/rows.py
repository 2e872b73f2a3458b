"""Read the ledger's tables through plain drivers, so that checking it needs neither Django nor its settings."""

import json
import os
import sqlite3
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from sekisho.engine.errors import SekishoError
from sekisho.evidence.body import ROOM
from sekisho.evidence.checking import Head, Row

ENTRIES = 'SELECT id, entry, kind, leaf, leaf_hash, at, "index" FROM evidence_entry'
HEADS = "SELECT size, root, note FROM evidence_checkpoint ORDER BY size"
ONE = 'SELECT leaf, "index" FROM evidence_entry WHERE entry = ?'
WAITING = 'SELECT written_at FROM evidence_entry WHERE "index" IS NULL'


class Cursor(Protocol):
    """What both drivers' connections answer to."""

    def execute(self, query: Any, params: Any = (), /) -> Any:
        """Run a query; iterate the answer for its rows."""
        ...


@contextmanager
def opened(home: Path) -> Generator[Cursor]:
    """The product database, read-only. Raises: evidence.no-ledger."""
    url = os.environ.get("SEKISHO_DATABASE_URL", "")
    if url:
        import psycopg

        with psycopg.connect(url) as connection:
            connection.read_only = True
            yield connection
        return
    path = home / "sekisho.sqlite3"
    if not path.exists():
        raise SekishoError("evidence.no-ledger", room=ROOM, home=home)
    database = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=30)
    try:
        database.execute("BEGIN")  # one view of the tables while reading several
        yield database
    finally:
        database.close()


def numbered(database: Cursor) -> Iterator[Row]:
    """Entries with an index, in its order."""
    for row in database.execute(f'{ENTRIES} WHERE "index" IS NOT NULL ORDER BY "index"'):
        yield Row(
            id=row[0],
            entry=str(row[1] if isinstance(row[1], UUID) else UUID(row[1])),
            kind=row[2],
            leaf=bytes(row[3]),
            leaf_hash=bytes(row[4]),
            at=_instant(row[5]),
            index=row[6],
        )


def heads(database: Cursor) -> list[Head]:
    """All checkpoints, smallest first."""
    return [Head(size=size, root=bytes(root), note=note) for size, root, note in database.execute(HEADS)]


def waiting(database: Cursor) -> list[datetime]:
    """When the entries without an index were written."""
    return [_instant(row[0]) for row in database.execute(WAITING)]


def one(database: Cursor, entry: str) -> tuple[bytes, int | None]:
    """Leaf and index of one entry. Raises: evidence.unknown-entry."""
    try:
        wanted = UUID(entry)
    except ValueError:
        raise SekishoError("evidence.unknown-entry", room=ROOM, entry=entry) from None
    is_sqlite = isinstance(database, sqlite3.Connection)
    query = ONE if is_sqlite else ONE.replace("?", "%s")
    for leaf, index in database.execute(query, (wanted.hex if is_sqlite else wanted,)):
        return bytes(leaf), index
    raise SekishoError("evidence.unknown-entry", room=ROOM, entry=entry)


def rows_without_entry(database: Cursor) -> Iterator[tuple[str, int]]:
    """Tables of other rooms whose column `entry` names an entry that does not exist, with how many rows."""
    for table in _tables_naming_entries(database):
        query = (
            f'SELECT count(*) FROM "{table}" WHERE entry IS NOT NULL AND '  # noqa: S608  a name from the schema
            "CAST(entry AS text) <> '' AND "  # a plan under way names no entry yet
            "lower(replace(CAST(entry AS text), '-', '')) NOT IN "
            "(SELECT lower(replace(CAST(entry AS text), '-', '')) FROM evidence_entry)"
        )
        for (count,) in database.execute(query):
            if count:
                yield table, count


def entries_without_row(database: Cursor, kind: str, table: str) -> int:
    """How many entries of a kind have no row in the table that such an entry always comes with."""
    if table not in _tables_naming_entries(database):
        return 0
    query = (
        f"SELECT count(*) FROM evidence_entry WHERE kind = '{kind}'{_declared(database)} AND "  # noqa: S608  our own constants
        "lower(replace(CAST(entry AS text), '-', '')) NOT IN "
        f"(SELECT lower(replace(CAST(entry AS text), '-', '')) FROM \"{table}\" WHERE entry IS NOT NULL)"
    )
    return int(next(iter(database.execute(query)))[0])


def _declared(database: Cursor) -> str:
    """Without the spans that a restore took over from a copy: their rows are lost, and an entry says so."""
    spans = []
    for (leaf,) in database.execute("SELECT leaf FROM evidence_entry WHERE kind = 'evidence.taken-over'"):
        said = json.loads(bytes(leaf))["body"]
        spans.append(
            f' AND NOT ("index" IS NOT NULL AND "index" BETWEEN {int(said["from"])} AND {int(said["to"]) - 1})'
        )
    return "".join(spans)


def _tables_naming_entries(database: Cursor) -> list[str]:
    if isinstance(database, sqlite3.Connection):
        query = (
            "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c "
            "WHERE m.type = 'table' AND c.name = 'entry'"
        )
    else:
        query = (
            "SELECT table_name FROM information_schema.columns "
            "WHERE column_name = 'entry' AND table_schema = current_schema()"
        )
    return sorted(name for (name,) in database.execute(query) if not name.startswith("evidence_"))


def _instant(value: datetime | str) -> datetime:
    """SQLite keeps instants as text in UTC."""
    instant = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
