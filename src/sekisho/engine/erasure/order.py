"""In which order tables must be emptied: whatever refers goes before what it refers to.

The links are the map's declared references and what the store itself knows. A ring has no order: it is told as such,
and its members keep the order they were given in. Source: DESIGN.md section 6, foreign-key order inferred.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sekisho.engine.catalog.model import System


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Columns of `child` stand for rows of `parent`, both sides in the same order.

    `enforced`: the store itself refuses to remove the parent's row first; a reference of the map is only declared.
    """

    system: str
    child: str
    columns: tuple[str, ...]
    parent: str
    theirs: tuple[str, ...]
    enforced: bool = False
    loose: bool = False  # the columns may be empty: the reference can be undone

    @classmethod
    def of_json(cls, said: Mapping[str, Any]) -> "Link":
        """The link as it was written down."""
        columns, theirs = tuple(said["columns"]), tuple(said["theirs"])
        return cls(system=said["system"], child=said["child"], columns=columns, parent=said["parent"], theirs=theirs)

    def as_json(self) -> dict[str, object]:
        """For the hash and the database."""
        return {
            "system": self.system,
            "child": self.child,
            "columns": list(self.columns),
            "parent": self.parent,
            "theirs": list(self.theirs),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """Tables, children first, and the rings among them (each in the order of the tables)."""

    tables: tuple[str, ...]
    rings: tuple[tuple[str, ...], ...]


def links_of(system: System, known: Iterable[Link] = ()) -> tuple[Link, ...]:
    """What the map declares within one system, with what its store knows; the store's word stands where both speak."""
    enforced = [one for one in known if one.system == system.id]
    told = {(one.child, one.columns, one.parent, one.theirs) for one in enforced}
    declared = (
        Link(system=system.id, child=table.name, columns=(name,), parent=reference.table, theirs=(reference.column,))
        for table in system.tables.values()
        for name, column in table.columns.items()
        for reference in column.references
        if reference.system in {"", system.id} and reference.table in system.tables
    )
    return (*enforced, *(one for one in declared if (one.child, one.columns, one.parent, one.theirs) not in told))


def ordered(tables: Sequence[str], links: Iterable[Link]) -> Ordered:
    """The tables with every child before its parent; where nothing says otherwise, in the order given."""
    parents: dict[str, set[str]] = {name: set() for name in tables}
    for link in links:
        if link.child in parents and link.parent in parents and link.child != link.parent:
            parents[link.child].add(link.parent)
    groups = _groups(parents)
    of = {name: index for index, group in enumerate(groups) for name in group}
    waits = {
        index: {of[parent] for name in group for parent in parents[name]} - {index}
        for index, group in enumerate(groups)
    }
    place = {name: index for index, name in enumerate(tables)}
    left = sorted(range(len(groups)), key=lambda index: min(place[name] for name in groups[index]))
    sequence: list[str] = []
    while left:
        free = next(index for index in left if not any(index in waits[other] for other in left if other != index))
        left.remove(free)
        sequence += sorted(groups[free], key=place.__getitem__)
    rings = tuple(tuple(sorted(group, key=place.__getitem__)) for group in groups if len(group) > 1)
    return Ordered(tables=tuple(sequence), rings=tuple(sorted(rings)))


def _groups(parents: dict[str, set[str]]) -> list[set[str]]:
    """Tables that reach one another stand together."""
    reach = {name: set(_reached(name, parents)) for name in parents}
    groups: list[set[str]] = []
    for name in parents:
        if not any(name in group for group in groups):
            groups.append({name} | {other for other in reach[name] if name in reach[other]})
    return groups


def _reached(name: str, parents: dict[str, set[str]]) -> Iterator[str]:
    seen: set[str] = set()
    waiting = [*parents[name]]
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.add(one)
            waiting += parents[one]
            yield one
