"""Where a person's rows stand in all systems, by the days that decide how long they are kept."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime

from sekisho.connectors import values
from sekisho.connectors.nullable import nullable
from sekisho.connectors.schema_keys import keys_of
from sekisho.connectors.source import Source
from sekisho.engine.catalog.model import DataMap, System, Table
from sekisho.engine.erasure.due import NotDue
from sekisho.engine.erasure.order import Link
from sekisho.engine.erasure.plan import Held, Located
from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.registers.datamap import queries as datamap_queries
from sekisho.registers.identities import queries as identities
from sekisho.registers.retention.queries.where import Region, leaving_out, of_person

Days = tuple[
    tuple[tuple[str, date | None], ...], bool | None
]  # the days of a row's events, whether its claim is settled


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was located, and which systems could not be asked."""

    located: tuple[Located, ...]
    unreadable: tuple[NotDue, ...]
    links: tuple[Link, ...] = ()  # references that the stores themselves know


@contextmanager
def opened(system: str) -> Iterator[Source]:
    """A system's store, closed afterwards. Raises what the store refuses."""
    source = datamap_queries.open_source(system)
    try:
        yield source
    finally:
        source.close()


def held_by(person: str) -> tuple[Held, ...]:
    """A person's identifiers over their intervals, marked where somebody else held the same value too."""
    theirs = identities.identifiers_of(person)
    shared: set[tuple[str, str]] = set()
    for kind in {one.kind for one in theirs}:
        values = [one.value for one in theirs if one.kind == kind]
        for value, intervals in identities.holders_of_many(kind, values).items():
            if any(one.person != person for one in intervals):
                shared.add((kind, value))
    return tuple(
        Held(
            kind=one.kind,
            value=one.value,
            since=one.since,
            until=one.until,
            shared=(one.kind, one.value) in shared,
        )
        for one in theirs
    )


def locate(
    datamap: DataMap, held: Iterable[Held], *, without: Callable[[str, Table], tuple[Region, ...]] | None = None
) -> Found:
    """Count the person's rows in every table, grouped by event days and whether the claim is settled.

    `without`: rows of a table that are left out of what is told (`veil`).
    """
    theirs = tuple(held)
    located: list[Located] = []
    unreadable: list[NotDue] = []
    links: list[Link] = []
    for system in datamap.systems.values():
        try:
            with opened(system.id) as source:
                located.extend(_in_system(source, system, theirs, without))
                links.extend(_links(source, system))
        except SekishoError as error:
            values = {"system": system.id, "table": "", "item": "", "why": error.code}
            unreadable.append(NotDue(item="", code="erasure.unreadable", values=values))
    return Found(located=tuple(located), unreadable=tuple(unreadable), links=tuple(links))


def _links(source: Source, system: System) -> Iterator[Link]:
    empty = nullable(source)
    for child, keys in keys_of(source).items():
        for one in keys.foreign:
            yield Link(
                system=system.id,
                child=child,
                columns=one.columns,
                parent=one.table,
                theirs=one.theirs,
                enforced=True,
                loose=all((child, column) in empty for column in one.columns),
            )


def _in_system(
    source: Source,
    system: System,
    held: tuple[Held, ...],
    without: Callable[[str, Table], tuple[Region, ...]] | None,
) -> Iterator[Located]:
    for table in system.tables.values():
        untold = without(system.id, table) if without else ()
        for path, owner in enumerate(table.owners):
            groups: Counter[Days] = Counter()
            for region in leaving_out(source, table, of_person(owner, held), untold):
                groups += grouped(source, table, region)
            for (events, settled), count in groups.items():
                yield Located(
                    system=system.id,
                    table=table.name,
                    path=path,
                    events=dict(events),
                    settled=settled,
                    count=count,
                )


def grouped(source: Source, table: Table, region: Region) -> Counter[Days]:
    """How many rows of a region have which event days."""
    columns = list(dict.fromkeys((*table.triggers.values(), *([table.settled] if table.settled else ()))))
    groups: Counter[Days] = Counter()
    for batch in source.rows(table.name, columns or [next(iter(table.columns))], region):
        for row in batch.to_pylist():
            events = tuple((event, day(row.get(column))) for event, column in table.triggers.items())
            groups[events, row.get(table.settled) is not None if table.settled else None] += 1
    return groups


def day(value: object) -> date | None:
    """The Tokyo day of what a store gave back; a store without dates gives text."""
    if isinstance(value, datetime):
        return tokyo_date(value)
    if isinstance(value, str):
        with suppress(ValueError):
            value = values.day(value)
    return value if isinstance(value, date) else None
