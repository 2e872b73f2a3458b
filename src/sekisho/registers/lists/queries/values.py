"""The values that stand in a list: read from the carrier's own systems along the data map.

Only tables whose rows are one person's by an identifier that is never reused: a number of last year leads nowhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sekisho.engine.catalog.model import DataMap, Ownership, System, Table
from sekisho.engine.errors import SekishoError
from sekisho.registers.datamap import queries as datamap_queries
from sekisho.registers.lists.rules import ROOM


@dataclass(frozen=True, slots=True, kw_only=True)
class _Where:
    system: System
    table: Table
    owner: Ownership
    columns: Mapping[str, str]  # item -> column


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """For each item, identifier -> value; and the tables that were read."""

    values: Mapping[str, Mapping[str, object]]
    tables: tuple[str, ...]  # "system.table"


def values_of(items: Sequence[str], identifiers: Sequence[str], kind: str) -> Found:
    """The values of these people. The first table of the map with a row of theirs has the word, even where it is empty.

    Raises: lists.no-place-for-item, and what a store refuses.
    """
    if not items:
        return Found(values={}, tables=())
    wanted = frozenset(identifiers)
    found: dict[str, dict[str, object]] = {item: {} for item in items}
    places = list(_places(datamap_queries.governed(), items, kind))
    for item in items:
        if not any(item in place.columns for place in places):
            raise SekishoError("lists.no-place-for-item", room=ROOM, item=item, identifier=kind)
    for place in places:
        _read(place, wanted, found)
    return Found(values=found, tables=tuple(f"{place.system.id}.{place.table.name}" for place in places))


def _places(datamap: DataMap, items: Sequence[str], kind: str) -> "list[_Where]":
    places = []
    for system in datamap.systems.values():
        for table in system.tables.values():
            for owner in table.owners:
                if owner.by != kind or owner.at is not None or table.key != (owner.column,):
                    continue
                columns = {
                    item: name
                    for item in items
                    for name, column in table.columns.items()
                    if column.items == (item,) and not column.free_text and name not in _of_others(table)
                }
                if columns:
                    places.append(_Where(system=system, table=table, owner=owner, columns=columns))
    return places


def _of_others(table: Table) -> frozenset[str]:
    """Columns about the row's other party: what is blanked when that party is erased."""
    return frozenset(name for owner in table.owners for name in owner.blanks)


def _read(place: _Where, wanted: frozenset[str], found: dict[str, dict[str, object]]) -> None:
    names = [place.owner.column, *place.columns.values()]
    source = datamap_queries.open_source(place.system)
    try:
        for batch in source.rows(place.table.name, names):
            owners = batch.column(0).to_pylist()
            for position, item in enumerate(place.columns, start=1):
                of_item = found[item]
                for owner, value in zip(owners, batch.column(position).to_pylist(), strict=True):
                    if owner in wanted:
                        of_item.setdefault(owner, value)
    finally:
        source.close()
