"""Names within a query: what FROM brought in, what a SELECT called its columns, and the query around it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from sqlglot import exp

from sekisho.engine.catalog.flows import NOTHING, Flows, Kind, Relation, influence, union
from sekisho.engine.errors import SekishoError

ROOM = "sekisho.engine.catalog"


class Reader(Protocol):
    """Finds what a name in FROM means outside the query."""

    dialect: str

    def find(self, qualifier: str, name: str) -> Relation | None:
        """The table, None where the data map knows none of that name."""
        ...


@dataclass(slots=True, kw_only=True)
class Source:
    """One thing in FROM under its alias."""

    alias: str
    relation: Relation
    is_visible: bool = True  # the right side of a SEMI or ANTI join is not


@dataclass(slots=True, kw_only=True)
class Scope:
    """One SELECT being read."""

    reader: Reader
    parent: "Scope | None" = None
    ctes: dict[str, Relation] = field(default_factory=dict)
    sources: list[Source] = field(default_factory=list)
    merged: dict[str, Flows] = field(default_factory=dict)  # columns joined by name: one column of both
    joins: list[list[str]] = field(default_factory=list)  # which names each join merged
    picks: Flows = NOTHING  # what decides the rows so far
    named: dict[str, Flows] = field(default_factory=dict)  # what SELECT called its columns
    windows: Mapping[str, exp.Window] = field(default_factory=dict)
    bound: frozenset[str] = frozenset()  # parameters of a lambda

    def add(self, alias: str, relation: Relation, *, is_visible: bool = True) -> None:
        """One more thing in FROM."""
        self.sources.append(Source(alias=alias.lower(), relation=relation, is_visible=is_visible))
        self.picks |= relation.rows

    def cte(self, name: str) -> Relation | None:
        """The WITH of that name, here or around."""
        if name in self.ctes:
            return self.ctes[name]
        return self.parent.cte(name) if self.parent else None

    def window(self, name: str) -> exp.Window | None:
        """The WINDOW clause of that name."""
        return self.windows.get(name)

    def resolve(self, parts: list[str]) -> Flows:
        """What a column reference means. `parts` are lower case, the column last.

        Raises: catalog.unresolved-name.
        """
        found = self.look_up(parts)
        if found is None:
            raise SekishoError("catalog.unresolved-name", room=ROOM, name=".".join(parts))
        return found

    def look_up(self, parts: list[str]) -> Flows | None:
        """What it means, None where nothing has that name. Where it may mean several things, all of them."""
        column = self._column(parts)
        if column is not None:
            return column
        # Dialects differ in where a name given by SELECT counts, and a table function may have any column: the name may
        # as well be the outer query's.
        found = [self.parent.look_up(parts)] if self.parent else []
        if len(parts) == 1:
            found.append(self.named.get(parts[0]))
            if parts[0] in self.bound:
                found.append(NOTHING)  # a parameter: what it stands for is an argument of the same call
        found += [one.relation.anything for one in self.sources if len(parts) == 1 or one.alias in parts[:-1]]
        meant = [flows for flows in found if flows is not None]
        return union(meant) if meant else None

    def is_ordered(self) -> bool:
        """Whether `*` has a certain order."""
        return all(one.relation.is_ordered for one in self.sources)

    def star(self, alias: str | None) -> list[tuple[str, Flows]]:
        """The columns of `*`, or of `alias.*`.

        Raises: catalog.unresolved-name, catalog.untraced.
        """
        chosen = [one for one in self.sources if one.is_visible and alias in (None, one.alias)]
        if alias is not None and not chosen:
            if self.parent:
                return self.parent.star(alias)
            raise SekishoError("catalog.unresolved-name", room=ROOM, name=f"{alias}.*")
        if not chosen or any(one.relation.anything is not None and not one.relation.columns for one in chosen):
            raise SekishoError("catalog.untraced", room=ROOM, what=f"{alias or ''}*")
        columns = [(name, flows) for one in chosen for name, flows in one.relation.columns]
        return columns if alias is not None else self._merge(columns)

    def merge(self, names: list[str]) -> None:
        """USING: these columns of the last source and of those before it are one."""
        self.joins.append(names)
        for name in names:
            both = union(one.relation.named(name) or NOTHING for one in self.sources)
            self.merged[name] = self.merged.get(name, NOTHING) | both
            self.picks |= influence(Kind.JOIN, both)

    def common(self) -> list[str]:
        """The names the last source shares with those before it: what NATURAL joins by."""
        before = {name.lower() for one in self.sources[:-1] if one.is_visible for name, _ in one.relation.columns}
        return [name.lower() for name, _ in self.sources[-1].relation.columns if name.lower() in before]

    def _merge(self, columns: list[tuple[str, Flows]]) -> list[tuple[str, Flows]]:
        kept: list[tuple[str, Flows]] = []
        for name, flows in columns:
            if name.lower() not in self.merged:
                kept.append((name, flows))
            elif name.lower() not in {other.lower() for other, _ in kept}:
                kept.append((name, self.merged[name.lower()]))
        if self.reader.dialect == "postgres":  # PostgreSQL puts what was joined by name first, the last join's before
            first = [name for names in reversed(self.joins) for name in names]
            order = {name: at for at, name in reversed(list(enumerate(first)))}
            kept.sort(key=lambda column: order.get(column[0].lower(), len(first)))
        return kept

    def _column(self, parts: list[str]) -> Flows | None:
        if len(parts) == 1:
            found = [flows for one in self.sources if (flows := one.relation.named(parts[0])) is not None]
            if found:
                return union(found)
            rows = [one.relation.all_values() for one in self.sources if one.alias == parts[0]]
            return union(rows) if rows else None
        found = []
        for one in self.sources:
            for at, part in enumerate(parts[:-1]):
                if one.alias == part:
                    flows = one.relation.named(parts[at + 1])
                    found += [flows] if flows is not None else []
            if (field_of := one.relation.named(parts[0])) is not None:  # a field of a structure
                found.append(field_of)
        return union(found) if found else None
