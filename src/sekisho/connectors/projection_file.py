"""Write one projection: rows of a store, joined with who is who, reduced to what may be seen, into one Parquet file.

DuckDB does it in this process, over Arrow; nothing but the finished file stays. Source: DESIGN.md section 5.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from sekisho.connectors import values
from sekisho.connectors.failures import translated

SYSTEM = "projections"
SOURCE = "sekisho_source"
JUDGED = "sekisho_judged"
FAILING, ERA, KIND = "__sekisho_failing", "__sekisho_era", "__sekisho_kind"
PORTION = 8_000_000  # rows looked at together


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """How many rows are in the file, and how many were lost by the word that failed."""

    rows: int
    lost: Mapping[tuple[int, int | None, int | None], int]  # by failing word, place of the era, place of the kind
    persons: tuple[int, ...]  # numbers of everybody in it


def write_projection(
    *,
    batches: Iterator[pa.RecordBatch],
    columns: Mapping[str, str],
    tables: Mapping[str, pa.Table],
    judged: str,
    shown: str,
    persons: Sequence[str],
    path: Path,
) -> Written:
    """Write `path`. `judged` is a SELECT over `sekisho_source` and `tables` that adds `__sekisho_failing`.

    `shown` is what stays of its rows; `columns` are the source's columns with plain types.
    """
    schema = pa.schema([(name, values.ARROW[plain]) for name, plain in columns.items()])
    unfinished = path.with_suffix(".part")
    own = ", ".join(f'"{name}"' for name in (ERA, KIND, FAILING))
    select = f"SELECT {shown}, {own} FROM ({judged})"
    with translated(SYSTEM), duckdb.connect(config={"threads": max(2, os.cpu_count() or 2)}) as engine:
        engine.execute("SET TimeZone = 'UTC'")
        engine.execute("SET preserve_insertion_order = false")
        for name, table in tables.items():
            engine.register(f"{name}_in", table)
            engine.execute(f'CREATE TABLE "{name}" AS SELECT * FROM "{name}_in"')
            engine.unregister(f"{name}_in")
        made = False
        for portion in _portions(batches, schema):  # a table is read by all threads, a stream by one
            engine.register(SOURCE, portion)
            engine.execute(f"INSERT INTO {JUDGED} {select}" if made else f"CREATE TABLE {JUDGED} AS {select}")
            engine.unregister(SOURCE)
            made = True
        target = str(unfinished).replace("'", "''")
        engine.execute(
            f"COPY (SELECT * EXCLUDE ({own}) FROM {JUDGED} WHERE {FAILING} = 0) TO '{target}' "
            "(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)"
        )
        counted = engine.execute(f"SELECT {FAILING}, {ERA}, {KIND}, count(*) FROM {JUDGED} GROUP BY ALL").fetchall()
        each = " UNION ".join(f'SELECT "{name}" AS n FROM {JUDGED} WHERE {FAILING} = 0' for name in persons)
        numbers = (
            engine.execute(f"SELECT DISTINCT n FROM ({each}) WHERE n IS NOT NULL ORDER BY 1").fetchall() if each else []
        )
    unfinished.chmod(0o444)
    unfinished.replace(path)
    rows = sum(count for failing, _, _, count in counted if failing == 0)
    lost = {(failing, era, kind): count for failing, era, kind, count in counted if failing}
    return Written(rows=rows, lost=lost, persons=tuple(number for (number,) in numbers))


def _portions(batches: Iterator[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.Table]:
    """The rows as tables of bounded size, at least one."""
    held: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        held.append(batch)
        rows += batch.num_rows
        if rows >= PORTION:
            yield pa.Table.from_batches(held, schema)
            held, rows = [], 0
    yield pa.Table.from_batches(held, schema)
