"""A lake of Delta tables (or Parquet, to read) at a Spark cluster over Spark Connect: for what one machine does not hold.

Url: `sc://host:port/;lake=/folder`, `;format=parquet` for plain Parquet. The cluster counts, reads and rewrites; values reach
it as Arrow rows joined to the table, never as text, so neither its plans nor the Delta log tell one. An erasure rewrites the
partitions it touches, named by their own values. Plain Parquet has no log to swap versions in: writing is refused.
"""

import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import pyarrow as pa

from sekisho.connectors import values
from sekisho.connectors.delta_folder import DeltaSource, literal
from sekisho.connectors.failures import SIGNS, refusal, translated
from sekisho.connectors.source import Scalar, Where
from sekisho.connectors.spark_columns import Matching, matching
from sekisho.connectors.spark_connect import SparkCluster
from sekisho.connectors.spark_url import address_of, parts_of
from sekisho.engine.catalog.model import StoredView, System

BATCH_ROWS = 50_000
CONNECT_SECONDS = 10.0
DELTA = "delta"
GONE = ("path_not_found", "no commit files", "does not exist", "not a delta table", "no such file", "not found")


class SparkLakeSource:
    """A `Source` over the tables of a lake, one folder each."""

    def __init__(self, system: System, url: str) -> None:
        self.system = system.id
        server, lake, self._format = parts_of(url)
        if not lake:
            raise refusal("connector.unreachable", self.system)
        self._lake = lake.rstrip("/")
        self._tables = {name: table.partition for name, table in system.tables.items()}
        try:  # the client itself would try for ten minutes
            socket.create_connection(address_of(server), timeout=CONNECT_SECONDS).close()
        except OSError as error:
            raise refusal("connector.unreachable", self.system) from error
        self._cluster = SparkCluster(server)
        self._session = self._cluster.session
        with self._told():
            self._session.conf.set("spark.sql.session.timeZone", "UTC")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def crawl(self) -> Mapping[str, Mapping[str, str]]:
        """The map's tables that are there, and what stands beside them where the lake is in our own reach."""
        names = set(self._tables)
        local = Path(self._lake)
        if local.is_dir():
            names |= {one.name for one in local.iterdir() if one.is_dir() and not one.name.startswith((".", "_"))}
        found = {}
        for name in sorted(names):
            types = self._schema(name)
            if types is not None:
                found[name] = types
        return found

    def views(self) -> Mapping[str, StoredView]:
        """None: a lake knows no views."""
        return {}

    def count(self, table: str, where: Where = ()) -> int:
        """How many rows match."""
        types = self._types(table, [test.column for test in where])
        with self._told():
            found = matching(self._session, self._frame(table), where, types)
            return int(found.frame.where(found.hit).count())

    def rows(self, table: str, columns: Sequence[str], where: Where = ()) -> Iterator[pa.RecordBatch]:
        """The matching rows; they come as one answer and are handed on in batches."""
        types = self._types(table, [*columns, *(test.column for test in where)])
        schema = pa.schema([(column, values.ARROW[types[column]]) for column in columns])
        with self._told():
            found = matching(self._session, self._frame(table), where, types)
            answer = found.frame.where(found.hit).select(*[_named(one) for one in columns]).toArrow()
        yield from answer.rename_columns(list(columns)).cast(schema).to_batches(BATCH_ROWS)

    def erase(self, table: str, where: Where) -> None:
        """Remove the matching rows by writing their partitions anew."""
        found = self._asked(table, (), where)
        with self._told():
            self._write(table, found, found.frame.where(~found.hit))

    def blank(self, table: str, columns: Sequence[str], where: Where) -> None:
        """Null these columns in the matching rows by writing their partitions anew."""
        from pyspark.sql import functions as sql

        found = self._asked(table, columns, where)
        with self._told():
            filled = sql.lit(False)
            for column in columns:
                filled |= sql.col(_named(column)).isNotNull()
            hit = found.hit & filled
            frame = found.frame
            for column in columns:
                of_type = frame.schema[column].dataType
                frame = frame.withColumn(
                    column, sql.when(hit, sql.lit(None).cast(of_type)).otherwise(sql.col(_named(column)))
                )
            self._write(table, Matching(found.frame, hit), frame)

    def rewrite_text(
        self, table: str, column: str, key: Sequence[str], texts: Mapping[tuple[Scalar, ...], str]
    ) -> None:
        """Replace the text in the rows with these keys."""
        from pyspark.sql import functions as sql

        types = self._types(table, [column, *key])
        if not texts:
            return
        self._require_delta(table)
        rows = {
            f"sekisho_k{place}": pa.array(
                [values.fit(at[place], types[name]) for at in texts], values.ARROW[types[name]]
            )
            for place, name in enumerate(key)
        }
        told = pa.table({**rows, "sekisho_text": pa.array(list(texts.values()), pa.string())})
        with self._told():
            same = " AND ".join(f"{_named(name)} = sekisho_k{place}" for place, name in enumerate(key))
            joined = self._frame(table).join(self._session.createDataFrame(told), sql.expr(same), "left")
            hit = sql.expr(f"sekisho_text IS NOT NULL AND NOT (sekisho_text <=> {_named(column)})")
            new = joined.withColumn(column, sql.coalesce(sql.col("sekisho_text"), sql.col(_named(column))))
            self._write(table, Matching(joined, hit), new)

    def drop_partitions(self, table: str, where: Where) -> int:
        """Drop the partitions of which every row matches: only the log is written."""
        from pyspark.sql import functions as sql

        found = self._asked(table, (), where)
        partition = self._tables.get(table)
        if partition is None:
            return 0
        with self._told():
            counted = found.frame.groupBy(_named(partition)).agg(
                sql.count(sql.lit(1)).alias("n"), sql.count(sql.when(found.hit, sql.lit(1))).alias("due")
            )
            rows = counted.where("n = due").toArrow().to_pylist()
            due = [row[partition] for row in rows if row[partition] is not None]
            if due:
                listed = ", ".join(literal(one) for one in sorted(due))
                text = f"DELETE FROM delta.`{self._path(table)}` WHERE {_named(partition)} IN ({listed})"  # noqa: S608
                self._session.sql(text).toArrow()
        return len(due)

    def purge(self) -> None:
        """Drop old versions. Refused where the lake is out of our own reach: its owner must."""
        if self._format != DELTA:
            return
        if not Path(self._lake).is_dir():
            raise refusal("connector.cannot-purge", self.system)
        with DeltaSource(self.system, Path(self._lake)) as own:
            own.purge()

    def purge_changed(self) -> None:
        """All that is left behind: finding it costs little."""
        self.purge()

    def close(self) -> None:
        """End the session."""
        with self._told():
            self._session.stop()

    def _asked(self, table: str, columns: Sequence[str], where: Where) -> Matching:
        if not where:
            raise refusal("connector.no-condition", self.system, table=table)
        types = self._types(table, [*columns, *(test.column for test in where)])
        self._require_delta(table)
        with self._told():
            return matching(self._session, self._frame(table), where, types)

    def _write(self, table: str, old: Matching, new: Any) -> None:
        """Put the new rows in the place of the partitions that hold what changes; where nothing does, nothing."""
        from pyspark.sql import functions as sql

        names = [_named(field.name) for field in self._frame(table).schema]
        partition = self._tables.get(table)
        into = new.select(*names).write.format(DELTA).mode("overwrite")
        if partition is None:
            if old.frame.where(old.hit).count():
                into.save(self._path(table))
            return
        touched = old.frame.where(old.hit).select(_named(partition)).distinct().toArrow().column(0).to_pylist()
        if None in touched:
            raise refusal("connector.unsupported", self.system, name=table)
        if touched:
            rows = new.where(sql.col(_named(partition)).isin(touched)).select(*names)
            listed = ", ".join(literal(one) for one in sorted(touched))
            rows.write.format(DELTA).mode("overwrite").option("replaceWhere", f"{partition} IN ({listed})").save(
                self._path(table)
            )

    def _require_delta(self, table: str) -> None:
        if self._format != DELTA:
            raise refusal("connector.cannot-change", self.system, name=table)

    def _path(self, table: str) -> str:
        return f"{self._lake}/{table}"

    def _frame(self, table: str) -> Any:
        return self._session.read.format(self._format).load(self._path(table))

    def _types(self, table: str, columns: Sequence[str]) -> Mapping[str, str]:
        types = self._schema(table) if table and "/" not in table and not table.startswith(".") else None
        if types is None:
            raise refusal("connector.unknown-name", self.system, name=table)
        for column in columns:
            if column not in types:
                raise refusal("connector.unknown-name", self.system, name=f"{table}.{column}")
        return types

    def _schema(self, table: str) -> dict[str, str] | None:
        """Columns with plain types; None where there is no such table."""
        try:
            fields = list(self._frame(table).schema)
        except self._cluster.errors as error:
            if any(sign in str(error).lower() for sign in GONE):
                return None
            raise refusal(_code_of(error), self.system) from error
        if not fields:  # some clusters read a folder that is not there as one without columns
            return None
        told = {field.name: field.dataType.simpleString() for field in fields}
        return {name: values.TEXT if "<" in native else values.plain_type(native) for name, native in told.items()}

    @contextmanager
    def _told(self) -> Iterator[None]:
        """The cluster's errors as ours; its messages may quote rows."""
        try:
            with translated(self.system):
                yield
        except self._cluster.errors as error:
            raise refusal(_code_of(error), self.system) from error


def _code_of(error: BaseException) -> str:
    said = str(error).lower()
    if "unavailable" in said or "failed to connect" in said:
        return "connector.unreachable"
    return next((code for code, signs in SIGNS if any(sign in said for sign in signs)), "connector.failed")


def _named(column: str) -> str:
    return "`" + column.replace("`", "``") + "`"
