"""The map against what really stands in the systems."""

from collections.abc import Mapping
from dataclasses import dataclass

from sekisho.engine.catalog.model import DataMap, System, SystemKind
from sekisho.engine.errors import Fault

TYPELESS = frozenset(  # what they hold has no types but those the map gives it
    {SystemKind.JSONL, SystemKind.CSV, SystemKind.XLSX, SystemKind.PDF, SystemKind.TEXT}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing in which a system and the map don't agree. `column` is empty where a whole table is meant."""

    code: str  # datamap.undeclared-column, -table, datamap.missing-column, -table, datamap.retyped-column
    system: str
    table: str
    column: str = ""
    type: str = ""  # as it really is
    declared: str = ""  # the type the map says, where that is what differs


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All systems against the map. `unread` are systems that could not be opened, with the code of the refusal.

    `derived` is what is wrong with views and derived tables.
    """

    columns_seen: int
    differences: tuple[Difference, ...]
    unread: Mapping[str, str]
    derived: tuple[Fault, ...] = ()


def compare(datamap: DataMap, real: Mapping[str, Mapping[str, Mapping[str, str]] | str]) -> Comparison:
    """The map against what was crawled: system -> table -> column -> type, or the code why it could not be."""
    differences: list[Difference] = []
    seen = 0
    for id_, system in datamap.systems.items():
        tables = real[id_]
        if isinstance(tables, str):
            continue
        seen += sum(len(columns) for columns in tables.values())
        differences += compare_system(system, tables)
    unread = {id_: tables for id_, tables in real.items() if isinstance(tables, str)}
    return Comparison(columns_seen=seen, differences=tuple(differences), unread=unread)


def compare_system(system: System, tables: Mapping[str, Mapping[str, str]]) -> list[Difference]:
    """One system against what was crawled: table -> column -> type."""
    differences: list[Difference] = []
    for name, columns in tables.items():
        if name not in system.tables:
            differences.append(Difference(code="datamap.undeclared-table", system=system.id, table=name))
            continue
        known = system.tables[name].columns
        for column, plain in columns.items():
            place = {"system": system.id, "table": name, "column": column}
            if column not in known:
                differences.append(Difference(code="datamap.undeclared-column", **place, type=plain))
            elif plain != known[column].type and system.kind not in TYPELESS:
                declared = known[column].type
                differences.append(Difference(code="datamap.retyped-column", **place, type=plain, declared=declared))
        differences += [
            Difference(code="datamap.missing-column", system=system.id, table=name, column=column)
            for column in known
            if column not in columns
        ]
    differences += [
        Difference(code="datamap.missing-table", system=system.id, table=name)
        for name in system.tables
        if name not in tables
    ]
    return differences
