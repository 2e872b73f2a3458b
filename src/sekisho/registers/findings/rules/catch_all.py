"""Classes of the policy that hold what has not been sorted yet, and how long it may stay unsorted."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sekisho.engine.catalog.model import DataMap, Table
from sekisho.engine.erasure.cutoff import ended_before
from sekisho.engine.policy.model import Policy

CLASSIFIED = "classified"  # the event of a table's `triggers` that says a row has been sorted


@dataclass(frozen=True, slots=True, kw_only=True)
class CatchAllTable:
    """A table whose rows stand in a catch-all class until they are sorted. Older ones than `before` are overdue."""

    system: str
    table: Table
    classes: tuple[str, ...]
    within: str
    before: date


def catch_all_classes(policy: Policy) -> Mapping[str, str]:
    """Class -> within which period what comes into it must be sorted."""
    return {one.id: one.classify_within for one in policy.classes.values() if one.classify_within}


def catch_all_tables(policy: Policy, datamap: DataMap, on: date) -> Iterator[CatchAllTable]:
    """Every stored table with a column of such a class; where several meet, the shortest period counts."""
    classes = catch_all_classes(policy)
    for system in datamap.systems.values():
        for table in system.tables.values():
            held = {item.split(".", 1)[0] for column in table.columns.values() for item in column.items}
            mine = sorted(held & classes.keys())
            if mine and table.acquired:
                before, within = max((ended_before(on, classes[name]), classes[name]) for name in mine)
                yield CatchAllTable(system=system.id, table=table, classes=tuple(mine), within=within, before=before)
