"""A folder of JSON Lines: one sub-folder per table, any number of files in it.

A file is changed by writing its successor beside it, syncing, and renaming: killed anywhere, one whole file stands.
JSON has no dates, so columns have the types the data map declares; what it doesn't declare is told by its values.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import pyarrow as pa

from sekisho.connectors import columns as arrow
from sekisho.connectors import locks, values
from sekisho.connectors.failures import refusal, translated
from sekisho.connectors.source import Scalar, Where
from sekisho.engine.catalog.model import StoredView, System

SUFFIX = ".jsonl"
NEXT_SUFFIX = ".next"
JSON_TYPES = ((bool, values.BOOLEAN), (int, values.INTEGER), (float, values.NUMBER))


class JsonlSource:
    """A `Source` over a folder of JSON Lines."""

    def __init__(self, system: System, folder: Path) -> None:
        self.system = system.id
        self._folder = folder
        self._declared = {
            name: {column.name: values.plain_type(column.type) for column in table.columns.values()}
            for name, table in system.tables.items()
        }
        if not folder.is_dir():
            raise refusal("connector.unreachable", self.system)
        self._lock_path = folder / ".lock"
        with translated(self.system):
            self._recover()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def crawl(self) -> Mapping[str, Mapping[str, str]]:
        """Tables and the keys that really occur, with plain types."""
        found: dict[str, dict[str, str]] = {}
        with translated(self.system):
            for folder in sorted(path for path in self._folder.iterdir() if path.is_dir()):
                types = found.setdefault(folder.name, {})
                for path in _files(folder):
                    for row in _records(path):
                        for name, value in row.items():
                            if types.get(name) in {None, values.TEXT} and value is not None:
                                types[name] = self._declared.get(folder.name, {}).get(name) or _told_by(value)
                            types.setdefault(name, values.TEXT)
        return found

    def views(self) -> Mapping[str, StoredView]:
        """None: a folder of files knows no views."""
        return {}

    def count(self, table: str, where: Where = ()) -> int:
        """How many rows match."""
        names = list(dict.fromkeys(test.column for test in where)) or self._any_column(table)
        return sum(batch.num_rows for batch in self.rows(table, names, where))

    def rows(self, table: str, columns: Sequence[str], where: Where = ()) -> Iterator[pa.RecordBatch]:
        """The matching rows, in batches of a file."""
        needed = list(dict.fromkeys([*columns, *(test.column for test in where)]))
        types = self._types(table, needed)
        with translated(self.system):
            for path in _files(self._folder / table):
                found = _table(_records(path), needed, types).filter(arrow.expression(where, types))
                if found.num_rows:
                    yield from found.select(list(columns)).combine_chunks().to_batches()

    def erase(self, table: str, where: Where) -> None:
        """Remove the matching rows, file by file."""
        self._require(table, where)

        def survivors(records: list[dict[str, Any]], hit: Sequence[bool]) -> list[dict[str, Any]]:
            return [record for record, is_hit in zip(records, hit, strict=True) if not is_hit]

        self._rewrite(table, where, survivors)

    def blank(self, table: str, columns: Sequence[str], where: Where) -> None:
        """Null these keys in the matching rows, file by file."""
        self._require(table, where)
        self._types(table, columns)
        nulls = dict.fromkeys(columns)

        def blanked(records: list[dict[str, Any]], hit: Sequence[bool]) -> list[dict[str, Any]]:
            return [record | nulls if is_hit else record for record, is_hit in zip(records, hit, strict=True)]

        self._rewrite(table, where, blanked)

    def rewrite_text(
        self, table: str, column: str, key: Sequence[str], texts: Mapping[tuple[Scalar, ...], str]
    ) -> None:
        """Replace the text in the rows with these keys, file by file."""
        types = self._types(table, [column, *key])
        new = {
            tuple(values.fit(value, types[name]) for name, value in zip(key, at, strict=True)): text
            for at, text in texts.items()
        }

        def rewritten(records: list[dict[str, Any]], _: Sequence[bool]) -> list[dict[str, Any]]:
            keys = (tuple(values.fit(record.get(name), types[name]) for name in key) for record in records)
            return [
                record | {column: new[at]} if at in new else record for record, at in zip(records, keys, strict=True)
            ]

        if new:
            self._rewrite(table, (), rewritten)

    def purge(self) -> None:
        """Remove what a killed rewrite left: renamed files leave nothing else behind."""
        with translated(self.system), locks.held(self.system, self._lock_path):
            self._remove_leftovers()

    def close(self) -> None:
        """Nothing is held open."""

    def _rewrite(
        self,
        table: str,
        where: Where,
        change: Callable[[list[dict[str, Any]], Sequence[bool]], list[dict[str, Any]]],
    ) -> None:
        names = list(dict.fromkeys(test.column for test in where))
        types = self._types(table, names)
        with translated(self.system), locks.held(self.system, self._lock_path):
            for path in _files(self._folder / table):
                records = list(_records(path))
                changed = change(records, _hits(records, names, where, types))
                if changed != records:
                    _replace(path, changed)

    def _require(self, table: str, where: Where) -> None:
        if not where:
            raise refusal("connector.no-condition", self.system, table=table)

    def _any_column(self, table: str) -> list[str]:
        return list(self._types(table, ()))[:1]

    def _types(self, table: str, columns: Sequence[str]) -> dict[str, str]:
        folder = self._folder / table
        if table.startswith(".") or not folder.is_dir():
            raise refusal("connector.unknown-name", self.system, name=table)
        types = self._declared.get(table, {})
        if not types or not set(columns) <= types.keys():
            types = {**types, **self.crawl()[table]}
        for column in columns:
            if column not in types:
                raise refusal("connector.unknown-name", self.system, name=f"{table}.{column}")
        return types

    def _recover(self) -> None:
        if any(self._folder.glob(f"*/*{NEXT_SUFFIX}")) and locks.is_free(self._lock_path):
            with locks.held(self.system, self._lock_path):
                self._remove_leftovers()

    def _remove_leftovers(self) -> None:
        for path in self._folder.glob(f"*/*{NEXT_SUFFIX}"):
            path.unlink(missing_ok=True)


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"*{SUFFIX}"))


def _records(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            if line.strip():
                yield json.loads(line)


def _table(
    records: Iterator[dict[str, Any]] | list[dict[str, Any]], names: list[str], types: dict[str, str]
) -> pa.Table:
    collected: dict[str, list[object]] = {name: [] for name in names}
    for record in records:
        for name in names:
            collected[name].append(values.fit(record.get(name), types[name]))
    return pa.table({name: pa.array(collected[name], values.ARROW[types[name]]) for name in names})


def _hits(records: list[dict[str, Any]], names: list[str], where: Where, types: dict[str, str]) -> Sequence[bool]:
    if not where:
        return [True] * len(records)
    hit: list[bool] = arrow.mask(_table(records, names, types), where, types).to_pylist()
    return hit


def _replace(path: Path, records: list[dict[str, Any]]) -> None:
    following = path.with_name(path.name + NEXT_SUFFIX)
    with following.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n" for record in records)
        file.flush()
        os.fsync(file.fileno())
    following.replace(path)
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _told_by(value: object) -> str:
    return next((plain for python, plain in JSON_TYPES if isinstance(value, python)), values.TEXT)
