"""What is held about a person, why, until when: the person's page."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sekisho.casework.subject_requests import rules
from sekisho.connectors.source import In, Source, Test, Within
from sekisho.engine.catalog.model import Column, Ownership, System, Table
from sekisho.engine.erasure.due import personal_items
from sekisho.engine.erasure.floors import Hold, kind_of, retention_law
from sekisho.engine.erasure.periods import Keep, keep_until
from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.pack import law
from sekisho.engine.policy.model import DataKind, Policy, Text
from sekisho.registers.datamap import queries as datamap
from sekisho.registers.identities import queries as identities
from sekisho.registers.identities.queries import IdentifierInterval
from sekisho.registers.policies import queries as policies
from sekisho.registers.retention.queries import holds_of, told_of

CLOSED_KINDS = frozenset({DataKind.COMMUNICATIONS_SECRECY, DataKind.LOCATION})  # TBA 4
SHOWN_FIELDS = 4  # masked values a row of the page shows; the rest are counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One class of data about one person in one table. `values` are masked; `since`, `until` are Tokyo dates."""

    item: str
    label: Text
    place: Text
    fields: tuple[Text, ...]
    values: tuple[str, ...]
    is_closed: bool  # some values are not shown even masked
    rows: int
    role: str
    since: date | None
    keep: Keep
    items: tuple[str, ...] = ()  # what of the class has a value in the person's own rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A system that could not be opened: what it holds of the person is unknown, and the page says so."""

    place: str
    code: str


def holdings(person: str, at: datetime) -> tuple[tuple[Holding, ...], tuple[Unreadable, ...]]:
    """What every system of the data map holds about a person, by class and table, and which could not be asked.

    Rows are found by the person's identifiers within the intervals in which they were theirs: what a recycled number
    did before or after is somebody else's.
    """
    policy = policies.in_force(at)
    # Confidential holds are nobody's to see at this desk (LAW.md 9.1); the erasure itself counts them.
    standing = holds_of(person, tokyo_date(at), with_confidential=False)
    theirs = identities.identifiers_of(person)
    found: list[Holding] = []
    unreadable: list[Unreadable] = []
    for system in sorted(datamap.current().systems.values(), key=lambda system: -system.erase_order):
        try:
            source = datamap.open_source(system.id)
            try:
                for table in system.tables.values():
                    found.extend(_in_table(policy, source, system, table, theirs, at, standing))
            finally:
                source.close()
        except (SekishoError, OSError) as error:
            unreadable.append(Unreadable(place=system.label, code=getattr(error, "code", "connector.unreachable")))
    return tuple(found), tuple(unreadable)


def _in_table(
    policy: Policy,
    source: Source,
    system: System,
    table: Table,
    theirs: Iterable[IdentifierInterval],
    at: datetime,
    holds: tuple[Hold, ...],
) -> Iterator[Holding]:
    items = personal_items(table)
    by_key: dict[tuple[object, ...], dict[str, object]] = {}
    roles: set[str] = set()
    for owner in table.owners:
        for where in told_of(source, system.id, table, _wheres(owner, theirs)):
            for row in _rows(source, table, where):
                by_key[tuple(row.get(column) for column in table.key)] = row
                roles.add(owner.role)
    if not by_key:
        return
    rows = list(by_key.values())
    events = _events(table, rows)
    settled = all(row.get(table.settled) is not None for row in rows) if table.settled else None
    on = tokyo_date(at)
    for class_ in dict.fromkeys(item.split(".", 1)[0] for item in items):
        data_class = policy.classes.get(class_)
        columns = [c for c in table.columns.values() if _of_class(c, class_)]
        held = [(column, value) for column in columns if (value := _first(rows, column.name)) not in (None, "")]
        if not held:
            continue
        item = max(
            (one for column, _value in held for one in _of_class(column, class_)), key=lambda one: ("." not in one, one)
        )
        yield Holding(
            item=class_,
            items=tuple(dict.fromkeys(one for column, _value in held for one in _of_class(column, class_))),
            label=data_class.label if data_class else Text(class_),
            place=Text(f"{system.label}　{table.label}", f"{system.id}.{table.name}"),
            fields=tuple(_field_label(policy, one) for column, _value in held for one in _of_class(column, class_)),
            values=tuple(
                rules.masked(value) for column, value in held[:SHOWN_FIELDS] if not _is_closed(policy, column)
            ),
            is_closed=any(_is_closed(policy, column) for column, _value in held),
            rows=len(rows),
            role="、".join(sorted(roles)),
            since=min((day for row in rows if (day := _day(row.get(table.acquired)))), default=None),
            keep=keep_until(policy, retention_law(law(on)), item, table.subject, events, settled, holds, on=on),
        )


def _wheres(owner: Ownership, theirs: Iterable[IdentifierInterval]) -> Iterator[tuple[Test, ...]]:
    for interval in theirs:
        if interval.kind != owner.by:
            continue
        within = (Within(owner.at, interval.since, interval.until),) if owner.at else ()
        yield (In(owner.column, (interval.value,)), *within)


def _rows(source: Source, table: Table, where: tuple[Test, ...]) -> Iterator[dict[str, object]]:
    for batch in source.rows(table.name, list(table.columns), where):
        yield from batch.to_pylist()


def _events(table: Table, rows: list[dict[str, object]]) -> Mapping[str, date | None]:
    """The latest day of each event over the rows; None where it hasn't happened for one of them."""
    events: dict[str, date | None] = {}
    for event, column in table.triggers.items():
        days = [_day(row.get(column)) for row in rows]
        events[event] = None if None in days else max(day for day in days if day)
    return events


def _is_closed(policy: Policy, column: Column) -> bool:
    """A call has two parties and a text may name anybody: their values stay closed, even masked."""
    known = _known(policy)
    return column.free_text or any(one in known and kind_of(policy, one) in CLOSED_KINDS for one in column.items)


def _of_class(column: Column, class_: str) -> tuple[str, ...]:
    """What of this class a column carries: a derived one may carry several classes."""
    return tuple(item for item in column.items if item.split(".", 1)[0] == class_)


def _known(policy: Policy) -> frozenset[str]:
    return frozenset(policy.classes) | {f"{c.id}.{field}" for c in policy.classes.values() for field in c.fields}


def _first(rows: list[dict[str, object]], column: str) -> object:
    return next((value for row in rows if (value := row.get(column)) not in (None, "")), None)


def _field_label(policy: Policy, item: str) -> Text:
    class_, _, field_ = item.partition(".")
    data_class = policy.classes.get(class_)
    if data_class is None:
        return Text(item)
    return data_class.fields[field_].label if field_ in data_class.fields else data_class.label


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return tokyo_date(value)
    return value if isinstance(value, date) else None
