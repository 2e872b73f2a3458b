"""Lineage: for every column of a view or derived table, the columns it comes from and how.

`Lineages` knows the data map and what the stores say of their views. What can't be traced is not taken for clean: it
keeps the fault, and its columns come from UNKNOWN.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sekisho.engine.catalog.definitions import fingerprint, outputs
from sekisho.engine.catalog.flows import NOTHING, ROWS, Flow, Flows, Kind, Origin, Relation, union
from sekisho.engine.catalog.model import DataMap, Definition, StoredView, Table
from sekisho.engine.errors import SekishoError

UNKNOWN = Origin("", "", "unknown")  # where an untraced column comes from
OWN_SCHEMAS = frozenset({"", "main", "public", "temp"})
Stored = Mapping[str, Mapping[str, StoredView]]  # system -> view -> as the store has it


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """Where one derived table's columns come from, one step back: an origin may itself be derived."""

    columns: Mapping[str, Flows]  # by the column's name as declared or stored
    rows: Flows
    faults: tuple[SekishoError, ...] = ()

    def of(self, column: str) -> Flows:
        """What a column depends on, its table's rows included; unknown where nobody can say."""
        flows = self.columns.get(column.lower())
        return frozenset({Flow(UNKNOWN, Kind.VALUE)}) if flows is None else flows | self.rows


@dataclass(slots=True)
class Lineages:
    """The lineage of everything derived in a data map. `stored` are the views that really stand in the stores."""

    datamap: DataMap
    stored: Stored = field(default_factory=dict)
    _known: dict[tuple[str, str], Lineage] = field(default_factory=dict)

    def derived(self) -> Iterator[tuple[str, str]]:
        """Every derived table, declared or found in a store, as (system, name)."""
        for id_, system in self.datamap.systems.items():
            declared = [one.name for one in (*system.tables.values(), *system.views.values()) if one.definition]
            found = [name for name in self.stored.get(id_, {}) if name not in {*declared, *system.tables}]
            yield from ((id_, name) for name in (*declared, *found))

    def table(self, system: str, name: str) -> Table | None:
        """The table as declared."""
        known = self.datamap.systems[system]
        return known.tables.get(name) or known.views.get(name)

    def is_derived(self, system: str, name: str) -> bool:
        """Whether it has a lineage."""
        table = self.table(system, name)
        return (table is not None and table.definition is not None) or (
            table is None and name in self.stored.get(system, {})
        )

    def is_derived_column(self, system: str, name: str, column: str) -> bool:
        """Whether it is a declared column of something derived."""
        table = self.table(system, name) if system in self.datamap.systems else None
        return table is not None and table.definition is not None and column in table.columns

    def is_unread(self, system: str, name: str) -> bool:
        """Whether only its store can say how it is made, and the store was not asked."""
        return not self._definitions(system, name) and system not in self.stored

    def of(self, system: str, name: str) -> Lineage:
        """Its lineage. Where the map and the store both say how it is made, both count."""
        if (system, name) not in self._known:
            self._known[system, name] = self._read(system, name)
        return self._known[system, name]

    def basis(self, system: str, name: str) -> str:
        """A hash over its definitions and those of everything it is made from: another hash, another derivation."""
        parts: list[str] = []
        waiting, seen = [(system, name)], {(system, name)}
        while waiting:
            one = waiting.pop(0)
            parts += [f"{one[0]}.{one[1]} {fingerprint(sql, dialect)}" for sql, dialect, _ in self._definitions(*one)]
            lineage = self.of(*one)
            flows = sorted({flow.origin for flow in union([*lineage.columns.values(), lineage.rows])})
            for origin in flows:
                place = (origin.system, origin.table)
                if origin != UNKNOWN and place not in seen and self.is_derived(*place):
                    seen.add(place)
                    waiting.append(place)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def _read(self, system: str, name: str) -> Lineage:
        columns: dict[str, Flows] = {}
        rows, faults = NOTHING, list[SekishoError]()
        for sql, dialect, is_crossing in self._definitions(system, name):
            reader = _MapReader(lineages=self, system=system, dialect=dialect, is_crossing=is_crossing)
            try:
                found = outputs(sql, reader, name=f"{system}.{name}")
            except SekishoError as error:
                faults.append(error)
                continue
            for column, flows in self._named(system, name, found):
                columns[column] = columns.get(column, NOTHING) | flows
            rows |= found.rows
        if faults:  # half a lineage would look like a whole one
            return Lineage(columns={}, rows=rows, faults=tuple(faults))
        return Lineage(columns=columns, rows=rows)

    def _named(self, system: str, table: str, found: Relation) -> Iterator[tuple[str, Flows]]:
        """The columns under the names the store gives them: by their own name, and by position where it fits."""
        stored = self.stored.get(system, {}).get(table)
        real = [one.lower() for one in stored.columns] if stored else []
        own = [column.lower() for column, _ in found.columns]
        by_position = found.positions() if len(real) == len(own) else []
        for column, flows in found.columns:
            if column.lower() in real or not by_position:
                yield column.lower(), flows
        for at, column in enumerate(real):
            if by_position and (found.is_ordered or column not in own):
                yield column, by_position[at]
            elif column not in own:  # the store has a column that the SQL does not seem to give
                yield column, frozenset({Flow(UNKNOWN, Kind.VALUE)})

    def _definitions(self, system: str, name: str) -> list[tuple[str, str, bool]]:
        """How it is made: SQL, its dialect, and whether it may name other systems."""
        table, stored = self.table(system, name), self.stored.get(system, {}).get(name)
        found = []
        definition: Definition | None = table.definition if table else None
        if definition and definition.sql:
            found.append((definition.sql, definition.dialect, True))
        if stored:
            found.append((stored.sql, stored.dialect, False))
        return found


@dataclass(slots=True, kw_only=True)
class _MapReader:
    """Names of a definition in the data map: its own system's tables, or `system.table`."""

    lineages: Lineages
    system: str
    dialect: str
    is_crossing: bool

    def find(self, qualifier: str, name: str) -> Relation | None:
        systems = self.lineages.datamap.systems
        if self.is_crossing and qualifier in systems:
            system = qualifier
        elif qualifier in OWN_SCHEMAS or qualifier == self.system:
            system = self.system
        else:
            return None
        known = [*systems[system].tables.values(), *systems[system].views.values()]
        table = next((one for one in known if one.name.lower() == name), None)
        if table is None:
            return self._undeclared(system, name)
        return _relation(system, table.name, list(table.columns))

    def _undeclared(self, system: str, name: str) -> Relation | None:
        """A view that stands in the store and in no map: its columns are traced all the same."""
        for view, stored in self.lineages.stored.get(system, {}).items():
            if view.lower() == name:
                return _relation(system, view, list(stored.columns))
        return None


def _relation(system: str, table: str, columns: list[str]) -> Relation:
    return Relation(
        columns=tuple((name, frozenset({Flow(Origin(system, table, name), Kind.VALUE)})) for name in columns),
        is_ordered=False,  # the map need not list columns in the store's order
        rows=frozenset({Flow(Origin(system, table, ROWS), Kind.ROWS)}),
    )
