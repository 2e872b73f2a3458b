"""What derived columns inherit: the items of everything they come from, with the chain that leads there.

An item is inherited by value. The secret ones (`Vocabulary.secret`) are inherited by influence too: a list of people
picked by their calls is made of calls. Two people may reclassify a column; its chain then ends there.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sekisho.engine.catalog.flows import ROWS, Flow, Flows, Kind, Origin
from sekisho.engine.catalog.lineage import UNKNOWN, Lineages
from sekisho.engine.catalog.model import NOT_PERSONAL, UNKNOWN_ITEM, Column, Table

Place = tuple[str, str, str]  # system, table, column


@dataclass(frozen=True, slots=True, kw_only=True)
class Inherited:
    """One item a column carries, and why: from the column itself back to where the item is declared."""

    item: str
    kind: Kind
    chain: tuple[Origin, ...]

    def __str__(self) -> str:
        return " ← ".join(str(one) for one in self.chain if one != UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What two people said a derived column is, as long as `basis` is what it is made from."""

    items: tuple[str, ...]
    basis: str


@dataclass(slots=True)
class Inheritance:
    """The items of every derived column. `releases` are the reclassifications that two people have made."""

    lineages: Lineages
    secret: frozenset[str]
    releases: Mapping[Place, Release] = field(default_factory=dict)
    _known: dict[Origin, Mapping[str, Inherited]] = field(default_factory=dict)
    _asked: list[Origin] = field(default_factory=list)

    def items(self, system: str, table: str, column: str) -> tuple[str, ...]:
        """Everything the column counts as: what it inherits, or was reclassified to, and what was declared beyond."""
        found = self._effective(Origin(system, table, column))
        return tuple(item for item in found if "." not in item or item.split(".", 1)[0] not in found)

    def inherited(self, system: str, table: str, column: str) -> tuple[Inherited, ...]:
        """What lineage alone says, each item once, the shortest chain. UNKNOWN_ITEM where it can't say."""
        return tuple(self._inherited(Origin(system, table, column)).values())

    def owed(self, system: str, table: str, column: str) -> tuple[Inherited, ...]:
        """What its declaration must cover: what it inherits, or what it was reclassified to."""
        release = self.release(system, table, column)
        if release is None:
            return self.inherited(system, table, column)
        own = Origin(system, table, column)
        return tuple(Inherited(item=item, kind=Kind.VALUE, chain=(own,)) for item in release.items)

    def release(self, system: str, table: str, column: str) -> Release | None:
        """The reclassification that holds, None where there is none or the definition has changed since."""
        release = self.releases.get((system, table, column))
        return release if release and release.basis == self.basis(system, table, column) else None

    def holds(self, system: str, table: str, column: str) -> bool:
        """Whether a reclassification of the column stands."""
        return self.release(system, table, column) is not None

    def basis(self, system: str, table: str, column: str) -> str:
        """What a reclassification is bound to: how the column is made, and what that made it inherit."""
        inherited = ",".join(sorted(self._inherited(Origin(system, table, column))))
        return hashlib.sha256(f"{self.lineages.basis(system, table)} {inherited}".encode()).hexdigest()

    def effective(self, system: str, table: Table) -> Table:
        """The derived table with every column carrying what it counts as."""
        columns = {
            name: _carrying(column, self.items(system, table.name, name)) for name, column in table.columns.items()
        }
        return replace(table, columns=columns)

    def _effective(self, origin: Origin) -> Mapping[str, Inherited]:
        if origin == UNKNOWN:
            return self._inherited(origin)
        release = self.release(origin.system, origin.table, origin.column) if origin.column != ROWS else None
        if release is None:
            found = dict(self._inherited(origin))
        else:
            found = {item: Inherited(item=item, kind=Kind.VALUE, chain=(origin,)) for item in release.items}
        for item in self._declared(origin):
            found[item] = Inherited(item=item, kind=Kind.VALUE, chain=(origin,))
        return found

    def _inherited(self, origin: Origin) -> Mapping[str, Inherited]:
        if origin == UNKNOWN or origin in self._asked:  # made from itself: nobody can say from what
            return {UNKNOWN_ITEM: Inherited(item=UNKNOWN_ITEM, kind=Kind.VALUE, chain=(origin,))}
        if origin not in self._known:
            self._asked.append(origin)
            try:
                self._known[origin] = self._read(origin)
            finally:
                self._asked.pop()
        return self._known[origin]

    def _read(self, origin: Origin) -> Mapping[str, Inherited]:
        if not self.lineages.is_derived(origin.system, origin.table):
            return self._of_base(origin)
        lineage = self.lineages.of(origin.system, origin.table)
        flows = lineage.rows if origin.column == ROWS else lineage.of(origin.column)
        found: dict[str, Inherited] = {}
        for flow in sorted(_needed(flows, self.lineages), key=_by_value_first):
            source = self._of_base(flow.origin) if self._is_base(flow.origin) else self._effective(flow.origin)
            before = dict(found)
            for item, one in source.items():
                kind = flow.kind if one.kind is Kind.VALUE else one.kind
                if kind is not Kind.VALUE and item not in self.secret and item != UNKNOWN_ITEM:
                    continue
                if flow.origin.column == ROWS and self._has_secret_of(before, item):
                    continue
                chain = Inherited(item=item, kind=kind, chain=(origin, *one.chain))
                if item not in found or _weight(chain) < _weight(found[item]):
                    found[item] = chain
        return found

    def _is_base(self, origin: Origin) -> bool:
        return origin != UNKNOWN and not self.lineages.is_derived(origin.system, origin.table)

    def _of_base(self, origin: Origin) -> Mapping[str, Inherited]:
        table = self.lineages.table(origin.system, origin.table)
        if table is None:
            return {UNKNOWN_ITEM: Inherited(item=UNKNOWN_ITEM, kind=Kind.VALUE, chain=(origin,))}
        if origin.column != ROWS:
            column = table.columns[origin.column]
            items = (UNKNOWN_ITEM,) if column.control else column.items  # what is made of a safeguard opens for nobody
        else:  # that there is such a row at all is secret where anything in it is
            held = {item for column in table.columns.values() for item in column.items if item in self.secret}
            items = tuple(sorted({class_ if (class_ := item.split(".")[0]) in self.secret else item for item in held}))
        return {item: Inherited(item=item, kind=Kind.VALUE, chain=(origin,)) for item in items}

    def _declared(self, origin: Origin) -> tuple[str, ...]:
        table = self.lineages.table(origin.system, origin.table)
        if table is None or origin.column not in table.columns:
            return ()
        return table.columns[origin.column].items

    def _has_secret_of(self, found: Mapping[str, Inherited], item: str) -> bool:
        """Whether the column carries some secret item of the class already: that there are rows adds nothing then."""
        class_ = item.split(".", maxsplit=1)[0]
        return any(other in self.secret and other.split(".", maxsplit=1)[0] == class_ for other in found)


def covers(declared: tuple[str, ...], item: str) -> bool:
    """Whether a declaration says so: the item itself, or its whole class."""
    return item in declared or item.split(".", 1)[0] in declared


def _needed(flows: Flows, lineages: Lineages) -> Flows:
    """Without the rows of derived tables of which a column flows too: their rows are in that column's lineage."""
    named = {(flow.origin.system, flow.origin.table) for flow in flows if flow.origin.column != ROWS}

    def is_told(flow: Flow) -> bool:
        place = (flow.origin.system, flow.origin.table)
        return flow.origin.column == ROWS and flow.kind is Kind.ROWS and place in named and lineages.is_derived(*place)

    return frozenset(flow for flow in flows if not is_told(flow))


def _by_value_first(flow: Flow) -> tuple[bool, bool, Flow]:
    return flow.origin.column == ROWS, flow.kind is not Kind.VALUE, flow


def _weight(one: Inherited) -> tuple[bool, int]:
    return one.kind is not Kind.VALUE, len(one.chain)


def _carrying(column: Column, items: tuple[str, ...]) -> Column:
    if not items:
        return replace(column, item=NOT_PERSONAL, also=())
    return replace(column, item=items[0], also=items[1:])
