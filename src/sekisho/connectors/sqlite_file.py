"""A SQLite file. Deleted content is zeroed as it is deleted, and the file is rewritten by `purge`.

SQLite keeps deleted values in free pages until VACUUM unless secure_delete is on (STACK.md, trap 5).
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa

from sekisho.connectors import values
from sekisho.connectors.failures import translated
from sekisho.connectors.relational import BATCH_ROWS, RelationalSource
from sekisho.connectors.statements import SQLITE

PRAGMAS = ("busy_timeout=30000", "secure_delete=ON", "synchronous=FULL", "foreign_keys=ON")


class SqliteSource(RelationalSource):
    """A `Source` over one SQLite file, which must exist."""

    dialect = SQLITE
    sql = "sqlite"

    def __init__(self, system: str, path: Path) -> None:
        super().__init__(system)
        with translated(system):
            self._connection = sqlite3.connect(
                f"file:{quote(str(path))}?mode=rw",
                uri=True,
                isolation_level=None,
                check_same_thread=False,
            )
            try:
                for pragma in PRAGMAS:
                    self._connection.execute(f"PRAGMA {pragma}")
                self._connection.execute("SELECT count(*) FROM sqlite_schema")
            except sqlite3.Error:
                self._connection.close()
                raise

    def purge(self) -> None:
        """Rewrite the file without its free pages, and empty the write-ahead log if there is one."""
        with translated(self.system):
            self._connection.execute("VACUUM")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _native_types(self) -> Iterable[tuple[str, str, str]]:
        return self._connection.execute(
            "SELECT t.name, c.name, c.type FROM sqlite_schema AS t, pragma_table_info(t.name) AS c "
            "WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY t.name, c.cid"
        ).fetchall()

    def _definitions(self) -> Iterable[tuple[str, str, bool, Mapping[str, str]]]:
        found = self._connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'view' ORDER BY name")
        for name, text in found.fetchall():
            try:
                columns = self._connection.execute("SELECT name, type FROM pragma_table_info(?) ORDER BY cid", (name,))
                yield name, text, False, dict(columns.fetchall())
            except sqlite3.OperationalError:  # it reads what is gone: a view all the same, of unknown columns
                yield name, text, False, {}

    def _select(self, text: str, bound: Sequence[object], types: Mapping[str, str]) -> Iterator[pa.RecordBatch]:
        schema = pa.schema([(name, values.ARROW[plain]) for name, plain in types.items()])
        cursor = self._connection.execute(text, tuple(bound))
        seen = False
        while (rows := cursor.fetchmany(BATCH_ROWS)) or not seen:
            seen = True
            columns = zip(*rows, strict=True) if rows else ((),) * len(types)
            arrays = [_array(column, plain) for column, plain in zip(columns, types.values(), strict=True)]
            yield pa.RecordBatch.from_arrays(arrays, schema=schema)

    def _write(self, text: str, many: Sequence[Sequence[object]]) -> None:
        if self._connection.in_transaction:
            self._connection.executemany(text, many)
            return
        with self._transaction():
            self._connection.executemany(text, many)

    @contextmanager
    def together(self) -> Iterator[None]:
        """One transaction; nobody else writes meanwhile."""
        with translated(self.system), self._transaction():
            yield

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise


def _array(column: Sequence[object], plain: str) -> pa.Array:
    """SQLite types values, not columns: what does not fit the column's type is read as text would be, or fails."""
    if plain == values.BOOLEAN:
        column = [None if value is None else bool(value) for value in column]
    else:
        column = [values.fit(value, plain) for value in column]
    return pa.array(column, values.ARROW[plain])
