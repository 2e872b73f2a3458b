"""Build the projection of one table for one purpose, or take one that stands."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings
from pyroaring import BitMap

from sekisho.connectors.projection_file import Written, write_projection
from sekisho.connectors.snapshots import snapshot_of
from sekisho.engine.catalog.model import System, Table
from sekisho.engine.gate.ask import Act, BulkAsk
from sekisho.evidence.actions import append
from sekisho.evidence.writing import writing
from sekisho.registers.datamap import queries as datamap_queries
from sekisho.registers.identities import actions as identities_actions
from sekisho.registers.people import queries as people_queries
from sekisho.registers.projections import rules
from sekisho.registers.projections.models import Projection
from sekisho.registers.projections.queries import people as people_of
from sekisho.registers.projections.queries.judging import (
    ERA,
    PERSON,
    PSEUDONYM,
    Judging,
    day_of,
    interval_table,
    owner_join,
    quoted,
    reasons_of,
)
from sekisho.registers.projections.queries.seeing import Seen
from sekisho.registers.retention import queries as retention
from sekisho.registers.retention.queries.gate import is_past

FOLDER = "projections"
FAILING = "__sekisho_failing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """What a query needs of one table."""

    system: System
    table: Table
    columns: tuple[str, ...]

    def items(self, seen: Seen) -> tuple[str, ...]:
        """The items in use; mere rows use everything of the table that may be seen."""
        named = {item for name in self.columns for item in self.table.columns[name].items}
        return tuple(sorted(named)) or seen.items_of(self.table)


def projection_for(needed: Needed, *, seen: Seen, actor: str, channel: str | None, at: datetime) -> Projection:
    """A projection that a query may use: one that stands, else one built now. Evidence: `projections.built`."""
    scope = scope_of(needed, seen=seen, actor=actor, channel=channel)
    standing = Projection.objects.filter(scope=scope, dropped_at=None, expires_at__gt=at).order_by("-built_at").first()
    if standing is not None and file_of(standing).exists():
        return standing
    return _build(needed, seen=seen, actor=actor, channel=channel, at=at, scope=scope)


def scope_of(needed: Needed, *, seen: Seen, actor: str, channel: str | None) -> str:
    """What a projection must agree in to be usable: everything but the people's epoch."""
    known = rules.references(seen.datamap)
    standing = people_queries.standing_of(actor, seen.on, seen.policy)
    return rules.scope_of(
        policy=seen.policy.sha256,
        history=[era for era, _ in seen.eras],
        datamap=seen.datamap.sha256,
        purpose=seen.purpose,
        recipient="",
        channel=channel,
        on=seen.on.isoformat(),
        actor=[standing.known, standing.active, standing.trained, standing.pledged, standing.acknowledged],
        role=standing.role,
        shop=standing.shop,
        system=needed.system.id,
        table=needed.table.name,
        snapshot=snapshot_of(needed.system, datamap_queries.located(needed.system), needed.table.name),
        items=needed.items(seen),
        rows=rules.asked_rows(needed.table, needed.columns, known),
    )


def file_of(projection: Projection) -> Path:
    """Where a projection stands."""
    return Path(settings.HOME) / FOLDER / projection.key / "rows.parquet"


def _build(needed: Needed, *, seen: Seen, actor: str, channel: str | None, at: datetime, scope: str) -> Projection:
    begun = time.monotonic()
    table, items = needed.table, needed.items(seen)
    ask = BulkAsk(
        actor=actor,
        act=Act.USE,
        items=items,
        purpose=seen.purpose,
        at=at,
        channel=channel,
        resource={"subject_kind": table.subject},
    )
    words, numbers, change = people_of.everybody(ask)
    judging = Judging(
        seen=seen,
        table=table,
        items=items,
        words=words.items,
        channel=channel,
        constants={name: value for one in words.items.values() for name, value in one.attributes.items()},
    )
    refs = words.refs.to_pylist()
    key = identities_actions.pseudonym_key(purpose=seen.purpose, at=at, acting_user=actor)
    tables = {"people": judging.people(numbers, people_of.pseudonyms(refs, key))}
    tables |= _intervals(needed, seen, dict(zip(refs, numbers.tolist(), strict=True)))
    own_key = rules.key_of(scope, words.epoch, at.isoformat())
    folder = Path(settings.HOME) / FOLDER / own_key
    folder.parent.mkdir(mode=0o700, exist_ok=True)
    folder.mkdir(mode=0o755, exist_ok=True)
    columns = _source_columns(needed, seen)
    source = datamap_queries.open_source(needed.system)
    try:
        tables["retention"] = _retention(source.rows(table.name, *_trigger_columns(table)), seen, table, items)
        written = write_projection(
            batches=source.rows(table.name, list(columns)),
            columns=columns,
            tables=tables,
            judged=_judged(judging, columns),
            shown=_shown(needed, seen, key),
            persons=[f"{PERSON}{place}" for place in range(len(table.owners))],
            path=folder / "rows.parquet",
        )
    finally:
        source.close()
    return _record(
        needed, judging, written, scope, own_key, (words.epoch, change), folder, at, time.monotonic() - begun
    )


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
            bytes=(folder / "rows.parquet").stat().st_size,
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


def _source_columns(needed: Needed, seen: Seen) -> Mapping[str, str]:
    """The columns to read, with their plain types as the map has them."""
    table, items = needed.table, needed.items(seen)
    wanted = dict.fromkeys(name for name, column in table.columns.items() if set(column.items) <= set(items))
    for owner in table.owners:
        wanted |= dict.fromkeys([owner.column, *([owner.at] if owner.at else [])])
    wanted |= dict.fromkeys([table.acquired, *table.triggers.values(), *([table.settled] if table.settled else [])])
    return {name: table.columns[name].type for name in wanted if table.columns[name].type != "binary"}


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


def _intervals(needed: Needed, seen: Seen, number_of: dict[str, int]) -> dict[str, pa.Table]:
    known = rules.references(seen.datamap)
    owners = needed.table.owners
    by_kind = {
        stands.kind
        for name in needed.table.columns
        if not needed.table.columns[name].items
        and (stands := rules.stands_for(needed.table, name, known)) is not None
        and stands.kind
    }
    kinds = {owner.by for owner in owners} | by_kind
    held = people_of.intervals(kinds, number_of)
    found = {interval_table(owner): held[owner.by] for owner in owners if owner.at is not None}
    lasting = {owner.by for owner in owners if owner.at is None} | by_kind
    return found | {f"lasting_{kind}": people_of.lasting(held[kind]) for kind in lasting}


def _judged(judging: Judging, columns: Mapping[str, str]) -> str:
    """Every row with its people, its era and its failing word."""
    table = judging.table
    owners = range(len(table.owners))
    names = list(dict.fromkeys(table.triggers.values()))
    known = rules.references(judging.seen.datamap)
    joins = [owner_join(place, owner, table) for place, owner in enumerate(table.owners)]
    people = "".join(f', o{place}.person AS "{PERSON}{place}"' for place in owners)
    inner = (  # names of the data map, quoted; nothing anybody wrote
        f'SELECT {", ".join(f"s.{quoted(name)}" for name in columns)}{people}, {judging.era()} AS "{ERA}" '  # noqa: S608
        f"FROM sekisho_source AS s {' '.join(joins)}"
    )
    days = [
        f"r.t{place} IS NOT DISTINCT FROM {day_of('q.' + quoted(name), table.columns[name].type)}"
        for place, name in enumerate(names)
    ]
    days.append(
        f"r.settled IS NOT DISTINCT FROM (q.{quoted(table.settled)} IS NOT NULL)"
        if table.settled
        else "r.settled IS NULL"
    )
    others = [
        f"LEFT JOIN lasting_{stands.kind} AS x_{place} ON x_{place}.value = CAST(q.{quoted(name)} AS VARCHAR) "
        f"LEFT JOIN people AS y_{place} ON y_{place}.number = x_{place}.person"
        for place, name in enumerate(columns)
        if (stands := _stands(table, name, known)) is not None and stands.kind
    ]
    shown = [
        f', y_{place}.pseudonym AS "{PSEUDONYM}x{place}"'
        for place, name in enumerate(columns)
        if (stands := _stands(table, name, known)) is not None and stands.kind
    ]
    pseudonyms = "".join(f', p{place}.pseudonym AS "{PSEUDONYM}{place}"' for place in owners) + "".join(shown)
    kind = ', p0.kind_0 AS "__sekisho_kind"' if table.owners else ', NULL AS "__sekisho_kind"'
    word = judging.row()
    return (
        f'SELECT q.*{pseudonyms}{kind}, CAST({word} AS BIGINT) AS "{FAILING}" FROM ({inner}) AS q '  # noqa: S608
        + " ".join(f'LEFT JOIN people AS p{place} ON p{place}.number = q."{PERSON}{place}"' for place in owners)
        + f" LEFT JOIN retention AS r ON {' AND '.join(days)} "
        + " ".join(others)
    )


def _stands(table: Table, name: str, known: rules.References) -> rules.StandsFor | None:
    return rules.stands_for(table, name, known) if not table.columns[name].items else None


def _shown(needed: Needed, seen: Seen, key: bytes) -> str:
    """What stays of a row: permitted columns, coarsened; pseudonyms for whoever and whatever a number names."""
    table, items = needed.table, needed.items(seen)
    known = rules.references(seen.datamap)
    asked = rules.asked_rows(table, needed.columns, known)
    columns = list(_source_columns(needed, seen))
    found = [f'"{PERSON}{place}"' for place in range(len(table.owners))]
    for place, name in enumerate(columns):
        column = table.columns[name]
        stands = _stands(table, name, known)
        if column.items and set(column.items) <= set(items):
            how = seen.coarsened(column.item, table.subject) or ""
            found.append(f"{rules.COARSE[how].format(quoted(name)) if how else quoted(name)} AS {quoted(name)}")
        elif column.items or (stands is not None and stands.is_row and name not in asked):
            continue
        elif stands is None:
            found.append(quoted(name))
        elif stands.is_row:
            digest = f"sha256(concat('{key.hex()}', ':{name}:', CAST({quoted(name)} AS VARCHAR)))"
            found.append(f"CASE WHEN {quoted(name)} IS NULL THEN NULL ELSE left({digest}, 15) END AS {quoted(name)}")
        else:
            source = f"{PSEUDONYM}{stands.owner}" if stands.owner is not None else f"{PSEUDONYM}x{place}"
            found.append(f'"{source}" AS {quoted(name)}')
    return ", ".join(found)
