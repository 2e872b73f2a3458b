"""The data map out of plain values, with every fault found at once.

Reading the YAML is not done here: the values come in as mappings of a settled shape, with a way to ask for places.
With a vocabulary the map is held against a policy: unknown items, rows without a deletion rule or its event.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sekisho.engine.catalog.model import Column, DataMap, Ownership, PartyErasure, System, SystemKind, Table
from sekisho.engine.catalog.vocabulary import IDENTIFIER_KINDS, NOT_PERSONAL, Vocabulary
from sekisho.engine.errors import Fault, Place

ROOM = "sekisho.engine.catalog"
Row = Mapping[str, Any]
PlaceOf = Callable[[str], Place]


def build(
    data: Row, *, sha256: str, place_of: PlaceOf, vocabulary: Vocabulary | None = None
) -> tuple[DataMap, tuple[Fault, ...]]:
    """The map and what is wrong with it, in document order. `place_of` takes a dotted path such as `systems.crm.url`."""
    datamap = DataMap(
        id=data["map"]["id"],
        sha256=sha256,
        systems={id_: _system(id_, row, place_of) for id_, row in data["systems"].items()},
    )
    checks = _Checks(vocabulary=vocabulary, place_of=place_of)
    for system in datamap.systems.values():
        for table in system.tables.values():
            checks.table(f"systems.{system.id}.tables.{table.name}", table)
    return datamap, tuple(sorted(checks.faults, key=lambda fault: (fault.place.line, fault.place.column)))


def _system(id_: str, row: Row, place_of: PlaceOf) -> System:
    path = f"systems.{id_}"
    return System(
        id=id_,
        label=row["label"],
        kind=SystemKind(row["kind"]),
        url=row["url"],
        erase_order=row["erase_order"],
        tables={name: _table(name, table, f"{path}.tables.{name}", place_of) for name, table in row["tables"].items()},
        place=place_of(path),
    )


def _table(name: str, row: Row, path: str, place_of: PlaceOf) -> Table:
    return Table(
        name=name,
        label=row["label"],
        subject=row["subject"],
        key=tuple(row["key"]),
        columns={
            column: Column(
                name=column,
                type=said["type"] or "text",
                item=said["item"],
                reason=said["reason"],
                free_text=said["free_text"],
                place=place_of(f"{path}.columns.{column}"),
            )
            for column, said in row["columns"].items()
        },
        owners=tuple(
            Ownership(
                by=owner["by"],
                column=owner["column"],
                role=owner["role"],
                at=owner["at"] or None,
                erasure=PartyErasure.BLANK if owner["blanks"] else PartyErasure.DELETE_ROW,
                blanks=tuple(owner["blanks"]),
            )
            for owner in row["owners"]
        ),
        acquired=row["acquired"],
        triggers=dict(row["triggers"]),
        settled=row["settled"] or None,
        partition=row["partition"] or None,
        place=place_of(path),
    )


@dataclass(slots=True, kw_only=True)
class _Checks:
    vocabulary: Vocabulary | None
    place_of: PlaceOf
    faults: list[Fault] = field(default_factory=list)

    def table(self, path: str, table: Table) -> None:
        """Everything that can be wrong with one table."""
        for where, name in _columns_named(path, table):
            if name not in table.columns:
                self._fault("catalog.no-such-column", where, table=table.name, column=name)
        for index, owner in enumerate(table.owners):
            if owner.by not in IDENTIFIER_KINDS:
                kinds = ", ".join(IDENTIFIER_KINDS)
                self._fault("catalog.unknown-identifier", f"{path}.owners[{index}].by", found=owner.by, known=kinds)
        personal = [column for column in table.columns.values() if column.item != NOT_PERSONAL]
        if personal and not table.owners:
            self._fault("catalog.no-owner", path, table=table.name)
        for column in table.columns.values():
            where = f"{path}.columns.{column.name}"
            if not column.item:
                self._fault("catalog.no-class", where, table=table.name, column=column.name)
            elif column.item == NOT_PERSONAL and not column.reason:
                self._fault("catalog.no-reason", where, table=table.name, column=column.name)
        if self.vocabulary is not None:
            self._against(self.vocabulary, path, table)

    def _against(self, words: Vocabulary, path: str, table: Table) -> None:
        if table.subject not in words.subject_kinds:
            self._fault("catalog.unknown-subject-kind", f"{path}.subject", found=table.subject)
            return
        told: set[str] = set()
        for column in table.columns.values():
            item = column.item
            if not item or item == NOT_PERSONAL or item in told:
                continue
            told.add(item)
            where = f"{path}.columns.{column.name}"
            if item not in words.items:
                self._fault("catalog.unknown-item", where, found=item)
                continue
            events = words.events.get((item, table.subject), frozenset())
            if not events:
                self._fault("catalog.no-deletion-rule", where, item=item, subject=table.subject)
            elif not events <= table.triggers.keys():
                missing = ", ".join(sorted(events - table.triggers.keys()))
                self._fault("catalog.no-trigger", where, item=item, events=missing, table=table.name)

    def _fault(self, code: str, path: str, **values: str) -> None:
        self.faults.append(Fault(code=code, place=self.place_of(path), room=ROOM, values=values))


def _columns_named(path: str, table: Table) -> Iterator[tuple[str, str]]:
    """Every place where a column of the table is named, with the name."""
    for index, name in enumerate(table.key):
        yield f"{path}.key[{index}]", name
    yield f"{path}.acquired", table.acquired
    for event, name in table.triggers.items():
        yield f"{path}.triggers.{event}", name
    if table.settled:
        yield f"{path}.settled", table.settled
    if table.partition:
        yield f"{path}.partition", table.partition
    for index, owner in enumerate(table.owners):
        yield f"{path}.owners[{index}].column", owner.column
        if owner.at:
            yield f"{path}.owners[{index}].at", owner.at
        for blank, name in enumerate(owner.blanks):
            yield f"{path}.owners[{index}].blanks[{blank}]", name
