"""How many rows match a condition in each file of a Delta table, looked at once.

The files of a Delta table are never changed, only added and left: what was counted in one stays right as long as the
file is the same one, by its name, inode, length and time. So a sweep that counts, drops partitions, erases and counts
again reads what is due once; a file that came since, or was written over, is looked at. A file whose partition alone
decides, and one whose own footer does, is not read.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
from deltalake import DeltaTable

from sekisho.connectors import columns as arrow
from sekisho.connectors.source import Scalar, Where

CONDITIONS = 4  # whose counts are remembered

_Identity = tuple[str, int, int, int]


@dataclass(frozen=True, slots=True)
class FileCount:
    """A file, its partition, and how many of its rows match. `is_whole`: every one does, and there are some."""

    path: str
    partition: Scalar
    matching: int
    is_whole: bool


class Counts:
    """Counts of the last few conditions, by file."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, tuple[object, ...]], dict[_Identity, tuple[int, bool]]] = {}

    def of(self, opened: DeltaTable, path: Path, where: Where, types: Mapping[str, str]) -> list[FileCount]:
        """Every live file with its count, in the log's order."""
        partition = partition_of(opened)
        partitions = opened.metadata().partition_columns
        matching = arrow.expression(where, types)
        live = dataset(opened, path)
        fragments = {one.path: one for one in live.get_fragments()}
        known = self._of(path.name, where)
        identities = {name: _identity(name) for name in fragments}
        unknown = [fragments[name] for name, identity in identities.items() if identity not in known]
        by_folder = where and {test.column for test in where} <= set(partitions)
        counted = _by_folder(unknown, opened, path, matching) if by_folder else _counted(unknown, live.schema, matching)
        for name, count in counted.items():
            known[identities[name]] = count
        for gone in known.keys() - set(identities.values()):
            del known[gone]
        return [
            FileCount(name, _keys(fragments[name]).get(partition), *known[identity])
            for name, identity in identities.items()
        ]

    def _of(self, table: str, where: Where) -> dict[_Identity, tuple[int, bool]]:
        asked = (table, tuple(where))
        known = self._known.pop(asked, {})
        while len(self._known) >= CONDITIONS:
            del self._known[next(iter(self._known))]
        self._known[asked] = known
        return known


def dataset(opened: DeltaTable, folder: Path) -> ds.Dataset:
    """The live files with their partition's values. Deletion vectors and renamed columns are not read: refused."""
    schema = pa.schema(opened.schema().to_arrow())
    partitions = opened.metadata().partition_columns
    hive = ds.partitioning(pa.schema([schema.field(name) for name in partitions]), flavor="hive")
    return ds.dataset(
        opened.file_uris(),
        schema=schema,
        format="parquet",
        partitioning=hive if partitions else None,
        partition_base_dir=str(folder),
    )


def partition_of(opened: DeltaTable) -> str | None:
    """The column whose values are dropped and written anew, where there is one."""
    return next(iter(opened.metadata().partition_columns), None)


def _counted(
    fragments: list[ds.ParquetFileFragment], schema: pa.Schema, matching: pc.Expression
) -> dict[str, tuple[int, bool]]:
    """The count of each, and whether it is all there is. Files that know their columns' bounds may answer unread."""
    if not fragments:
        return {}
    counts = {one.path: 0 for one in fragments}
    unsaid = []
    for one in fragments:
        if any(group.statistics for group in one.row_groups):
            counts[one.path] = one.count_rows(filter=matching)
        else:
            unsaid.append(one)
    some = ds.FileSystemDataset(unsaid, schema, fragments[0].format, fragments[0].filesystem)
    for batch in some.scanner(columns=[], filter=matching).scan_batches() if unsaid else ():
        counts[batch.fragment.path] += batch.record_batch.num_rows
    return {one.path: (counts[one.path], 0 < counts[one.path] == one.metadata.num_rows) for one in fragments}


def _by_folder(
    fragments: list[ds.ParquetFileFragment], opened: DeltaTable, path: Path, matching: pc.Expression
) -> dict[str, tuple[int, bool]]:
    """The same where the partition decides: no file is opened unless the log does not say how many rows it has."""
    if not fragments:
        return {}
    schema = pa.schema(opened.schema().to_arrow())
    fields = [schema.field(name) for name in opened.metadata().partition_columns]
    names = pa.field("path", pa.string())
    folders = pa.Table.from_pylist([{**_keys(one), "path": one.path} for one in fragments], pa.schema([*fields, names]))
    due = set(folders.filter(matching)["path"].to_pylist())
    told = pa.table(opened.get_add_actions(flatten=True)).select(["path", "num_records"]).to_pydict()
    rows = {str(path / unquote(name)): count for name, count in zip(*told.values(), strict=True)}
    counts = {one.path: 0 if one.path not in due else _rows_of(one, rows.get(one.path)) for one in fragments}
    return {name: (count, count > 0) for name, count in counts.items()}


def _rows_of(fragment: ds.ParquetFileFragment, told: int | None) -> int:
    return int(fragment.metadata.num_rows) if told is None else told


def _identity(path: str) -> _Identity:
    told = os.stat(path)  # noqa: PTH116 a path of the log's, a text
    return path, told.st_ino, told.st_size, told.st_mtime_ns


def _keys(fragment: ds.Fragment) -> dict[str | None, Scalar]:
    """The values of the partition that the file stands in."""
    return dict(ds.get_partition_keys(fragment.partition_expression))
