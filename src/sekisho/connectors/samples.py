"""Samples of somebody else's tables and texts for discovery: names and types of columns, and rows drawn of them.

A database is crawled and its rows are drawn; files go to `sample_files`. What can't be read is told, not skipped.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from sekisho.connectors import sample_files
from sekisho.connectors.sample_drawing import places
from sekisho.connectors.sample_files import Passage, Sample, Unread
from sekisho.engine.catalog.model import System, SystemKind
from sekisho.engine.errors import SekishoError

if TYPE_CHECKING:
    import pyarrow as pa

    from sekisho.connectors.source import Source

ROOM = "sekisho.engine.scanning"  # discovery's words
Sampled: TypeAlias = Sample | Passage | Unread
SUFFIXES = {".sqlite": "sqlite", ".sqlite3": "sqlite", ".db": "sqlite", ".duckdb": "duckdb"}
DELTA_LOG = "_delta_log"
SQLITE_HEADER = b"SQLite format 3\x00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How much to read."""

    rows: int = 1000
    schema_only: bool = False
    seed: int = 46  # the same draw of the same rows each time


def samples(source: str, wish: Wish) -> Iterator[Sampled]:
    """Everything in the source. Raises: discover.no-such-source, what reading the one file named raises, connector.*"""
    if "://" in source:
        yield from _store(source, wish)
        return
    path = Path(source)
    if path.is_dir():
        lakes = [one.parent for one in sorted(path.rglob(DELTA_LOG)) if one.is_dir()]
        for lake in lakes:
            yield from _store(f"delta:///{lake.absolute().parent}", wish, only=lake.absolute().name)
        for file in sorted(one for one in path.rglob("*") if one.is_file() and not _is_hidden(one.relative_to(path))):
            if not any(file.is_relative_to(lake) for lake in lakes):
                yield from _one(file, file.relative_to(path), wish, alone=False)
    elif path.is_file():
        yield from _one(path, Path(path.name), wish, alone=True)
    else:
        raise SekishoError("discover.no-such-source", room=ROOM, source=source)


def _one(file: Path, name: Path, wish: Wish, *, alone: bool) -> Iterator[Sampled]:
    try:
        scheme = SUFFIXES.get(file.suffix.lower())
        if scheme == "duckdb" or _is_sqlite(file):
            found = _store(f"{scheme or 'sqlite'}:///{file.absolute()}", wish)
            yield from found if alone else (_within(name, one) for one in found)
        else:
            yield from sample_files.read(file, str(name), rows=wish.rows, seed=wish.seed, schema_only=wish.schema_only)
    except SekishoError as error:
        if alone:
            raise
        yield Unread(location=str(name), error=error)


def _store(url: str, wish: Wish, *, only: str | None = None) -> Iterator[Sampled]:

    source = _read_only(url)
    try:
        for table, columns in source.crawl().items():
            if only in (None, table):
                yield sample_of(source, table, columns, wish)
    finally:
        source.close()


def sample_of(source: "Source", table: str, columns: Mapping[str, str], wish: Wish) -> Sample:
    """One table of an open store; of `schema_only` no value is asked for. Raises what the store refuses."""
    if wish.schema_only:
        return Sample(table=table, columns=dict.fromkeys(columns))
    from sekisho.connectors.relational import RelationalSource

    if isinstance(source, RelationalSource):
        try:
            return Sample(table=table, columns=source.sample(table, list(columns), wish.rows, wish.seed))
        except SekishoError:
            if source.sql != "sqlite":
                raise
            # A table WITHOUT ROWID has no row numbers to draw by: its rows are counted out instead.
    chosen = places(source.count(table), wish.rows, wish.seed)
    return Sample(table=table, columns=_taken(columns, source.rows(table, list(columns)), chosen))


def _read_only(url: str) -> "Source":
    """A foreign store, so that looking changes nothing in it."""
    from sekisho.connectors.opening import located, open_system
    from sekisho.connectors.sample_stores import ReadOnlyDuckdb, ReadOnlySqlite

    system = System(id="source", label="", kind=SystemKind.SQLITE, url=url, tables={})
    kind, path = located(system.kind, url)
    if kind is SystemKind.SQLITE:
        return ReadOnlySqlite(system.id, path)
    if kind is SystemKind.DUCKDB:
        return ReadOnlyDuckdb(system.id, path)
    if kind is SystemKind.POSTGRESQL:
        url += f"{'&' if '?' in url else '?'}options=-c%20default_transaction_read_only%3Don"
    return open_system(system, url)


def _taken(
    columns: Mapping[str, str], batches: Iterator["pa.RecordBatch"], chosen: Sequence[int]
) -> dict[str, Sequence[str]]:
    """The rows of these numbers as texts; what lies between them is passed over."""
    told: dict[str, list[str]] = {name: [] for name in columns}
    begin = at = 0
    for batch in batches:
        end = bisect_left(chosen, begin + batch.num_rows, at)
        for row in batch.take([number - begin for number in chosen[at:end]]).to_pylist() if end > at else ():
            for name, value in row.items():
                if value is not None and not isinstance(value, bytes):
                    told[name].append(str(value))
        begin, at = begin + batch.num_rows, end
        if at == len(chosen):
            break
    return dict(told)


def _within(name: Path, sampled: Sampled) -> Sampled:
    return Sample(table=f"{name}:{sampled.table}", columns=sampled.columns) if isinstance(sampled, Sample) else sampled


def _is_sqlite(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(len(SQLITE_HEADER)) == SQLITE_HEADER


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)
