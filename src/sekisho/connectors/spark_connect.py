"""Build and ask projections on a Spark cluster, over Spark Connect: for what one machine does not hold.

The cluster reads and writes the folder of projections, so both sides see it under one path. What isolates a query there is
the cluster's own rights: the query is the one made anew, and only projections have a name in its session.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import pyarrow as pa
import sqlglot
from sqlglot import exp

from sekisho.connectors import values
from sekisho.connectors.projection_file import FAILING, JUDGED, SOURCE, Written
from sekisho.connectors.sandbox import Limits, Ran, View
from sekisho.engine.errors import SekishoError

ROOM = "sekisho.connectors"
ISOLATION = ("cluster",)
GONE = "sekisho_gone"


class SparkCluster:
    """One session at a Spark Connect server."""

    def __init__(self, url: str) -> None:
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the client's own imports
            from pyspark.errors import PySparkException
            from pyspark.sql import SparkSession

            self.errors = (PySparkException, pa.ArrowException, OSError)
            try:
                self.session: Any = SparkSession.builder.remote(url).create()
                self.session.conf.set("spark.sql.session.timeZone", "Asia/Tokyo")
            except Exception as error:
                raise SekishoError("connector.unreachable", room=ROOM, system="spark") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.session.stop()

    def run(self, queries: Sequence[str], *, views: Sequence[View], gone: Sequence[int], limits: Limits) -> Ran:
        """The answers to queries over the views, without rows of the people who are gone.

        Raises: sandbox.failed, sandbox.too-many-rows.
        """
        begun = time.monotonic()
        try:
            if gone:
                self.name(GONE, pa.table({"person": pa.array(gone, pa.int64())}))
            for view in views:
                self._view(view, without=bool(gone))
            answers = tuple(self._answer(query, limits) for query in queries)
        except self.errors:
            raise SekishoError("sandbox.failed", room=ROOM, most="") from None
        return Ran(answers=answers, isolation=ISOLATION, seconds=time.monotonic() - begun)

    def name(self, name: str, rows: pa.Table) -> None:
        """Give rows of ours a name in the session."""
        self.session.createDataFrame(rows).createOrReplaceTempView(name)

    def _view(self, view: View, *, without: bool) -> None:
        frame = self.session.read.parquet(view.file)
        if without and view.persons:
            gone = f"(SELECT person FROM {GONE})"  # noqa: S608
            tests = [f"(`{one}` IS NULL OR `{one}` NOT IN {gone})" for one in view.persons]
            frame.createOrReplaceTempView(f"{_named(view.system, view.table)}__all")
            frame = self.session.sql(
                f"SELECT * FROM {_named(view.system, view.table)}__all WHERE {' AND '.join(tests)}"  # noqa: S608
            )
        frame.createOrReplaceTempView(_named(view.system, view.table))

    def _answer(self, query: str, limits: Limits) -> pa.Table:
        rows = self.session.sql(in_spark(query)).limit(limits.rows + 1).toArrow()
        if rows.num_rows > limits.rows:
            raise SekishoError("sandbox.too-many-rows", room=ROOM, most=limits.rows)
        return rows


def write_on_spark(
    url: str,
    lake: Path | None,
    *,
    batches: Iterator[pa.RecordBatch],
    columns: Mapping[str, str],
    tables: Mapping[str, pa.Table],
    judged: str,
    shown: str,
    persons: Sequence[str],
    path: Path,
) -> Written:
    """`write_projection`, done by a cluster: the same SELECT in its words.

    With `lake`, a Delta table that the cluster reads itself, `batches` is only asked how many rows there are: a cluster that
    reads another number reads it wrongly. Raises: sandbox.failed, connector.unreachable, connector.conflict.
    """
    schema = pa.schema([(name, values.ARROW[plain]) for name, plain in columns.items()])
    with SparkCluster(url) as cluster:
        try:
            for name, table in tables.items():
                cluster.name(name, table)
            if lake is None:
                cluster.name(SOURCE, pa.Table.from_batches(batches, schema))
            else:
                cluster.session.read.format("delta").load(str(lake)).createOrReplaceTempView(SOURCE)
            cluster.session.sql(judged).createOrReplaceTempView(JUDGED)
            kept = cluster.session.sql(f"SELECT {shown} FROM {JUDGED} WHERE {FAILING} = 0")  # noqa: S608
            kept.write.mode("overwrite").parquet(str(path))
            counted = cluster.session.sql(
                f"SELECT {FAILING} AS f, __sekisho_era AS e, __sekisho_kind AS k, count(*) AS n "  # noqa: S608
                f"FROM {JUDGED} GROUP BY {FAILING}, __sekisho_era, __sekisho_kind"
            ).toArrow()
            each = " UNION ".join(f"SELECT `{name}` AS n FROM {JUDGED} WHERE {FAILING} = 0" for name in persons)  # noqa: S608
            numbers = cluster.session.sql(each).toArrow().column("n").to_pylist() if each else []
        except cluster.errors:
            raise SekishoError("sandbox.failed", room=ROOM, most="") from None
    if lake is not None and sum(row["n"] for row in counted.to_pylist()) != sum(one.num_rows for one in batches):
        raise SekishoError("connector.conflict", room=ROOM, system="spark")
    rows = sum(row["n"] for row in counted.to_pylist() if row["f"] == 0)
    lost = {(row["f"], row["e"], row["k"]): row["n"] for row in counted.to_pylist() if row["f"]}
    return Written(rows=rows, lost=lost, persons=tuple(sorted(one for one in numbers if one is not None)))


def in_spark(query: str) -> str:
    """A query made anew, in Spark's words, over the names that the projections have there."""
    tree = sqlglot.parse_one(query, dialect="duckdb")
    for table in tree.find_all(exp.Table):
        if table.db:
            table.set("this", exp.to_identifier(_named(table.db, table.name), quoted=True))
            table.set("db", None)
    return tree.sql("spark")


def _named(system: str, table: str) -> str:
    return f"{system}__{table}"
