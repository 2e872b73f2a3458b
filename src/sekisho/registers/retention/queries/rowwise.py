"""Why one row is still there: every item in it with its derivation, and the day on which the row goes as a whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sekisho.connectors.source import In
from sekisho.connectors.values import instant
from sekisho.engine.catalog.model import PartyErasure, System, Table
from sekisho.engine.erasure.due import blankable, personal_items
from sekisho.engine.erasure.floors import Hold
from sekisho.engine.erasure.periods import End, Keep, keep_until
from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.registers.datamap import queries as datamap_queries
from sekisho.registers.identities import queries as identities
from sekisho.registers.policies import queries as policies
from sekisho.registers.retention.queries.asking import law_on
from sekisho.registers.retention.queries.holding import confidences, holds_of, holds_over_tables
from sekisho.registers.retention.queries.labels import item_label
from sekisho.registers.retention.queries.locating import day, opened
from sekisho.registers.retention.queries.veil import is_veiled
from sekisho.registers.retention.rules import ROOM

NUMBERS = frozenset({"integer", "int", "bigint", "number"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemWhy:
    """One item of the row and the columns that hold it."""

    item: str
    label: str
    columns: tuple[str, ...]
    keep: Keep


@dataclass(frozen=True, slots=True, kw_only=True)
class RowWhy:
    """A row: every item's derivation, the deciding one first. `deciding` None = the row has no personal item."""

    system: str
    table: str
    label: str
    on: date
    items: tuple[ItemWhy, ...]
    is_owned: bool  # of nobody known: never swept, reported

    @property
    def deciding(self) -> Keep | None:
        """What keeps the row longest."""
        return self.items[0].keep if self.items else None

    @property
    def goes_by(self) -> date | None:
        """The day the whole row goes at the latest; None where no day is known."""
        return self.deciding.goes_by if self.deciding and self.is_owned else None

    def is_past(self, on: date) -> bool | None:
        """Whether every item's reasons have ended; None where nobody can tell."""
        if not self.is_owned:
            return None
        answers = [one.keep.is_past(on) for one in self.items]
        if False in answers:
            return False
        return None if None in answers or not answers else True

    def as_json(self, language: str = "ja") -> list[dict[str, object]]:
        """One object per item, as `retention why --json` prints them."""
        place = {"system": self.system, "table": self.table, "row_goes_by": _iso(self.goes_by), "owned": self.is_owned}
        return [
            one.keep.as_json(language) | place | {"columns": list(one.columns), "decides_row": index == 0}
            for index, one in enumerate(self.items)
        ]


def why_row(table: str, key: Sequence[str], *, at: datetime, language: str = "ja") -> RowWhy:
    """Why the row of `system.table` with this key is kept.

    Raises: retention.unknown-table, retention.key-parts, retention.unknown-row, and what the store refuses.
    """
    system, found = named_table(table)
    if len(key) != len(found.key):
        raise SekishoError("retention.key-parts", room=ROOM, table=table, key=", ".join(found.key))
    columns = _columns(found)
    tests = [In(name, (_typed(found, name, value),)) for name, value in zip(found.key, key, strict=True)]
    with opened(system.id) as source:
        rows = [row for batch in source.rows(found.name, columns, tests) for row in batch.to_pylist()]
    holders = owners_of(found, rows[0]) if rows else ()
    if not rows or _is_veiled(holders, system.id, found, rows[0]):
        raise SekishoError("retention.unknown-row", room=ROOM, table=table)
    return of_row(system, found, rows[0], holders, at=at, language=language)


def of_row(
    system: System, table: Table, row: Mapping[str, Any], holders: Sequence[str], *, at: datetime, language: str = "ja"
) -> RowWhy:
    """The derivation of one row that was read. `holders`: whose it is."""
    on, policy = tokyo_date(at), policies.in_force(at)
    events, settled = _events(table, row), row.get(table.settled) is not None if table.settled else None
    standing: dict[str, Hold] = {hold.id: hold for hold in holds_over_tables(on)}
    for person in holders:
        standing |= {hold.id: hold for hold in holds_of(person, on, with_confidential=False)}
    holds = [hold for hold in standing.values() if hold.stands_over(system.id, table.name)]
    law = law_on(on)
    items = [
        ItemWhy(
            item=item,
            label=item_label(policy, item, language),
            columns=tuple(name for name, column in table.columns.items() if item in column.items),
            keep=keep_until(policy, law, item, table.subject, events, settled, holds, on=on),
        )
        for item in personal_items(table)
    ]
    items.sort(key=lambda one: (_rank(one.keep, on), one.keep.until or date.max), reverse=True)
    return RowWhy(
        system=system.id,
        table=table.name,
        label=f"{system.label}　{table.label}",
        on=on,
        items=tuple(items),
        is_owned=_has_owner(table, row),
    )


def owners_of(table: Table, row: Mapping[str, Any]) -> tuple[str, ...]:
    """Whose row it is: every party the identities register knows, at the instant the row says."""
    found: dict[str, None] = {}
    for owner in table.owners:
        value = row.get(owner.column)
        if value in (None, ""):
            continue
        at = instant(row.get(owner.at)) if owner.at else None
        if owner.at is None:
            found |= dict.fromkeys(interval.person for interval in identities.holders_of(owner.by, str(value)))
        elif isinstance(at, datetime) and (person := identities.person_of(owner.by, str(value), at)):
            found[person] = None
    return tuple(found)


def blanked_alone(table: Table, items: Sequence[str]) -> tuple[str, ...]:
    """The columns a sweep empties while the row stays, once all their items are past."""
    return tuple(name for name in blankable(table) if all(one in items for one in table.columns[name].items))


def named_table(name: str) -> tuple[System, Table]:
    """A table of the data map by `system.table`. Raises: retention.unknown-table."""
    system_id, _, table_name = name.partition(".")
    system = datamap_queries.current().systems.get(system_id)
    table = system.tables.get(table_name) if system else None
    if system is None or table is None:
        raise SekishoError("retention.unknown-table", room=ROOM, table=name)
    return system, table


def _rank(keep: Keep, on: date) -> int:
    """What keeps longest: what has no end, what nobody knows and nothing known settles, what has a day."""
    if keep.end is End.UNKNOWN:
        return 1 if keep.is_past(on) is None else 2
    return 3 if keep.end is End.OPEN else 0


def _has_owner(table: Table, row: Mapping[str, Any]) -> bool:
    needed = [owner.column for owner in table.owners if owner.erasure is PartyErasure.DELETE_ROW]
    return not needed or any(row.get(column) is not None for column in needed)


def _is_veiled(holders: Sequence[str], system: str, table: Table, row: Mapping[str, Any]) -> bool:
    confidential = confidences()
    holds = [hold for person in holders for hold in confidential.get(person, ())]
    settled = row.get(table.settled) is not None if table.settled else None
    return is_veiled(holds, system, table, _events(table, row), settled)


def _columns(table: Table) -> list[str]:
    owners = [name for owner in table.owners for name in (owner.column, owner.at) if name]
    settled = [table.settled] if table.settled else []
    return list(dict.fromkeys((*table.key, *table.triggers.values(), *settled, *owners)))


def _events(table: Table, row: Mapping[str, Any]) -> dict[str, date | None]:
    return {event: day(row.get(column)) for event, column in table.triggers.items()}


def _typed(table: Table, name: str, value: str) -> object:
    kind = table.columns[name].type.lower()
    try:
        if kind in NUMBERS:
            return int(value)
        return date.fromisoformat(value) if kind == "date" else value
    except ValueError:
        raise SekishoError("retention.key-type", room=ROOM, column=name, kind=kind) from None


def _iso(value: date | None) -> str | None:
    return value.isoformat() if value else None
