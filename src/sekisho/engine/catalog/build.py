"""The data map out of plain values, with every fault found at once.

Reading the YAML is not done here: the values come in as mappings of a settled shape, with a way to ask for places.
With a vocabulary the map is held against a policy: unknown items, rows without a deletion rule or its event.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sekisho.engine.catalog.model import (
    NOT_PERSONAL,
    RECLASSIFIED_BY,
    UNKNOWN_ITEM,
    Column,
    DataMap,
    Definition,
    Direction,
    Grouping,
    Ownership,
    PartyErasure,
    Reference,
    System,
    SystemKind,
    Table,
    Totals,
)
from sekisho.engine.catalog.totals import wrong_in
from sekisho.engine.catalog.vocabulary import IDENTIFIER_KINDS, Vocabulary
from sekisho.engine.errors import Fault, Place

ROOM = "sekisho.engine.catalog"
CODED = frozenset({"text", "integer"})  # types whose values may be codes
STORED = "table"  # the kind of a derived table that keeps rows; the other is a view
DIALECTS = {  # in which SQL a system's own definitions are written, unless the map says otherwise
    SystemKind.SQLITE: "sqlite",
    SystemKind.POSTGRESQL: "postgres",
    SystemKind.DUCKDB: "duckdb",
    SystemKind.DELTA: "duckdb",
    SystemKind.JSONL: "duckdb",
    SystemKind.MARIADB: "mysql",
    SystemKind.ORACLE: "oracle",
    SystemKind.PARQUET: "duckdb",
    SystemKind.CSV: "duckdb",
    SystemKind.XLSX: "duckdb",
    SystemKind.PDF: "duckdb",
    SystemKind.TEXT: "duckdb",
    SystemKind.SPARK: "spark",
}
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
        reclassified_by=tuple(data["map"].get("reclassified_by") or RECLASSIFIED_BY),
    )
    checks = _Checks(vocabulary=vocabulary, place_of=place_of)
    checks.references(datamap)
    for system in datamap.systems.values():
        for table in system.tables.values():
            section = "derived" if table.definition else "tables"
            checks.table(f"systems.{system.id}.{section}.{table.name}", table)
            for where, code, values in wrong_in(system, table):
                checks.fault(code, f"systems.{system.id}.{section}.{table.name}.totals{where}", **values)
        for view in system.views.values():
            checks.view(f"systems.{system.id}.derived.{view.name}", view)
    return datamap, tuple(sorted(checks.faults, key=lambda fault: (fault.place.line, fault.place.column)))


def _system(id_: str, row: Row, place_of: PlaceOf) -> System:
    path = f"systems.{id_}"
    kind = SystemKind(row["kind"])
    tables = {name: _table(name, table, f"{path}.tables.{name}", place_of) for name, table in row["tables"].items()}
    derived = [
        _derived(name, table, f"{path}.derived.{name}", place_of, DIALECTS[kind])
        for name, table in row.get("derived", {}).items()
    ]
    return System(
        id=id_,
        label=row["label"],
        kind=kind,
        url=row["url"],
        erase_order=row["erase_order"],
        custodian=row.get("custodian", ""),
        users=tuple(row.get("users", ())),
        location=row.get("location", ""),
        country=row.get("country", ""),
        operated_by=tuple(row.get("operated_by", ())),
        measures=tuple(row.get("measures", ())),
        # Copies stand before what they came from: erasure walks backwards, so they go last, when nothing refills them.
        tables={one.name: one for one in derived if one.definition and one.definition.is_stored} | tables,
        views={one.name: one for one in derived if one.definition and not one.definition.is_stored},
        place=place_of(path),
    )


def _table(name: str, row: Row, path: str, place_of: PlaceOf) -> Table:
    return Table(
        name=name,
        label=row["label"],
        subject=row["subject"] if row["subject"] is not None else UNKNOWN_ITEM,
        key=tuple(row["key"]),
        columns={
            column: Column(
                name=column,
                type=said["type"] or "text",
                item=_items(said)[0],
                reason=said["reason"],
                free_text=said["free_text"],
                control=said.get("control", False),
                also=tuple(_items(said)[1:]),
                references=tuple(_reference(one) for one in said.get("references", ())),
                many=said.get("many", False),
                erasure=said.get("erasure") or "",
                label=said.get("label", ""),
                values={code: (text.ja, text.en) for code, text in (said.get("values") or {}).items()},
                categories=tuple(said.get("categories", ())),
                imported_type=said.get("imported_type", ""),
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
        acquired=row["acquired"] if row["acquired"] is not None else UNKNOWN_ITEM,
        triggers=dict(row["triggers"]),
        settled=row["settled"] or None,
        partition=row["partition"] or None,
        totals=_totals(row["totals"]) if row.get("totals") else None,
        source=row.get("source", ""),
        place=place_of(path),
    )


def _totals(said: Row) -> Totals:
    return Totals(
        into=said["into"],
        by={name: Grouping(column=one["column"], how=one.get("how") or "") for name, one in said["by"].items()},
        count=said["count"],
        people=said["people"],
        batch=said["batch"],
        written_on=said["written_on"],
        minimum=said["minimum"],
        sums=dict(said.get("sums") or {}),
    )


def _reference(said: Row) -> Reference:
    direction = Direction(said["direction"]) if said.get("direction") else None
    return Reference(system=said.get("system") or "", table=said["table"], column=said["column"], direction=direction)


def _derived(name: str, row: Row, path: str, place_of: PlaceOf, dialect: str) -> Table:
    definition = Definition(
        sql=row["sql"],
        dialect=row["dialect"] or dialect,
        is_stored=row["kind"] == STORED,
        place=place_of(f"{path}.sql"),
    )
    return replace(_table(name, row, path, place_of), definition=definition)


def _items(column: Row) -> list[str]:
    """The item a column says, or all of them; "" where it says nothing."""
    return [*([column["item"]] if column["item"] else []), *column.get("items", ())] or [""]


@dataclass(slots=True, kw_only=True)
class _Checks:
    vocabulary: Vocabulary | None
    place_of: PlaceOf
    faults: list[Fault] = field(default_factory=list)

    def table(self, path: str, table: Table) -> None:
        """Everything that can be wrong with what is stored."""
        personal = any(column.items or not column.item for column in table.columns.values())
        if table.definition is not None:
            if not table.definition.sql:
                self.fault("catalog.no-definition", path, table=table.name)
            if personal and not (table.subject and table.key and table.acquired):
                self.fault("catalog.copy-without-rule", path, table=table.name)
                return
        self._names(path, table)
        if personal and not table.owners:
            self.fault("catalog.no-owner", path, table=table.name)
        if self.vocabulary is not None and (table.subject or table.definition is None):
            self._against(self.vocabulary, path, table)

    def view(self, path: str, view: Table) -> None:
        """Everything that can be wrong with a view: it keeps nothing, so it needs neither owner nor deletion rule."""
        self._names(path, view)
        if self.vocabulary is None:
            return
        if view.subject and view.subject not in self.vocabulary.subject_kinds:
            self.fault("catalog.unknown-subject-kind", f"{path}.subject", found=view.subject)
        for item, where in _first_mentions(path, view):
            if item not in self.vocabulary.items:
                self.fault("catalog.unknown-item", where, found=item)

    def references(self, datamap: DataMap) -> None:
        """Every reference leads to a column of the map."""
        for system in datamap.systems.values():
            for table in (*system.tables.values(), *system.views.values()):
                section = "derived" if table.definition else "tables"
                for column in table.columns.values():
                    for at, one in enumerate(column.references):
                        there = datamap.systems.get(one.system or system.id)
                        known = there.tables.get(one.table) or there.views.get(one.table) if there else None
                        if known is None or one.column not in known.columns:
                            path = f"systems.{system.id}.{section}.{table.name}.columns.{column.name}.references[{at}]"
                            to = ".".join(part for part in (one.system, one.table, one.column) if part)
                            self.fault("catalog.no-such-reference", path, column=column.name, to=to)

    def _names(self, path: str, table: Table) -> None:
        for where, name in _columns_named(path, table):
            if name not in table.columns:
                self.fault("catalog.no-such-column", where, table=table.name, column=name)
        for index, owner in enumerate(table.owners):
            if owner.by not in IDENTIFIER_KINDS:
                kinds = ", ".join(IDENTIFIER_KINDS)
                self.fault("catalog.unknown-identifier", f"{path}.owners[{index}].by", found=owner.by, known=kinds)
        for column in table.columns.values():
            where = f"{path}.columns.{column.name}"
            if not column.item:
                self.fault("catalog.no-class", where, table=table.name, column=column.name)
            elif column.item == NOT_PERSONAL and not column.reason:
                self.fault("catalog.no-reason", where, table=table.name, column=column.name)
            self._values(where, table, column)

    def _values(self, where: str, table: Table, column: Column) -> None:
        """What codes mean is said of codes: neither of what people write, nor of days, numbers with fractions and files."""
        if column.values and (column.free_text or column.type not in CODED):
            self.fault("catalog.no-codes", f"{where}.values", table=table.name, column=column.name)
        for code, (ja, _) in column.values.items():
            if not ja.strip():
                self.fault("catalog.unnamed-code", f"{where}.values.{code}", table=table.name, column=column.name)

    def _against(self, words: Vocabulary, path: str, table: Table) -> None:
        if table.subject not in words.subject_kinds:
            self.fault("catalog.unknown-subject-kind", f"{path}.subject", found=table.subject)
            return
        first = set(_first_mentions(path, table))
        for item, where, column in _mentions(path, table):
            if item not in words.items:
                self.fault("catalog.unknown-item", where, found=item)
                continue
            events = words.events.get((item, table.subject), frozenset())
            if not events:
                values = {"table": table.name, "column": column, "item": item, "subject": table.subject}
                self.fault("catalog.no-deletion-rule", where, **values)
            elif (item, where) in first and not events <= table.triggers.keys():
                missing = ", ".join(sorted(events - table.triggers.keys()))
                self.fault("catalog.no-trigger", where, item=item, events=missing, table=table.name)

    def fault(self, code: str, path: str, **values: str) -> None:
        """One more, at its place."""
        self.faults.append(Fault(code=code, place=self.place_of(path), room=ROOM, values=values))


def _first_mentions(path: str, table: Table) -> Iterator[tuple[str, str]]:
    """Every personal item of the table once, with the place of the first column that has it."""
    told: set[str] = set()
    for item, where, _ in _mentions(path, table):
        if item not in told:
            told.add(item)
            yield item, where


def _mentions(path: str, table: Table) -> Iterator[tuple[str, str, str]]:
    """Every personal item of every column, with its place and the column."""
    for column in table.columns.values():
        for item in column.items:
            yield item, f"{path}.columns.{column.name}", column.name


def _columns_named(path: str, table: Table) -> Iterator[tuple[str, str]]:
    """Every place where a column of the table is named, with the name."""
    for index, name in enumerate(table.key):
        yield f"{path}.key[{index}]", name
    if table.acquired or table.definition is None:
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
