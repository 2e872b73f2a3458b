"""What one purpose may see of one system through enforced views: tables, columns, owners, cells. A pure value.

Views are for own use (`Act.USE`) by whoever logs in: claims, tickets and recipients belong to an ask and have no place in a
view, so what needs them is not shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sekisho.engine.catalog.model import Ownership, System
from sekisho.engine.catalog.model import Table as Stored
from sekisho.engine.gate.sql import CellKey
from sekisho.engine.gate.table import Cell, Table
from sekisho.engine.gate.view_columns import Left, Shown, look_at_column
from sekisho.engine.policy.model import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """When an item of a table is past: every column's day is before its bound, and the claim is settled.

    The bounds themselves change daily and stand in the store; without `judged` nobody can tell, which refuses.
    """

    judged: bool
    past: tuple[str, ...] = ()
    settled: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TableView:
    """One table as a purpose sees it; a table of which nothing personal may be seen has no view."""

    table: Stored
    shown: tuple[Shown, ...]
    left: tuple[Left, ...]
    items: tuple[str, ...]  # of the columns shown: all must permit
    cells: Mapping[str, Mapping[CellKey, Cell]]  # by item
    periods: Mapping[str, Period]  # by item

    @property
    def owners(self) -> tuple[Ownership, ...]:
        """Every way to a person: each must permit."""
        return self.table.owners

    @property
    def classes(self) -> tuple[str, ...]:
        """Classes of the items: facts are kept by class, for a person may be of another kind in each."""
        return tuple(dict.fromkeys(item.partition(".")[0] for item in self.items))


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewPlan:
    """The views of one purpose over one system, under one version of the policy, until the law or the policy changes."""

    system: str
    purpose: str
    label: str
    clause: str
    era: str
    eras: tuple[tuple[str, date | None], ...]  # version and its first day, oldest first
    channel: str | None
    until: date | None  # last day on which nothing dated changes; None = no end known
    views: tuple[TableView, ...]
    without: Mapping[str, tuple[Left, ...]]  # tables without a view


def plan_views(
    table: Table,
    history: tuple[Policy, ...],
    policy: Policy,
    system: System,
    periods: Mapping[tuple[str, str], Period],
    *,
    purpose: str,
    on: date,
    channel: str | None = None,
) -> ViewPlan:
    """The views of a purpose. `periods` by (table, item); `policy` is the version in force on the day.

    `channel`: the one channel that solicitation from these views may use; without it such rows refuse.
    """
    views: list[TableView] = []
    without: dict[str, tuple[Left, ...]] = {}
    for stored in system.tables.values():
        found = _view(table, policy, stored, periods, purpose, on)
        if found.items and stored.owners:
            views.append(found)
        else:
            without[stored.name] = found.left
    ends = [day for day in table.days if day > on]
    declared = policy.purposes.get(purpose)
    return ViewPlan(
        system=system.id,
        purpose=purpose,
        label=declared.label.ja if declared else purpose,
        clause=declared.clause if declared else "",
        era=policy.era,
        eras=tuple((version.era, version.in_force_from) for version in history),
        channel=channel,
        until=min(ends) - timedelta(days=1) if ends else None,
        views=tuple(views),
        without=without,
    )


def _view(
    table: Table,
    policy: Policy,
    stored: Stored,
    periods: Mapping[tuple[str, str], Period],
    purpose: str,
    on: date,
) -> TableView:
    items = tuple(dict.fromkeys(item for column in stored.columns.values() for item in column.items))
    cells = {item: _cells(table, policy, item, purpose, on) for item in items}
    in_order = {  # the version in force speaks first, where none permits
        item: [cell for _, cell in sorted(found.items(), key=lambda one: one[0][0] != policy.era)]
        for item, found in cells.items()
    }
    looked = [look_at_column(column, in_order) for column in stored.columns.values()]
    shown = tuple(one for one in looked if isinstance(one, Shown))
    used = tuple(dict.fromkeys(item for one in shown for item in one.column.items))
    return TableView(
        table=stored,
        shown=shown,
        left=tuple(one for one in looked if isinstance(one, Left)),
        items=used,
        cells={item: cells[item] for item in used},
        periods={item: periods.get((stored.name, item), Period(judged=False)) for item in used},
    )


def _cells(table: Table, policy: Policy, item: str, purpose: str, on: date) -> dict[CellKey, Cell]:
    """Cells of an item: every era, and no era, for every kind of person that the class is of."""
    data_class = policy.classes.get(item.partition(".")[0])
    return {
        (era, kind, item): table.cell(
            in_force=policy.era, era=era, purpose=purpose, item=item, subject_kind=kind, on=on
        )
        for kind in (data_class.of if data_class else ())
        for era in (*table.eras, None)
    }
