"""Read the ledger's tables through plain drivers, so that checking it needs neither Django nor its settings."""

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
WAITING = 'SELECT written_at FROM evidence_entry WHERE "index" IS NULL'


class Cursor(Protocol):
    """What both drivers' connections answer to."""

    def execute(self, query: Any, /) -> Any:
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


def _instant(value: datetime | str) -> datetime:
    """SQLite keeps instants as text in UTC."""
    instant = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
