"""Which state of a store somebody read: a word that changes whenever the store may have changed."""

import contextlib
from pathlib import Path

import psycopg
from deltalake import DeltaTable

from sekisho.connectors.failures import refusal, translated
from sekisho.connectors.opening import located
from sekisho.engine.catalog.model import System, SystemKind


def snapshot_of(system: System, url: str, table: str) -> str:
    """The state of one table's store; where nothing finer can be told, of the whole store.

    Raises: connector.unreachable.
    """
    kind, path = located(system.kind, url)
    with translated(system.id):
        if kind is SystemKind.POSTGRESQL:
            with psycopg.connect(url) as connection:
                row = connection.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text").fetchone()
            return f"postgresql:{row[0] if row else ''}"
        if kind is SystemKind.DELTA:
            return f"delta:{DeltaTable(path / table).version()}"
        if kind is SystemKind.JSONL:
            files = sorted(one for one in (path / table).rglob("*") if one.is_file())
            return f"jsonl:{len(files)}:{_state(*files)}"
        if not path.exists():
            raise refusal("connector.unreachable", system.id)
        return f"{kind.value}:{_state(path, Path(f'{path}-wal'), Path(f'{path}.wal'))}"


def _state(*files: Path) -> str:
    sizes, newest = 0, 0
    for file in files:
        with contextlib.suppress(FileNotFoundError):
            told = file.stat()
            sizes, newest = sizes + told.st_size, max(newest, told.st_mtime_ns)
    return f"{sizes}:{newest}"
