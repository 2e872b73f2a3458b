"""A folder of Delta Lake tables, one sub-folder each, partitioned by a column that holds nothing personal.

A predicate stays in the Delta log for ever, so nothing but the partition's own value ever stands in one: erasing is
rewriting the affected partitions. Nor may statistics hold personal values: files are written without column
statistics and dictionaries, and the log indexes no column at all. `purge` vacuums, writes a checkpoint and expires
the log before it. Source: DESIGN.md section 6, STACK.md trap 5.

Files are read by the log's list of them, not through the library's own dataset: that one prunes by statistics, and
loses the rows of a file that has none where the table asks for some.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Self, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import ColumnProperties, DeltaTable, WriterProperties, write_deltalake

from sekisho.connectors import columns as arrow
from sekisho.connectors import values
from sekisho.connectors.delta_counts import Counts, dataset, partition_of
from sekisho.connectors.failures import refusal, translated
from sekisho.connectors.source import Scalar, Where
from sekisho.engine.catalog.model import StoredView

CONFIGURATION: dict[str, str | None] = {  # how a table is created so that it can forget
    "delta.dataSkippingNumIndexedCols": "0",
    "delta.logRetentionDuration": "interval 0 seconds",
    "delta.deletedFileRetentionDuration": "interval 0 seconds",
}
PARTITIONS_PER_COMMIT = 40
Mark: TypeAlias = tuple[int, int, int]


class DeltaSource:
    """A `Source` over a folder of Delta tables."""

    def __init__(self, system: str, folder: Path) -> None:
        self.system = system
        self._folder = folder
        self._counts = Counts()
        self._changed: set[str] = set()
        self._known: dict[str, tuple[DeltaTable, Mark | None]] = {}
        if not folder.is_dir():
            raise refusal("connector.unreachable", system)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def crawl(self) -> Mapping[str, Mapping[str, str]]:
        """Tables and their columns with plain types."""
        with translated(self.system):
            return {name: _types(DeltaTable(self._folder / name)) for name in self._tables()}

    def views(self) -> Mapping[str, StoredView]:
        """None: a folder of files knows no views."""
        return {}

    def count(self, table: str, where: Where = ()) -> int:
        """How many rows match."""
        opened, types = self._open(table, [test.column for test in where])
        with translated(self.system):
            return sum(one.matching for one in self._counts.of(opened, self._folder / table, where, types))

    def rows(self, table: str, columns: Sequence[str], where: Where = ()) -> Iterator[pa.RecordBatch]:
        """The matching rows, in batches."""
        opened, types = self._open(table, [*columns, *(test.column for test in where)])
        schema = pa.schema([(column, values.ARROW[types[column]]) for column in columns])
        with translated(self.system):
            for batch in dataset(opened, self._folder / table).to_batches(
                columns=list(columns), filter=arrow.expression(where, types)
            ):
                if batch.num_rows:
                    yield from pa.Table.from_batches([batch]).cast(schema).to_batches()

    def erase(self, table: str, where: Where) -> None:
        """Remove the matching rows by writing their partitions anew."""
        self._require(table, where)
        self._rewrite(table, where, lambda rows, types: arrow.without(rows, where, types))

    def blank(self, table: str, columns: Sequence[str], where: Where) -> None:
        """Null these columns in the matching rows by writing their partitions anew."""
        self._require(table, where)
        self._open(table, columns)
        self._rewrite(table, where, lambda rows, types: arrow.blanked(rows, columns, where, types))

    def append(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Scalar]]) -> None:
        """Add these rows in one commit."""
        opened, types = self._open(table, columns)
        if not rows:
            return
        schema = pa.schema(opened.schema().to_arrow())
        given = {
            name: [values.fit(value, types[name]) for value in column]
            for name, column in zip(columns, zip(*rows, strict=True), strict=True)
        }
        arrays = [pa.array(given.get(one.name, [None] * len(rows)), one.type) for one in schema]
        with translated(self.system):
            added = pa.Table.from_arrays(arrays, schema=schema)
            write_deltalake(self._folder / table, added, mode="append", writer_properties=writer_properties())

    def rewrite_text(
        self, table: str, column: str, key: Sequence[str], texts: Mapping[tuple[Scalar, ...], str]
    ) -> None:
        """Replace the text in the rows with these keys."""
        _, types = self._open(table, [column, *key])
        if not texts:
            return
        fitted = {
            tuple(values.fit(value, types[name]) for name, value in zip(key, at, strict=True)): text
            for at, text in texts.items()
        }
        self._rewrite(table, (), lambda rows, _: arrow.rewritten(rows, column, key, fitted)[0])

    def drop_partitions(self, table: str, where: Where) -> int:
        """Drop the partitions of which every row matches: only the log is written."""
        self._require(table, where)
        opened, types = self._open(table, [test.column for test in where])
        partition = partition_of(opened)
        if partition is None:
            return 0
        with translated(self.system):
            counts = self._counts.of(opened, self._folder / table, where, types)
            kept = {one.partition for one in counts if not one.is_whole}
            gone = {one.partition for one in counts} - kept
            if gone:
                self._changed.add(table)
                opened.delete(_naming(partition, gone))
                self._keep(table, opened)
        return len(gone)

    def purge(self) -> None:
        """Drop every file no longer referenced, and every log entry before a new checkpoint."""
        self._purge(self._tables())

    def purge_changed(self) -> None:
        """The same, of the tables that this source changed."""
        self._purge(sorted(self._changed))

    def _tables(self) -> list[str]:
        return sorted(path.parent.name for path in self._folder.glob("*/_delta_log"))

    def _purge(self, tables: Iterable[str]) -> None:
        for table in tables:
            with translated(self.system):
                opened = self._at(table)
                opened.vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False, full=True)
                opened.update_incremental()
                opened.create_checkpoint()
                opened.cleanup_metadata()
                self._keep(table, opened)
            self._changed.discard(table)

    def close(self) -> None:
        """Nothing is held open."""

    def _open(self, table: str, columns: Sequence[str]) -> tuple[DeltaTable, dict[str, str]]:
        if not (self._folder / table / "_delta_log").is_dir():
            raise refusal("connector.unknown-name", self.system, name=table)
        with translated(self.system):
            opened = self._at(table)
            types = _types(opened)
        if opened.protocol().reader_features:
            raise refusal("connector.unsupported", self.system, name=table)
        for column in columns:
            if column not in types:
                raise refusal("connector.unknown-name", self.system, name=f"{table}.{column}")
        return opened, types

    def _at(self, table: str) -> DeltaTable:
        """The table as it is now: what is known of it is brought up to date as long as its log still goes on from there."""
        opened, mark = self._known.pop(table, (None, None))
        if opened is None or mark is None or mark != self._mark(table, opened):
            opened = DeltaTable(self._folder / table)
        else:
            opened.update_incremental()
        self._keep(table, opened)
        return opened

    def _keep(self, table: str, opened: DeltaTable) -> None:
        self._known[table] = opened, self._mark(table, opened)

    def _mark(self, table: str, opened: DeltaTable) -> Mark | None:
        """Which file the last commit is: another one by the same name belongs to a table put back or made anew."""
        last = self._folder / table / "_delta_log" / f"{opened.version():020}.json"
        if not last.exists():
            return None
        told = last.stat()
        return told.st_ino, told.st_size, told.st_mtime_ns

    def _require(self, table: str, where: Where) -> None:
        if not where:
            raise refusal("connector.no-condition", self.system, table=table)

    def _rewrite(self, table: str, where: Where, change: Callable[[pa.Table, dict[str, str]], pa.Table]) -> None:
        opened, types = self._open(table, [test.column for test in where])
        path = self._folder / table
        with translated(self.system):
            partition = partition_of(opened)
            counts = self._counts.of(opened, path, where, types)
            affected = list(dict.fromkeys(one.partition for one in counts if one.matching))
            for start in range(0, len(affected), PARTITIONS_PER_COMMIT):
                chosen = affected[start : start + PARTITIONS_PER_COMMIT]
                opened = self._at(table)
                live = dataset(opened, path).to_batches(filter=_within(partition, chosen))
                changed = (change(pa.Table.from_batches([batch]), types) for batch in live)
                self._changed.add(table)
                write(opened, (batch for rows in changed for batch in rows.to_batches()), partition, chosen)
                self._keep(table, opened)


def write(opened: DeltaTable, rows: Iterable[pa.RecordBatch], partition: str | None, days: Sequence[Scalar]) -> None:
    """Replace these partitions by these rows, in one commit that names partitions only.

    Only what `opened` knows is replaced: rows that somebody added or changed since make it fail, and stay.
    """
    reader = pa.RecordBatchReader.from_batches(pa.schema(opened.schema().to_arrow()), rows)
    predicate = None if partition is None else _naming(partition, days)
    write_deltalake(opened, reader, mode="overwrite", predicate=predicate, writer_properties=writer_properties())


def writer_properties() -> WriterProperties:
    """Files without column statistics and dictionaries: their footers hold no value."""
    return WriterProperties(
        compression="ZSTD",
        default_column_properties=ColumnProperties(statistics_enabled="NONE", dictionary_enabled=False),
    )


def _within(partition: str | None, days: Sequence[Scalar]) -> pc.Expression | None:
    if partition is None:
        return None
    named = pc.field(partition).isin([day for day in days if day is not None])
    return named | pc.field(partition).is_null() if None in days else named


def _naming(partition: str, days: Collection[Scalar]) -> str:
    told = (
        [f"{partition} IN ({', '.join(named)})"]
        if (named := sorted(literal(day) for day in days if day is not None))
        else []
    )
    return " OR ".join(told + [f"{partition} IS NULL"] * (None in days))


def _types(opened: DeltaTable) -> dict[str, str]:
    schema = pa.schema(opened.schema().to_arrow())
    return {field.name: values.plain_type(str(field.type)) for field in schema}


def literal(value: Scalar) -> str:
    """A partition's own value, which is a day or a plain word and never personal."""
    if isinstance(value, date):
        return f"'{value.isoformat()}'"
    if isinstance(value, str) and value.replace("-", "").replace("_", "").isalnum():
        return f"'{value}'"
    return str(int(str(value)))
