"""Build the projection of one table for one purpose, or take one that stands."""

import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from uuid import uuid4

import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings
from pyroaring import BitMap

from sekisho.connectors.opening import located
from sekisho.connectors.projection_file import Written, write_projection
from sekisho.connectors.snapshots import snapshot_of
from sekisho.engine.catalog.model import SystemKind, Table
from sekisho.engine.errors import SekishoError
from sekisho.engine.gate.ask import Act, BulkAsk
from sekisho.evidence.actions import append
from sekisho.evidence.writing import writing
from sekisho.registers.datamap import queries as datamap_queries
from sekisho.registers.identities import actions as identities_actions
from sekisho.registers.people import queries as people_queries
from sekisho.registers.populations.queries import People
from sekisho.registers.projections import rules
from sekisho.registers.projections.actions.asking import Asked
from sekisho.registers.projections.models import Projection
from sekisho.registers.projections.queries import people as people_of
from sekisho.registers.projections.queries.judging import PERSON, Judging, reasons_of
from sekisho.registers.projections.queries.projecting import (
    Needed,
    interval_table,
    judged_sql,
    shown_sql,
    source_columns,
)
from sekisho.registers.projections.queries.seeing import Seen
from sekisho.registers.projections.queries.speech import DUCKDB, SPARK
from sekisho.registers.retention import queries as retention
from sekisho.registers.retention.queries.gate import is_past

FOLDER, FILE = rules.FOLDER, "rows.parquet"  # the file is a folder of files where a cluster wrote it
FAILING = "__sekisho_failing"
TRIES = 3  # somebody may be stopped or erased while it is built
Reading = Callable[[int], None]  # told how many rows were read; raises where the work is to end


def silent(_rows: int) -> None:
    """Tell nobody."""


def standing(scope: str, at: datetime) -> Projection | None:
    """The newest projection of this scope that stands, with its file."""
    live = Projection.objects.filter(scope=scope, dropped_at=None, expires_at__gt=at).order_by("-built_at").first()
    return live if live is not None and file_of(live).exists() else None


def snapshot_for(needed: Needed) -> str:
    """In which state the table's store is now."""
    return snapshot_of(needed.system, datamap_queries.located(needed.system), needed.table.name)


def scope_of(needed: Needed, *, seen: Seen, asked: Asked, snapshot: str) -> str:
    """What a projection must agree in to be usable: everything but the people's epoch."""
    known = rules.references(seen.datamap)
    standing = people_queries.standing_of(asked.actor, seen.on, seen.policy)
    return rules.scope_of(
        policy=seen.policy.sha256,
        history=[era for era, _ in seen.eras],
        datamap=seen.datamap.sha256,
        purpose=seen.purpose,
        recipient="",
        channel=asked.channel,
        spark=asked.spark,
        on=seen.on.isoformat(),
        actor=[standing.known, standing.active, standing.trained, standing.pledged, standing.acknowledged],
        role=standing.role,
        shop=standing.shop,
        system=needed.system.id,
        table=needed.table.name,
        snapshot=snapshot,
        items=needed.items(seen),
        rows=rules.asked_rows(needed.table, needed.columns, known),
    )


def file_of(projection: Projection) -> Path:
    """Where a projection stands."""
    return Path(settings.HOME) / FOLDER / projection.key / FILE


def build(needed: Needed, *, seen: Seen, asked: Asked, scope: str, reading: Reading = silent) -> Projection:
    """Build it now. Who is erased or stopped while it is built does not stand in it: then it is built again.

    Evidence: `projections.built`. Raises: projections.people-changing, what the store refuses.
    """
    for _ in range(TRIES):
        built = _build(needed, seen, asked, scope, reading)
        if built is not None:
            return built
    raise SekishoError("projections.people-changing", room=rules.ROOM)


def _build(needed: Needed, seen: Seen, asked: Asked, scope: str, reading: Reading) -> Projection | None:
    begun = time.monotonic()
    table, items, speech = needed.table, needed.items(seen), SPARK if asked.spark else DUCKDB
    ask = BulkAsk(
        actor=asked.actor,
        act=Act.USE,
        items=items,
        purpose=seen.purpose,
        at=asked.at,
        channel=asked.channel,
        resource={"subject_kind": table.subject},
    )
    everybody = people_of.everybody(ask)
    words, numbers = everybody.words, everybody.numbers
    judging = Judging(
        seen=seen,
        table=table,
        items=items,
        words=words.items,
        channel=asked.channel,
        speech=speech,
        constants={name: value for one in words.items.values() for name, value in one.attributes.items()},
    )
    key = identities_actions.pseudonym_key(purpose=seen.purpose, at=asked.at, acting_user=asked.actor)
    tables = {"people": judging.people(numbers, people_of.pseudonyms(numbers, key))}
    tables |= _holders(needed, seen, everybody.people)
    own_key = rules.key_of(scope, words.epoch, str(uuid4()))
    folder = Path(settings.HOME) / FOLDER / own_key
    folder.parent.mkdir(mode=0o700, exist_ok=True)
    folder.mkdir(mode=0o755, exist_ok=True)
    (folder / rules.BUILDING).write_text(f"{needed.system.id}.{table.name}", encoding="utf-8")
    columns = source_columns(needed, seen)
    source = datamap_queries.open_source(needed.system)
    try:
        tables["retention"] = _retention(source.rows(table.name, *_trigger_columns(table)), seen, table, items)
        write, only = _writer(needed, asked.spark)
        written = write(
            batches=_counted(source.rows(table.name, only or list(columns)), folder, reading),
            columns=columns,
            tables=tables,
            judged=judged_sql(judging, columns),
            shown=shown_sql(needed, seen, key, speech),
            persons=[f"{PERSON}{place}" for place in range(len(table.owners))],
            path=folder / FILE,
        )
    except BaseException as error:
        if not folder.exists() and isinstance(error, OSError | SekishoError):
            return None  # somebody was erased meanwhile, who goes first: what was being built was taken away
        shutil.rmtree(folder, ignore_errors=True)
        raise
    finally:
        source.close()
    took = time.monotonic() - begun
    head = (words.epoch, everybody.change)
    with writing():
        if people_of.overtaken(head, written.persons):
            shutil.rmtree(folder, ignore_errors=True)
            return None
        row = _record(needed, judging, written, scope, own_key, head, folder, asked.at, took)
    (folder / rules.BUILDING).unlink(missing_ok=True)
    return row


def _counted(batches: Iterator[pa.RecordBatch], folder: Path, reading: Reading) -> Iterator[pa.RecordBatch]:
    """The same, telling how far it is; an end where what is being built was taken away."""
    rows = 0
    for batch in batches:
        yield batch
        os.utime(folder)  # what nobody touches for an hour counts as left behind
        rows += batch.num_rows
        reading(rows)


def _writer(needed: Needed, spark: str | None) -> tuple[Callable[..., Written], Sequence[str] | None]:
    """Who builds, DuckDB in this process or a cluster; and the columns to read here, where the cluster reads by itself."""
    if spark is None:
        return write_projection, None
    from sekisho.connectors.spark_connect import write_on_spark

    kind, path = located(needed.system.kind, datamap_queries.located(needed.system))
    lake = path / needed.table.name if kind is SystemKind.DELTA else None
    return partial(write_on_spark, spark, lake), [needed.table.acquired] if lake else None


def _record(
    needed: Needed,
    judging: Judging,
    written: Written,
    scope: str,
    key: str,
    head: tuple[int, int],
    folder: Path,
    at: datetime,
    seconds: float,
) -> Projection:
    seen = judging.seen
    lost = list(reasons_of(judging, written.lost))
    with writing():
        row = Projection.objects.create(
            key=key,
            system=needed.system.id,
            table=needed.table.name,
            purpose=seen.purpose,
            scope=scope,
            policy_sha256=seen.policy.sha256,
            policy=seen.policy.era,
            epoch=head[0],
            change=head[1],
            items=list(judging.items),
            columns=list(needed.columns),
            rows=written.rows,
            lost=lost,
            people=BitMap(written.persons).serialize(),
            bytes=sum(one.stat().st_size for one in folder.rglob("*") if one.is_file() and one.name != rules.BUILDING),
            milliseconds=round(seconds * 1000),
            built_at=at,
            expires_at=at + rules.LIVES,
        )
        append(
            kind="projections.built",
            body={
                "key": key,
                "system": needed.system.id,
                "table": needed.table.name,
                "purpose": seen.purpose,
                "policy": seen.policy.sha256,
                "epoch": head[0],
                "items": list(judging.items),
                "rows": written.rows,
                "lost": {str(one["code"]): one["count"] for one in lost},
            },
            at=at,
        )
    return row


def _trigger_columns(table: Table) -> tuple[list[str]]:
    names = dict.fromkeys([*table.triggers.values(), *([table.settled] if table.settled else [])])
    return (list(names) or [table.acquired],)


def _retention(batches: Iterator[pa.RecordBatch], seen: Seen, table: Table, items: tuple[str, ...]) -> pa.Table:
    """For every combination of days that occurs: whether each item's period is over. NULL = nobody can tell."""
    combinations: dict[tuple[object, ...], None] = {}
    names = list(dict.fromkeys(table.triggers.values()))
    for batch in batches:
        days = [_days(batch.column(name)) for name in names]
        is_settled = batch.column(table.settled).is_valid() if table.settled else pa.nulls(batch.num_rows, pa.bool_())
        told = pa.table([*days, is_settled], names=[*(f"t{place}" for place in range(len(names))), "settled"])
        for row in told.group_by(told.column_names).aggregate([]).to_pylist():
            combinations[tuple(row[name] for name in told.column_names)] = None
    holds = retention.holds_over_tables(seen.on)
    rows = []
    for combination in combinations:
        by_column = dict(zip(names, combination[:-1], strict=True))
        events = {event: by_column[column] for event, column in table.triggers.items()}
        settled = combination[-1]
        past = [
            is_past(seen.policy, item, table.subject, events, on=seen.on, settled=settled, holds=holds)  # type: ignore[arg-type]
            for item in items
        ]
        rows.append((*combination, *past))
    schema = pa.schema(
        [(f"t{place}", pa.date32()) for place in range(len(names))]
        + [("settled", pa.bool_())]
        + [(f"past_{place}", pa.bool_()) for place in range(len(items))]
    )
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    return pa.table([pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema)


def _days(column: pa.Array) -> pa.Array:
    """Tokyo days of a column of days or instants."""
    if pa.types.is_timestamp(column.type):
        shifted = pc.add(column.cast(pa.int64()), 32_400_000_000)
        return shifted.cast(pa.timestamp("us")).cast(pa.date32(), safe=False)
    return column.cast(pa.date32())


def _holders(needed: Needed, seen: Seen, people: People) -> dict[str, pa.Table]:
    """Who held which identifier: over intervals where a column of the row tells when, else for good."""
    known = rules.references(seen.datamap)
    owners = needed.table.owners
    by_name = {
        stands.kind
        for name in needed.table.columns
        if not needed.table.columns[name].items
        and (stands := rules.stands_for(needed.table, name, known)) is not None
        and stands.kind
    }
    lasting = {owner.by for owner in owners if owner.at is None} | by_name
    found = {f"lasting_{kind}": people_of.lasting(kind, people) for kind in lasting}
    timed = {owner.by: interval_table(owner) for owner in owners if owner.at is not None}
    return found | {name: people_of.intervals(kind, people) for kind, name in timed.items()}
