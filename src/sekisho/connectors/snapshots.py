"""Which state of a store somebody read: a word that changes whenever the store may have changed."""

import contextlib
import hashlib
from pathlib import Path
from uuid import uuid4

from deltalake import DeltaTable

from sekisho.connectors import postgresql_state
from sekisho.connectors.failures import refusal, translated
from sekisho.connectors.opening import located
from sekisho.engine.catalog.model import System, SystemKind

UNKNOWING = (SystemKind.MARIADB, SystemKind.ORACLE)  # servers that tell nobody whether a table has changed


def snapshot_of(system: System, url: str, table: str) -> str:
    """The state of one table's store; where nothing finer can be told, of the whole store. Where nothing can, never twice the same.

    Raises: connector.unreachable.
    """
    kind, path = located(system.kind, url)
    with translated(system.id):
        if kind is SystemKind.POSTGRESQL:
            return postgresql_state.state_of(system.id, url, table)
        if kind in UNKNOWING or (kind is SystemKind.SPARK and not path.is_dir()):
            return f"{kind.value}:{uuid4()}"
        if kind is SystemKind.DELTA:
            return f"delta:{DeltaTable(path / table).version()}"
        if kind is SystemKind.JSONL:
            return f"jsonl:{_folder(path / table)}"
        if not path.exists():
            raise refusal("connector.unreachable", system.id)
        if path.is_dir():
            return f"{kind.value}:{_folder(path)}"
        return f"{kind.value}:{_state(path, Path(f'{path}-wal'), Path(f'{path}.wal'))}"


def _folder(path: Path) -> str:
    """Every file of a folder, by name, size and time: one that took another's place is another state."""
    told = hashlib.sha256()
    count = 0
    for file in sorted(one for one in path.rglob("*") if one.is_file() and not one.name.endswith(".lock")):
        told.update(f"{file.relative_to(path)}\0{_state(file)}\0".encode())
        count += 1
    return f"{count}:{told.hexdigest()}"


def _state(*files: Path) -> str:
    sizes, newest = 0, 0
    for file in files:
        with contextlib.suppress(FileNotFoundError):
            told = file.stat()
            sizes, newest = sizes + told.st_size, max(newest, told.st_mtime_ns)
    return f"{sizes}:{newest}"
