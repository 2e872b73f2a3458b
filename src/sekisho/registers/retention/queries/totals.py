"""What rows add up to before they go (集計して消去): groups of rows, and how many different people are in each.

A person counts by the table's first owner, and only where the identities register knows one holder of the value: who
is unknown, or came to the value after somebody else, makes no group larger. So a group is rather left out than kept.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sekisho.connectors import values
from sekisho.connectors.source import In, Source
from sekisho.engine.catalog.model import Grouping, Table, Totals
from sekisho.engine.erasure.strategies import generalised
from sekisho.registers.identities import queries as identities
from sekisho.registers.retention.queries.where import Region

TZ = "Asia/Tokyo"
MOST_PARTS = 1_000_000  # partial counts held before they are added up
FORMATS = {"year": "%Y", "month": "%Y-%m"}
OWNER, ROWS = "owner", "rows"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What the rows of some regions add up to."""

    rows: tuple[tuple[object, ...], ...]  # of `into`, in the order of `Totals.columns`
    left_out: int  # groups of too few people


def counted(
    source: Source, table: Table, into: Table, said: Totals, regions: Iterable[Region], batch: str, on: date
) -> Counted:
    """The totals of these rows, groups large enough only."""
    parts = _parts(source, table, said, regions)
    groups: dict[tuple[object, ...], _Group] = {}
    known = _people(table.owners[0].by, parts[OWNER].unique().to_pylist()) if parts.num_rows else {}
    names = [f"g{place}" for place in range(len(said.by))]
    for row in parts.to_pylist():
        group = groups.setdefault(tuple(row[name] for name in names), _Group(sums=[0] * len(said.sums)))
        group.add(row, known.get(row[OWNER]))
    large = {key: group for key, group in groups.items() if len(group.people) >= said.minimum}
    rows = [
        (batch, on, *_typed(key, said, into), group.rows, len(group.people), *group.sums)
        for key, group in sorted(large.items(), key=lambda one: str(one[0]))
    ]
    return Counted(rows=tuple(rows), left_out=len(groups) - len(large))


def batch_of(sweep: str, ordinal: int) -> str:
    """Under which name a sweep's step writes its totals."""
    return f"{sweep}/{ordinal}"


def written(source: Source, said: Totals, batch: str) -> int:
    """How many groups stand there under a batch."""
    return source.count(said.into, (In(said.batch, (batch,)),))


def too_small(source: Source, said: Totals) -> int:
    """Groups that stand there for fewer people than promised: read anew, whoever wrote them."""
    return sum(
        1
        for found in source.rows(said.into, [said.people])
        for people in found.column(0).to_pylist()
        if people is None or people < said.minimum
    )


@dataclass(slots=True)
class _Group:
    sums: list[Any]
    rows: int = 0
    people: set[str] = field(default_factory=set)

    def add(self, part: Mapping[str, Any], person: str | None) -> None:
        self.rows += part[ROWS]
        self.sums = [so_far + (part[f"s{place}"] or 0) for place, so_far in enumerate(self.sums)]
        if person is not None:
            self.people.add(person)


def _parts(source: Source, table: Table, said: Totals, regions: Iterable[Region]) -> pa.Table:
    """Rows counted and added up by group and owner's value."""
    owner = table.owners[0].column
    columns = list(dict.fromkeys((*(by.column for by in said.by.values()), owner, *said.sums.values())))
    parts: list[pa.Table] = []
    for region in regions:
        for batch in source.rows(table.name, columns, region):
            if batch.num_rows:
                parts.append(_counted(_prepared(batch, said, owner), said))
            if sum(part.num_rows for part in parts) > MOST_PARTS:
                parts = [_merged(parts, said)]
    return _merged(parts, said)


def _prepared(batch: pa.RecordBatch, said: Totals, owner: str) -> pa.Table:
    arrays = {f"g{place}": _coarse(batch.column(by.column), by) for place, by in enumerate(said.by.values())}
    arrays[OWNER] = batch.column(owner).cast(pa.string())
    arrays |= {f"s{place}": batch.column(column) for place, column in enumerate(said.sums.values())}
    return pa.table(arrays | {ROWS: pa.array([1] * batch.num_rows, pa.int64())})


def _counted(prepared: pa.Table, said: Totals) -> pa.Table:
    keys = [*(f"g{place}" for place in range(len(said.by))), OWNER]
    added = [ROWS, *(f"s{place}" for place in range(len(said.sums)))]
    found = prepared.group_by(keys).aggregate([(name, "sum") for name in added])
    return found.select([*keys, *(f"{name}_sum" for name in added)]).rename_columns([*keys, *added])


def _merged(parts: list[pa.Table], said: Totals) -> pa.Table:
    return _counted(pa.concat_tables(parts), said) if parts else pa.table({OWNER: pa.array([], pa.string())})


def _coarse(column: pa.Array, by: Grouping) -> pa.Array:
    """The values of a group's column as text: days of Tokyo cut to a month or year, others as the strategies cut them."""
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("us", TZ))
    is_day = pa.types.is_timestamp(column.type) or pa.types.is_date(column.type)
    if is_day and by.how in {"", *FORMATS}:
        return pc.strftime(column, format=FORMATS.get(by.how, "%Y-%m-%d"))
    if not by.how:
        return column.cast(pa.string())
    coded = column.cast(pa.string()).dictionary_encode()
    coarse = pa.array([generalised(value, by.how) for value in coded.dictionary.to_pylist()], pa.string())
    return coarse.take(coded.indices)


def _typed(key: tuple[object, ...], said: Totals, into: Table) -> Iterator[object]:
    """A group's values as the columns of `into` hold them: a month is its first day where the column is a date."""
    for value, name in zip(key, said.by, strict=True):
        plain = into.columns[name].type
        is_cut = plain == values.DATE and isinstance(value, str)
        yield values.fit(f"{value}-01-01"[:10] if is_cut else value, plain)


def _people(kind: str, found: Iterable[str | None]) -> dict[str | None, str]:
    """Value -> person, where the register has ever known one holder of it."""
    holders = identities.holders_of_many(kind, [one for one in found if one])
    return {
        value: known[0].person for value, known in holders.items() if len({interval.person for interval in known}) == 1
    }
