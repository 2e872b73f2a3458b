"""An independent look for what should be gone: it shares no reading code with the sources that erased.

It reads every table decoded and every byte of every file: free pages, journals, write-ahead logs, Parquet files that
no version refers to any more, footers and statistics, the Delta log with its checkpoints, and stray files.
Not looked at: a PostgreSQL server's write-ahead log and backups, which no client can read.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sekisho.connectors import residue_files, residue_tables
from sekisho.connectors.failures import refusal, translated
from sekisho.connectors.needles import Needles
from sekisho.connectors.opening import located
from sekisho.engine.catalog.model import SystemKind

SIBLINGS = {  # what a store writes beside its file
    SystemKind.SQLITE: ("", "-journal", "-wal", "-shm"),
    SystemKind.DUCKDB: ("", ".wal", ".next", ".next.wal"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Residue:
    """A value found. `location` names files, tables and columns, never a value; `label` is the caller's own word."""

    location: str
    label: str
    how: str  # decoded, bytes, statistics, log


def find(system_kind: SystemKind | str, path_or_url: str, needles: Mapping[str, tuple[str, ...]]) -> Iterator[Residue]:
    """Where any of these values still stands. `needles`: label -> the value in all its variants.

    Raises: connector.unreachable where the store cannot be read: not finding is not the same as not looking.
    """
    kind, path = located(SystemKind(system_kind), str(path_or_url))
    wanted = Needles(needles)
    with translated(kind.value):
        for location, label, how in _look(kind, path, str(path_or_url), wanted):
            yield Residue(location=location, label=label, how=how)


def _look(kind: SystemKind, path: Path, url: str, needles: Needles) -> Iterator[tuple[str, str, str]]:
    if kind is SystemKind.POSTGRESQL:
        yield from residue_tables.postgresql(url, needles)
        return
    if not path.exists():
        raise refusal("connector.unreachable", kind.value)
    if kind not in SIBLINGS:
        for file in sorted(one for one in path.rglob("*") if one.is_file()):
            yield from residue_files.in_file(file, file.relative_to(path).as_posix(), needles)
        return
    look = residue_tables.sqlite if kind is SystemKind.SQLITE else residue_tables.duckdb_file
    yield from look(path, needles)
    for suffix in SIBLINGS[kind]:
        file = path.with_name(path.name + suffix)
        if file.exists():
            yield from residue_files.in_raw(file, file.name, needles)
