"""What falls due in the days to come, by day, week or month: counted in the stores, table by table, with the clauses.

Rows whose period has not begun, whose claim lives or that are held stand in no day; what is due already is `overdue`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

import pyarrow as pa
import pyarrow.compute as pc

from sekisho.connectors.source import Source
from sekisho.engine.catalog.model import System, Table
from sekisho.engine.erasure.due import Due, due
from sekisho.engine.errors import SekishoError
from sekisho.engine.policy.model import Policy
from sekisho.registers.datamap import queries as datamap_queries
from sekisho.registers.policies import queries as policies
from sekisho.registers.retention.queries.asking import law_on
from sekisho.registers.retention.queries.holding import holds_over_tables
from sekisho.registers.retention.queries.labels import item_label
from sekisho.registers.retention.queries.locating import day, opened
from sekisho.registers.retention.queries.overdue import held_apart, held_regions
from sekisho.registers.retention.queries.veil import veiled_regions
from sekisho.registers.retention.queries.where import any_filled, leaving_out, of_due, owned, with_tests
from sekisho.registers.retention.rules import ROOM

TOKYO_AHEAD = timedelta(hours=9)
DAYS_OF_WEEK = 7

FIRST, LAST = (
    date(1900, 1, 1),
    date(9000, 12, 31),
)  # periods reach back and ahead of a day: the calendar of dates must too


class By(StrEnum):
    """How long a line of the calendar is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    def first(self, on: date) -> date:
        """The first day of the line a day falls into: weeks begin on Monday."""
        if self is By.MONTH:
            return on.replace(day=1)
        return on - timedelta(days=on.weekday()) if self is By.WEEK else on

    def last(self, first: date) -> date:
        """The last day of the line that begins here."""
        if self is By.MONTH:
            return (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        return first + timedelta(days=DAYS_OF_WEEK - 1) if self is By.WEEK else first


@dataclass(frozen=True, slots=True, kw_only=True)
class Falling:
    """Rows of one table that fall due in one line of the calendar."""

    since: date
    until: date
    system: str
    table: str
    label: str
    columns: tuple[str, ...]  # empty = the rows go as a whole
    items: tuple[str, ...]  # as the policy calls them
    clauses: tuple[str, ...]
    rows: int

    def as_json(self) -> dict[str, object]:
        """One object of `retention calendar --json`."""
        return {
            "from": self.since.isoformat(),
            "to": self.until.isoformat(),
            "system": self.system,
            "table": self.table,
            "action": "blank" if self.columns else "delete",
            "columns": list(self.columns),
            "clauses": list(self.clauses),
            "rows": self.rows,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """One look ahead. `overdue`: what fell due before the first day and still stands; `unread`: systems nobody could ask."""

    since: date
    until: date
    lines: tuple[Falling, ...]
    overdue: tuple[Falling, ...]
    unread: tuple[tuple[str, str], ...]

    @property
    def rows(self) -> int:
        """How many rows fall due in all."""
        return sum(one.rows for one in self.lines)


def calendar(since: date, until: date, *, by: By = By.MONTH, at: datetime, language: str = "ja") -> Calendar:
    """What falls due from the first day to the last, both included, under the policy in force at `at`.

    Raises: retention.calendar-backwards, retention.calendar-day.
    """
    for named in (since, until):
        if not FIRST <= named <= LAST:
            bounds = {"least": FIRST.isoformat(), "most": LAST.isoformat()}
            raise SekishoError("retention.calendar-day", room=ROOM, day=named.isoformat(), **bounds)
    if until < since:
        raise SekishoError("retention.calendar-backwards", room=ROOM, since=since.isoformat(), until=until.isoformat())
    policy = policies.in_force(at)
    lines: list[Falling] = []
    overdue: list[Falling] = []
    unread: list[tuple[str, str]] = []
    for system in datamap_queries.current().systems.values():
        try:
            with opened(system.id) as source:
                for table in system.tables.values():
                    for one in _of_table(source, policy, system, table, since, until, by, language):
                        (overdue if one.until < since else lines).append(one)
        except SekishoError as error:
            unread.append((system.id, error.code))
    return Calendar(
        since=since,
        until=until,
        lines=tuple(sorted(lines, key=lambda one: (one.since, one.system, one.table, one.columns))),
        overdue=tuple(overdue),
        unread=tuple(unread),
    )


def _of_table(
    source: Source, policy: Policy, system: System, table: Table, since: date, until: date, by: By, language: str
) -> Iterator[Falling]:
    holds = holds_over_tables(since)
    dues, _ = due(
        policy, law_on(since), system.id, table, until, holds=holds, apart=held_apart(system.id, table, since)
    )
    whole = next((one for one in dues if one.deletes), None)
    for one in dues:
        found: Counter[date] = Counter()
        for days, rows in _grouped(source, policy, system, table, one, whole, since):
            falls = one.falls_on(days)
            goes = whole.falls_on(days) if whole and whole is not one else None
            if falls is None or falls > until or (goes is not None and goes <= falls):
                continue  # what goes as a whole by then is not counted again for the columns it would lose
            found[max(by.first(falls), since) if falls >= since else since - timedelta(days=1)] += rows
        for first, rows in sorted(found.items()):
            yield Falling(
                since=first,
                until=min(by.last(by.first(first)), until) if first >= since else first,
                system=system.id,
                table=table.name,
                label=f"{system.label}　{table.label}",
                columns=one.columns,
                items=tuple(item_label(policy, item, language) for item in one.items),
                clauses=one.clauses,
                rows=rows,
            )


def _grouped(
    source: Source, policy: Policy, system: System, table: Table, one: Due, whole: Due | None, on: date
) -> Iterator[tuple[Mapping[str, date | None], int]]:
    """The rows that will be due, by the days of their events: each distinct set of days once."""
    regions = with_tests(owned(table), of_due(one.past, one.settled))
    held = held_regions(policy, law_on(on), system.id, table, one.items, on, with_confidential=False)
    regions = leaving_out(source, table, regions, (*held, *veiled_regions(system.id, table, one.columns)))
    if one.columns:
        regions = tuple(any_filled(regions, one.columns))
    columns = list(dict.fromkeys(column for terms in (one, whole) if terms for column, _ in terms.terms))
    groups: Counter[tuple[date | None, ...]] = Counter()
    for region in regions:
        for batch in source.rows(table.name, columns, region):
            groups += Counter(_days(batch, columns))
    for days, rows in groups.items():
        yield dict(zip(columns, days, strict=True)), rows


def _days(batch: pa.RecordBatch, columns: Iterable[str]) -> dict[tuple[date | None, ...], int]:
    """How many rows of a batch have which Tokyo days."""
    names = list(columns)
    told = pa.table({name: _tokyo_days(batch.column(name)) for name in names})
    counted = told.group_by(names).aggregate([([], "count_all")]).to_pydict()
    keys = zip(*(map(day, counted[name]) for name in names), strict=True)
    return dict(zip(keys, counted["count_all"], strict=True))


def _tokyo_days(column: pa.Array) -> pa.Array:
    if not pa.types.is_timestamp(column.type):
        return column
    utc = (
        pc.cast(column, pa.timestamp("us"))
        if column.type.tz is None
        else pc.cast(column.cast(pa.int64()), pa.timestamp(column.type.unit))
    )
    return pc.cast(pc.floor_temporal(pc.add(utc, pa.scalar(TOKYO_AHEAD)), unit="day"), pa.date32())
