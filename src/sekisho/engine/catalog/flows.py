"""What flows into a column: the columns it is made of, and those that only decide which rows there are."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple, TypeAlias

ROWS = "*"  # stands for the column of an origin where only the being there of its rows matters


class Kind(StrEnum):
    """How one column depends on another. Everything but VALUE is influence only."""

    VALUE = "value"
    FILTER = "filter"
    JOIN = "join"
    GROUP = "group"
    ORDER = "order"
    WINDOW = "window"
    ROWS = "rows"


class Origin(NamedTuple):
    """A column of something the data map names; `column` may be ROWS."""

    system: str
    table: str
    column: str

    def __str__(self) -> str:
        return f"{self.system}.{self.table}" if self.column == ROWS else f"{self.system}.{self.table}.{self.column}"


class Flow(NamedTuple):
    """One dependence on one origin."""

    origin: Origin
    kind: Kind


Flows: TypeAlias = frozenset[Flow]
NOTHING: Flows = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """What a FROM item or a query yields: columns in order, and what decides its rows.

    `anything`: the names are not known (a table function), every name means this. Not `is_ordered`: the columns are all
    there, their order is not certain (`*` over a table of the map), so that a position may mean any of them.
    """

    columns: tuple[tuple[str, Flows], ...]
    rows: Flows = NOTHING
    anything: Flows | None = None
    is_ordered: bool = True

    def named(self, name: str) -> Flows | None:
        """The flows of the columns of that name, None where there is none."""
        found = [flows for column, flows in self.columns if column.lower() == name]
        return union(found) if found else None

    def all_values(self) -> Flows:
        """The flows of the whole row."""
        return union([*(flows for _, flows in self.columns), self.anything or NOTHING])

    def positions(self) -> list[Flows]:
        """The flows by position."""
        return [flows if self.is_ordered else self.all_values() for _, flows in self.columns]

    def renamed(self, names: list[str]) -> "Relation":
        """The relation under an alias with a column list; what is not named keeps its name."""
        if not names:
            return self
        if self.anything is not None and not self.columns:
            return Relation(columns=tuple((name, self.anything) for name in names), rows=self.rows)
        kept = [name for name, _ in self.columns[len(names) :]]
        columns = zip([*names, *kept], self.positions(), strict=False)
        return replace(self, columns=tuple(columns), is_ordered=True)


def union(many: Iterable[Flows]) -> Flows:
    """All of them."""
    return frozenset().union(*many)


def influence(kind: Kind, flows: Flows) -> Flows:
    """The same, as what merely decides: values become this kind of influence, influences stay what they are."""
    return frozenset(Flow(flow.origin, kind) if flow.kind is Kind.VALUE else flow for flow in flows)


def valued(flows: Flows) -> Flows:
    """The same, as what makes the value: where the answer is whether, or how many, rows there are."""
    return frozenset(Flow(flow.origin, Kind.VALUE) for flow in flows)


def counted(flows: Flows) -> Flows:
    """What a count of rows is made of: the rows themselves; what picked them stays an influence."""
    return frozenset(Flow(flow.origin, Kind.VALUE) if flow.kind is Kind.ROWS else flow for flow in flows)
