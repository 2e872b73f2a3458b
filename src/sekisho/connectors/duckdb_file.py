"""A DuckDB file. DuckDB keeps every deleted value in its file: `purge` copies the live rows to a new file and swaps it in.

One process has the file at a time (a lock beside it); inside the process all sources of a file share one connection,
so that a swap never leaves somebody writing into the old file. Source: STACK.md trap 5.
"""

import os
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import groupby
from pathlib import Path

import duckdb
import pyarrow as pa

from sekisho.connectors import locks, values
from sekisho.connectors.failures import refusal, translated
from sekisho.connectors.relational import BATCH_ROWS, RelationalSource
from sekisho.connectors.statements import DUCKDB

NATIVE_TYPES = (
    "SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns AS c "
    "JOIN information_schema.tables AS t USING (table_catalog, table_schema, table_name) "
    "WHERE c.table_catalog = current_catalog() AND c.table_schema = 'main' AND t.table_type = 'BASE TABLE' "
    "ORDER BY c.table_name, c.ordinal_position"
)
VIEWS = (
    "SELECT v.view_name, v.sql, c.column_name, c.data_type FROM duckdb_views() AS v "
    "LEFT JOIN duckdb_columns() AS c ON c.database_name = v.database_name AND c.schema_name = v.schema_name "
    "AND c.table_name = v.view_name WHERE NOT v.internal AND v.database_name = current_catalog() "
    "ORDER BY v.view_name, c.column_index"
)
NEXT_SUFFIX = ".next"
PATIENCE_SECONDS = 10.0
SOMEBODY_LOOKS = ("different configuration", "Could not set lock")


class _SharedFile:
    """The one connection this process has to a file. Use it under `turn`."""

    def __init__(self, system: str, path: Path) -> None:
        self.path = path
        self.turn = threading.RLock()
        self.users = 0
        self.in_transaction = False
        self.lock = locks.take(system, Path(f"{path}.lock"))
        try:
            _remove_leftovers(path)
            self.connection = _connect(path)
        except BaseException:
            self.lock.close()
            raise

    def swap(self) -> None:
        """Copy the live rows to a new file and put it in the old one's place. Killed anywhere, one whole file stands."""
        following = Path(f"{self.path}{NEXT_SUFFIX}")
        _remove_leftovers(self.path)
        catalog = self.connection.execute("SELECT current_catalog()").fetchall()[0][0]
        target = str(following).replace("'", "''")
        self.connection.execute("CHECKPOINT")
        self.connection.execute(f"ATTACH '{target}' AS sekisho_next")
        self.connection.execute(f'COPY FROM DATABASE "{catalog}" TO sekisho_next')
        self.connection.execute("CHECKPOINT sekisho_next")
        self.connection.execute("DETACH sekisho_next")
        self.connection.close()  # also empties the old write-ahead log, which the new file must never replay
        try:
            with following.open("rb") as file:
                os.fsync(file.fileno())
            following.replace(self.path)
            _sync_folder(self.path.parent)
        finally:
            self.connection = _connect(self.path)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One transaction; nobody else of this process is let in."""
        with self.turn:
            self.connection.execute("BEGIN")
            self.in_transaction = True
            try:
                yield
                self.connection.execute("COMMIT")
            except BaseException:
                with suppress(duckdb.TransactionException):  # it is over already: a statement failed, or its COMMIT
                    self.connection.execute("ROLLBACK")
                raise
            finally:
                self.in_transaction = False


_files: dict[Path, _SharedFile] = {}
_files_turn = threading.RLock()


class DuckdbSource(RelationalSource):
    """A `Source` over one DuckDB file, which must exist."""

    dialect = DUCKDB
    sql = "duckdb"

    def __init__(self, system: str, path: Path) -> None:
        super().__init__(system)
        path = path.resolve()
        if not path.is_file():
            raise refusal("connector.unreachable", system)
        with _files_turn, translated(system):
            if path not in _files:
                _files[path] = _SharedFile(system, path)
            self._file: _SharedFile | None = _files[path]
            self._file.users += 1

    def purge(self) -> None:
        """Swap in a new file that holds the live rows only."""
        file = self._open_file()
        with file.turn, translated(self.system):
            file.swap()

    def close(self) -> None:
        """Let go; the last one closes the file."""
        with _files_turn:
            file, self._file = self._file, None
            if file is None:
                return
            file.users -= 1
            if not file.users:
                _files.pop(file.path, None)
                file.connection.close()
                file.lock.close()

    def __del__(self) -> None:
        if getattr(self, "_file", None) is not None:
            self.close()

    def _native_types(self) -> Iterable[tuple[str, str, str]]:
        file = self._open_file()
        with file.turn:
            found: list[tuple[str, str, str]] = file.connection.execute(NATIVE_TYPES).fetchall()
        return found

    def _definitions(self) -> Iterable[tuple[str, str, bool, Mapping[str, str]]]:
        file = self._open_file()
        with file.turn:
            rows = file.connection.execute(VIEWS).fetchall()
        for (name, text), columns in groupby(rows, key=lambda row: row[:2]):
            yield name, text, False, {column: native for _, _, column, native in columns if column is not None}

    def _select(self, text: str, bound: Sequence[object], types: Mapping[str, str]) -> Iterator[pa.RecordBatch]:
        file = self._open_file()
        with file.turn:  # the whole answer at once: an open result would keep others from the connection
            table = file.connection.sql(text, params=list(bound)).to_arrow_table()
        schema = pa.schema([(name, values.ARROW[plain]) for name, plain in types.items()])
        table = table.cast(schema)
        yield from table.to_batches(max_chunksize=BATCH_ROWS) or [
            pa.RecordBatch.from_arrays([pa.array([], field.type) for field in schema], schema=schema)
        ]

    def _write(self, text: str, many: Sequence[Sequence[object]]) -> None:
        file = self._open_file()
        with file.turn:
            if file.in_transaction:
                _each(file.connection, text, many)
            else:
                with file.transaction():
                    _each(file.connection, text, many)

    @contextmanager
    def together(self) -> Iterator[None]:
        """One transaction; this process' other sources of the file wait."""
        with translated(self.system), self._open_file().transaction():
            yield

    def _open_file(self) -> _SharedFile:
        if self._file is None:
            raise refusal("connector.closed", self.system)
        return self._file


def _each(connection: duckdb.DuckDBPyConnection, text: str, many: Sequence[Sequence[object]]) -> None:
    for bound in many:
        connection.execute(text, list(bound))


def _connect(path: Path) -> duckdb.DuckDBPyConnection:
    """Open for writing; whoever only looks (the independent reader) is waited for."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            connection = duckdb.connect(str(path), config={"threads": 2})
            break
        except (duckdb.ConnectionException, duckdb.IOException) as error:
            if not any(sign in str(error) for sign in SOMEBODY_LOOKS) or time.monotonic() >= deadline:
                raise
            time.sleep(0.05)
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def _remove_leftovers(path: Path) -> None:
    """What a killed swap left: never the live file."""
    for suffix in (NEXT_SUFFIX, f"{NEXT_SUFFIX}.wal", f"{NEXT_SUFFIX}.wal.checkpoint", f"{NEXT_SUFFIX}.tmp"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
