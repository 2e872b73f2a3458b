"""An independent look for what should be gone: it shares no reading code with the sources that erased.

It reads every table decoded and every byte of every file: free pages, journals, write-ahead logs, Parquet files that
no version refers to any more, footers and statistics, the Delta log with its checkpoints, stray files, what stands
beside a store's file under its name, compressed and in other encodings. Not looked at: a server's write-ahead log and
backups, which no client can read, and its files where that is not allowed; `beyond` says what.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from glob import escape
from pathlib import Path

from sekisho.connectors import residue_files, residue_servers, residue_tables
from sekisho.connectors.failures import refusal, translated
from sekisho.connectors.needles import Needles
from sekisho.connectors.opening import located
from sekisho.engine.catalog.model import SystemKind


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
        # Two looks may see the same.
        for location, label, how in dict.fromkeys(_look(kind, path, str(path_or_url), wanted)):
            yield Residue(location=location, label=label, how=how)


def beyond(system_kind: SystemKind | str, path_or_url: str) -> tuple[str, ...]:
    """What of this store no look of ours reaches, in codes. Raises: connector.unreachable."""
    kind, _ = located(SystemKind(system_kind), str(path_or_url))
    with translated(kind.value):
        if kind is SystemKind.POSTGRESQL:
            return residue_servers.beyond(str(path_or_url))
        return residue_servers.MARIADB_BEYOND if kind is SystemKind.MARIADB else ()


def _look(kind: SystemKind, path: Path, url: str, needles: Needles) -> Iterator[tuple[str, str, str]]:
    if kind is SystemKind.POSTGRESQL:
        yield from residue_servers.postgresql(url, needles)
        return
    if kind is SystemKind.MARIADB:
        yield from residue_servers.mariadb(url, needles)
        return
    if not path.exists():
        raise refusal("connector.unreachable", kind.value)
    if kind not in {SystemKind.SQLITE, SystemKind.DUCKDB}:
        if path.is_file():
            yield from residue_files.in_file(path, path.name, needles)
            return
        for file in sorted(one for one in path.rglob("*") if one.is_file()):
            yield from residue_files.in_file(file, file.relative_to(path).as_posix(), needles)
        return
    look = residue_tables.sqlite if kind is SystemKind.SQLITE else residue_tables.duckdb_file
    yield from look(path, needles)
    if kind is SystemKind.SQLITE:
        yield from residue_tables.sqlite_pages(path, needles)
    yield from residue_files.in_raw(path, path.name, needles)
    for file in sorted(path.parent.glob(f"{escape(path.name)}[-._~]*")):
        if file.is_file():
            yield from residue_files.in_file(file, file.name, needles)
