"""Foreign database files, opened so that nothing in or beside them changes."""

import sqlite3
import threading
from pathlib import Path
from urllib.parse import quote

import duckdb

from sekisho.connectors.duckdb_file import DuckdbSource
from sekisho.connectors.failures import refusal, translated
from sekisho.connectors.relational import RelationalSource
from sekisho.connectors.sqlite_file import SqliteSource

WAL_VERSION = b"\x02\x02"  # bytes 18 and 19 of the header: the file uses a write-ahead log


class ReadOnlySqlite(SqliteSource):
    """A SQLite file that is only read. A closed file with a write-ahead log gets no files beside it."""

    def __init__(self, system: str, path: Path) -> None:
        RelationalSource.__init__(self, system)
        with translated(system):
            has_log = Path(f"{path}-wal").exists()
            with path.open("rb") as file:
                uses_log = file.read(20)[18:20] == WAL_VERSION
            way = "immutable=1" if uses_log and not has_log else "mode=ro"
            self._connection = sqlite3.connect(f"file:{quote(str(path))}?{way}", uri=True, isolation_level=None)
            try:
                self._connection.execute("PRAGMA query_only=ON")
                self._connection.execute("SELECT count(*) FROM sqlite_schema")
            except sqlite3.Error:
                self._connection.close()
                raise


class _Looked:
    """A DuckDB file as this process looks at it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.turn = threading.RLock()
        self.connection = duckdb.connect(str(path), read_only=True)


class ReadOnlyDuckdb(DuckdbSource):
    """A DuckDB file that is only read: no lock file beside it, its log is not written back."""

    def __init__(self, system: str, path: Path) -> None:
        RelationalSource.__init__(self, system)
        if not path.is_file():
            raise refusal("connector.unreachable", system)
        with translated(system):
            self._file = _Looked(path.resolve())  # type: ignore[assignment]  # what reading needs of it

    def close(self) -> None:
        """Let go of the file."""
        file, self._file = self._file, None
        if file is not None:
            file.connection.close()
