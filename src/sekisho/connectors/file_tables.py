"""What stores made of files have in common: which file belongs to which table, whose types the columns have, who may write.

Each sub-folder is a table of the files in it; a file in the folder itself is a table of its own name. A place may also be
a single file. Types are those the data map declares, else what the file shows.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypeAlias

import pyarrow as pa

from sekisho.connectors import columns as arrow
from sekisho.connectors import locks, replacing, values
from sekisho.connectors.failures import refusal, translated
from sekisho.connectors.source import Scalar, Where
from sekisho.engine.catalog.model import StoredView, System

BATCH_ROWS = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """Rows to remove."""

    where: Where


@dataclass(frozen=True, slots=True, kw_only=True)
class Blank:
    """Columns to null in rows."""

    columns: Sequence[str]
    where: Where


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """Texts to put in by key. The keys' values are fitted to their columns' types."""

    column: str
    key: Sequence[str]
    texts: Mapping[tuple[Scalar, ...], str]


Edit: TypeAlias = Drop | Blank | Texts


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a table: a file, or a sheet of one."""

    path: Path
    name: str = ""


class FileTables(ABC):
    """A `Source` over files. A subclass reads and rewrites one part."""

    suffixes: frozenset[str]

    def __init__(self, system: System, place: Path) -> None:
        self.system = system.id
        self._place = place
        self._declared = {
            name: {column.name: values.plain_type(column.type) for column in table.columns.values()}
            for name, table in system.tables.items()
        }
        if not place.exists():
            raise refusal("connector.unreachable", self.system)
        self._folder = place if place.is_dir() else place.parent
        self._lock_path = self._folder / ".lock"
        with translated(self.system):
            self._recover()

    @abstractmethod
    def _columns(self, part: Part, declared: Mapping[str, str]) -> Mapping[str, str]:
        """The part's columns with plain types."""

    @abstractmethod
    def _read(self, part: Part, names: Sequence[str], types: Mapping[str, str]) -> Iterator[pa.Table]:
        """These columns of the part in pieces, in the plain types; every row, in order."""

    @abstractmethod
    def _rewrite(self, part: Part, edit: Edit, types: Mapping[str, str]) -> None:
        """Change the part, or leave it untouched where nothing changes."""

    def _parts_of(self, path: Path) -> Iterator[tuple[str, Part]]:
        """The tables of a file, by what to add to its table's name."""
        yield "", Part(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def crawl(self) -> Mapping[str, Mapping[str, str]]:
        """Tables and the columns that really occur, with plain types."""
        found: dict[str, dict[str, str]] = {}
        with translated(self.system):
            for table, parts in self._tables().items():
                types = found.setdefault(table, {})
                for part in parts:
                    with replacing.present(self.system, part.path):
                        for name, plain in self._columns(part, self._declared.get(table, {})).items():
                            if types.get(name) in {None, values.TEXT}:
                                types[name] = plain
        return found

    def views(self) -> Mapping[str, StoredView]:
        """None: a folder of files knows no views."""
        return {}

    def count(self, table: str, where: Where = ()) -> int:
        """How many rows match."""
        names = list(dict.fromkeys(test.column for test in where)) or list(self._types(table, ()))[:1]
        return sum(batch.num_rows for batch in self.rows(table, names, where))

    def rows(self, table: str, columns: Sequence[str], where: Where = ()) -> Iterator[pa.RecordBatch]:
        """The matching rows, in batches."""
        needed = list(dict.fromkeys([*columns, *(test.column for test in where)]))
        types = self._types(table, needed)
        with translated(self.system):
            for part in self._tables()[table]:
                with replacing.present(self.system, part.path):
                    for piece in self._read(part, needed, types):
                        found = piece.filter(arrow.expression(where, types)) if where else piece
                        if found.num_rows:
                            yield from found.select(list(columns)).combine_chunks().to_batches(BATCH_ROWS)

    def erase(self, table: str, where: Where) -> None:
        """Remove the matching rows, file by file."""
        self._require(table, where)
        self._change(table, Drop(where=where), [test.column for test in where])

    def blank(self, table: str, columns: Sequence[str], where: Where) -> None:
        """Null these columns in the matching rows, file by file."""
        self._require(table, where)
        self._change(table, Blank(columns=columns, where=where), [*columns, *(test.column for test in where)])

    def rewrite_text(
        self, table: str, column: str, key: Sequence[str], texts: Mapping[tuple[Scalar, ...], str]
    ) -> None:
        """Replace the text in the rows with these keys, file by file."""
        types = self._types(table, [column, *key])
        fitted = {
            tuple(values.fit(value, types[name]) for name, value in zip(key, at, strict=True)): text
            for at, text in texts.items()
        }
        if fitted:
            self._change(table, Texts(column=column, key=key, texts=fitted), [column, *key])

    def purge(self) -> None:
        """Remove what a killed rewrite left: renamed files leave nothing else behind."""
        with self._writing():
            replacing.remove_leftovers(self._folder)

    def close(self) -> None:  # noqa: B027 nothing to do is right for files
        """Nothing is held open."""

    def _change(self, table: str, edit: Edit, names: Iterable[str]) -> None:
        types = self._types(table, list(names))
        with self._writing():
            for part in self._tables()[table]:
                with replacing.present(self.system, part.path):
                    self._rewrite(part, edit, types)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with translated(self.system), locks.held(self.system, self._lock_path):
            yield

    def _tables(self) -> dict[str, list[Part]]:
        found: dict[str, list[Part]] = {}
        files = sorted(self._folder.rglob("*")) if self._place.is_dir() else [self._place]
        for path in files:
            inner = path.relative_to(self._folder)
            hidden = any(one.startswith((".", "~$", "_")) for one in inner.parts)
            if path.suffix.lower() in self.suffixes and not hidden and path.is_file():
                table = inner.parts[0] if len(inner.parts) > 1 else path.stem
                for more, part in self._parts_of(path):
                    found.setdefault(table + more, []).append(part)
        if self._place.is_dir():
            for folder in self._folder.iterdir():  # an empty folder is a table without rows
                if folder.is_dir() and not folder.name.startswith((".", "_")) and self._declared.get(folder.name):
                    found.setdefault(folder.name, [])
        return found

    def _types(self, table: str, columns: Sequence[str]) -> Mapping[str, str]:
        with translated(self.system):
            if table not in self._tables():
                raise refusal("connector.unknown-name", self.system, name=table)
        types: Mapping[str, str] = self._declared.get(table, {})
        if not types or not set(columns) <= types.keys():
            types = {**types, **self.crawl()[table]}
        for column in columns:
            if column not in types:
                raise refusal("connector.unknown-name", self.system, name=f"{table}.{column}")
        return types

    def _require(self, table: str, where: Where) -> None:
        if not where:
            raise refusal("connector.no-condition", self.system, table=table)

    def _recover(self) -> None:
        if any(self._folder.rglob(f"*{replacing.NEXT_SUFFIX}")) and locks.is_free(self._lock_path):
            with locks.held(self.system, self._lock_path):
                replacing.remove_leftovers(self._folder)
