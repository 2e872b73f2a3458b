"""Counting rows and then removing them (集計して消去), so that a death at any point neither loses nor doubles a row.

Where the store has transactions, the totals and the deletion are one. Where it has none (Delta: two tables, two
commits), the rows to be counted are claimed first: their keys stand in a file of the home, the totals go in under the
batch's name in one commit, and what is removed afterwards is what was claimed. A batch that stands there is never
written again; a claimed row that may no longer go (a hold came in) stays claimed, and is not counted twice.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings

from sekisho.connectors.source import In, Partitioned, Source, Taking, Together
from sekisho.engine.catalog.model import System, Table, Totals
from sekisho.engine.errors import SekishoError
from sekisho.registers.retention.queries.totals import counted, too_small, written
from sekisho.registers.retention.queries.where import Region
from sekisho.registers.retention.rules import ROOM

FOLDER = "claims"
KEY, BATCH = "key", b"batch"
ROUNDS = 2  # rows that came while the first was under way; what still comes then is told as left
Due = Callable[[], tuple[Region, ...]]
Reached = Callable[[str], None]


def count_and_erase(
    source: Source, system: System, table: Table, due: Due, *, batch: str, on: date, reached: Reached
) -> None:
    """Count what is due, in groups of people large enough, and remove it. A repeat goes on where the last one stopped.

    Raises: retention.totals-unsupported, retention.totals-too-small.
    """
    said = table.totals
    if said is None:
        raise ValueError("a table that is counted says what its totals are")
    if not isinstance(source, Taking):
        raise SekishoError("retention.totals-unsupported", room=ROOM, system=system.id, table=table.name)
    if isinstance(source, Together):
        _as_one(source, system, table, said, due, batch, on, reached)
    else:
        _as_claimed(source, system, table, said, due, batch, on, reached)
    if too_small(source, said):
        raise SekishoError("retention.totals-too-small", room=ROOM, system=system.id, table=said.into)


def _as_one(
    source: Together, system: System, table: Table, said: Totals, due: Due, batch: str, on: date, reached: Reached
) -> None:
    with source.together():
        regions = [region for region in due() if source.count(table.name, region)]
        if not regions:
            return
        found = counted(source, table, system.tables[said.into], said, regions, _free(source, said, batch), on)
        source.append(said.into, said.columns, found.rows)
        reached("totalled")
        for region in regions:
            source.erase(table.name, region)
        reached("uncommitted")


def _as_claimed(
    source: Taking, system: System, table: Table, said: Totals, due: Due, batch: str, on: date, reached: Reached
) -> None:
    for _ in range(ROUNDS):
        path = _path(system, table, batch)
        if not written(source, said, batch):
            keys = _claim(source, table, due(), _counted_before(source, system, table, said))
            _write(path, keys, batch)
            reached("claimed")
            mine = [(*region, In(table.key[0], tuple(keys))) for region in due()] if keys else []
            found = counted(source, table, system.tables[said.into], said, mine, batch, on)
            source.append(said.into, said.columns, found.rows)
            reached("totalled")
        keys = sorted({*_read(path), *_counted_before(source, system, table, said)}, key=str)
        for region in due() if keys else ():
            where = (*region, In(table.key[0], tuple(keys)))
            if source.count(table.name, where):
                if table.partition is not None and isinstance(source, Partitioned):
                    source.drop_partitions(table.name, where)
                source.erase(table.name, where)
        reached("uncommitted")
        _let_go(source, system, table, said)
        if not any(source.count(table.name, region) for region in due()):
            return
        batch = _free(source, said, batch)  # rows that came meanwhile are counted by themselves


def _free(source: Source, said: Totals, batch: str) -> str:
    """The batch's name, or the next one of it that nothing was written under."""
    name, number = batch, 1
    while written(source, said, name):
        number += 1
        name = f"{batch}/{number}"
    return name


def _claim(source: Source, table: Table, regions: Sequence[Region], others: set[object]) -> list[object]:
    found: dict[object, None] = {}
    for region in regions:
        for rows in source.rows(table.name, table.key, region):
            found |= dict.fromkeys(rows.column(0).to_pylist())
    return [key for key in found if key not in others]


def _counted_before(source: Source, system: System, table: Table, said: Totals) -> set[object]:
    """Keys of rows that a batch counted and that are still there, or may be."""
    return {key for path, batch in _claims(system, table) if written(source, said, batch) for key in _read(path)}


def _let_go(source: Source, system: System, table: Table, said: Totals) -> None:
    """Claims of which nothing is left, or that were never counted, are forgotten."""
    for path, batch in list(_claims(system, table)):
        keys = tuple(_read(path))
        if not keys or not written(source, said, batch) or not source.count(table.name, (In(table.key[0], keys),)):
            path.unlink(missing_ok=True)


def _claims(system: System, table: Table) -> Iterator[tuple[Path, str]]:
    folder = Path(settings.HOME) / FOLDER
    for path in sorted(folder.glob(f"{system.id}.{table.name}.*.parquet")):
        yield path, (pq.read_schema(path).metadata or {})[BATCH].decode()


def _path(system: System, table: Table, batch: str) -> Path:
    return Path(settings.HOME) / FOLDER / f"{system.id}.{table.name}.{batch.replace('/', '-')}.parquet"


def _read(path: Path) -> list[object]:
    return pq.read_table(path).column(KEY).to_pylist() if path.exists() else []


def _write(path: Path, keys: Sequence[object], batch: str) -> None:
    """The claim, whole or not at all, and durable before anything is counted."""
    path.parent.mkdir(parents=True, exist_ok=True)
    following = path.with_suffix(".next")
    pq.write_table(pa.table({KEY: pa.array(keys)}).replace_schema_metadata({BATCH: batch.encode()}), following)
    _sync(following)
    following.replace(path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
