"""Rows that stand in a catch-all class and have not been sorted: how many, since when. Never what they say."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sekisho.connectors.source import Before, IsNull, Source, Test
from sekisho.engine.catalog.model import Table
from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import TOKYO, tokyo_date
from sekisho.registers.datamap import queries as datamap_queries
from sekisho.registers.findings.rules.catch_all import CLASSIFIED, CatchAllTable, catch_all_tables
from sekisho.registers.policies import queries as policies


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One table of the queue."""

    system: str
    table: str
    label: str
    columns: tuple[str, ...]  # those of the catch-all class
    classes: tuple[str, ...]
    within: str  # ISO 8601
    rows: int
    unsorted: int
    overdue: int  # unsorted for longer than `within`
    oldest: date | None  # day of the oldest overdue row


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """All of them. `unread` are systems that could not be asked, with the code why."""

    tables: tuple[Waiting, ...]
    unread: Mapping[str, str]
    has_class: bool  # whether the policy marks any class as a catch-all

    @property
    def overdue(self) -> int:
        """Rows left longer than they may be."""
        return sum(one.overdue for one in self.tables)

    @property
    def rows(self) -> int:
        """Rows in such tables at all."""
        return sum(one.rows for one in self.tables)


def queue(at: datetime) -> Queue:
    """What waits now, asked of the stores themselves."""
    policy, datamap = policies.in_force(at), datamap_queries.current()
    found, unread = [], {}
    tables = list(catch_all_tables(policy, datamap, tokyo_date(at)))
    for one in tables:
        try:
            source = datamap_queries.open_source(one.system)
            try:
                found.append(_waiting(source, one))
            finally:
                source.close()
        except SekishoError as error:
            unread[one.system] = error.code
    ordered = sorted(found, key=lambda one: (-one.overdue, -one.unsorted, one.system, one.table))
    return Queue(
        tables=tuple(ordered), unread=unread, has_class=any(one.classify_within for one in policy.classes.values())
    )


def _waiting(source: Source, one: CatchAllTable) -> Waiting:
    table = one.table
    is_unsorted: tuple[Test, ...] = (IsNull(table.triggers[CLASSIFIED]),) if CLASSIFIED in table.triggers else ()
    is_overdue = (*is_unsorted, Before(table.acquired, _bound(table, one.before)))
    overdue = source.count(table.name, is_overdue)
    return Waiting(
        system=one.system,
        table=table.name,
        label=table.label,
        columns=tuple(
            name
            for name, column in table.columns.items()
            if {item.split(".", 1)[0] for item in column.items} & set(one.classes)
        ),
        classes=one.classes,
        within=one.within,
        rows=source.count(table.name),
        unsorted=source.count(table.name, is_unsorted),
        overdue=overdue,
        oldest=_oldest(source, table, is_overdue) if overdue else None,
    )


def _oldest(source: Source, table: Table, where: tuple[Test, ...]) -> date | None:
    days = [
        value
        for batch in source.rows(table.name, [table.acquired], where)
        for value in batch.column(0).to_pylist()
        if value is not None
    ]
    return _day(min(days)) if days else None


def _bound(table: Table, day: date) -> date | datetime:
    """The beginning of the day, in the terms of the column."""
    if table.columns[table.acquired].type == "timestamp":
        return datetime(day.year, day.month, day.day, tzinfo=TOKYO)
    return day


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.astimezone(TOKYO).date()
    return value if isinstance(value, date) else None
