"""What is wrong with the derived part of a data map: undeclared, narrower than its lineage, or untraced."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sekisho.engine.catalog.inheriting import Inheritance, covers
from sekisho.engine.catalog.lineage import UNKNOWN, Lineages
from sekisho.engine.catalog.model import NOT_PERSONAL, UNKNOWN_ITEM, Column, Table
from sekisho.engine.errors import Fault, Place

ROOM = "sekisho.engine.catalog"


def derived_faults(inheritance: Inheritance) -> tuple[Fault, ...]:
    """Every fault of everything derived, in document order. Systems absent from the stored views weren't looked at."""
    checks = _Checks(inheritance=inheritance, lineages=inheritance.lineages)
    found = [fault for system, name in inheritance.lineages.derived() for fault in checks.of(system, name)]
    return tuple(sorted(found, key=lambda fault: (fault.place.line, fault.place.column)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Checks:
    inheritance: Inheritance
    lineages: Lineages

    def of(self, system: str, name: str) -> Iterator[Fault]:
        table = self.lineages.table(system, name)
        stored = self.lineages.stored.get(system)
        if table is None:
            yield from self._undeclared(system, name)
            return
        place = table.place or Place(path="", line=1, column=1)
        values = {"system": system, "table": name}
        is_view = table.definition is not None and not table.definition.is_stored
        if stored is not None and is_view and name not in stored:
            yield _fault("catalog.missing-view", place, values)
        if stored is not None and name in stored and (stored[name].keeps_rows or not is_view):
            yield _fault("catalog.materialized-view" if is_view else "catalog.copy-is-a-view", place, values)
        yield from self._columns(system, table, place)

    def _columns(self, system: str, table: Table, place: Place) -> Iterator[Fault]:
        lineage = self.lineages.of(system, table.name)
        if lineage.faults:
            if all(self.inheritance.release(system, table.name, name) for name in table.columns):
                return  # two people have said of every column what it is
            definition = table.definition
            where = (definition.place if definition else None) or place
            for error in lineage.faults:
                yield Fault(code=error.code, place=where, room=error.room, values=error.values)
            return
        declared = {name.lower() for name in table.columns}
        for name in lineage.columns:
            if name not in declared:
                yield self._undeclared_column(system, table.name, name, place)
        for column in table.columns.values():
            where = column.place or place
            values = {"system": system, "table": table.name, "column": column.name}
            if lineage.columns and column.name.lower() not in lineage.columns:
                yield _fault("catalog.no-such-output", where, values)
                continue
            yield from self._unknown(system, table.name, column, where)
            yield from self._narrower(system, table.name, column, where)

    def _unknown(self, system: str, table: str, column: Column, where: Place) -> Iterator[Fault]:
        """A column whose own definition is traced, but which comes from one that isn't, or from itself."""
        for one in self.inheritance.owed(system, table, column.name):
            last = next(origin for origin in reversed(one.chain) if origin != UNKNOWN)
            if one.item == UNKNOWN_ITEM and not self.lineages.is_unread(last.system, last.table):
                chain = " ← ".join(str(origin) for origin in one.chain if origin != UNKNOWN)
                values = {"system": system, "table": table, "column": column.name, "chain": chain}
                yield _fault("catalog.unknown-origin", where, values)

    def _narrower(self, system: str, table: str, column: Column, where: Place) -> Iterator[Fault]:
        missing = [
            one
            for one in self.inheritance.owed(system, table, column.name)
            if one.item != UNKNOWN_ITEM and not covers(column.items, one.item)
        ]
        if not missing:
            return
        has_lapsed = (system, table, column.name) in self.inheritance.releases and (
            self.inheritance.release(system, table, column.name) is None
        )
        values = {
            "system": system,
            "table": table,
            "column": column.name,
            "declared": ", ".join(column.items) or NOT_PERSONAL,
            "items": ", ".join(dict.fromkeys(one.item for one in missing)),
            "chain": "; ".join(dict.fromkeys(f"{one} ({one.item}, {one.kind.value})" for one in missing)),
        }
        yield _fault("catalog.release-lapsed" if has_lapsed else "catalog.narrower-than-lineage", where, values)

    def _undeclared(self, system: str, name: str) -> Iterator[Fault]:
        place = self.lineages.datamap.systems[system].place or Place(path="", line=1, column=1)
        yield _fault("catalog.undeclared-view", place, {"system": system, "table": name})
        for column in self.lineages.stored[system][name].columns:
            if self.inheritance.inherited(system, name, column):
                yield self._undeclared_column(system, name, column, place)

    def _undeclared_column(self, system: str, table: str, column: str, place: Place) -> Fault:
        inherited = self.inheritance.inherited(system, table, column)
        values = {
            "system": system,
            "table": table,
            "column": column or "?",
            "items": ", ".join(one.item for one in inherited) or NOT_PERSONAL,
            "chain": "; ".join(f"{one} ({one.item}, {one.kind.value})" for one in inherited) or NOT_PERSONAL,
        }
        return _fault("catalog.undeclared-derived-column", place, values)


def _fault(code: str, place: Place, values: Mapping[str, str]) -> Fault:
    return Fault(code=code, place=place, room=ROOM, values=dict(values))
