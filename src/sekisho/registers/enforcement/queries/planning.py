"""The views of a purpose over a system as the policy in force would make them now, with the day's bounds of retention."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from sekisho.connectors.opening import located
from sekisho.engine.catalog.model import System, SystemKind, Table
from sekisho.engine.erasure.due import due
from sekisho.engine.erasure.floors import RetentionLaw, retention_law
from sekisho.engine.errors import SekishoError
from sekisho.engine.gate.view_plan import Period, ViewPlan, plan_views
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.pack import law
from sekisho.engine.policy.model import Policy
from sekisho.registers.datamap import queries as datamap
from sekisho.registers.enforcement.rules import ROOM
from sekisho.registers.policies import queries as policies

LONGEST_PURPOSE = 40  # a role's name holds 63 bytes, and ours begin with sekisho_definer_
Bound = tuple[str, str, str, date]  # table, item, column, first day that is not past


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan, the url of its system, and the bounds its views compare days with."""

    plan: ViewPlan
    system: System
    url: str
    bounds: tuple[Bound, ...]


def planned(system: str, purpose: str, *, at: datetime, channel: str | None = None) -> Planned:
    """What the views would be.

    Raises: policies.none-in-force, datamap.unknown-system, enforcement.unknown-purpose, enforcement.long-name.
    """
    policy, on = policies.in_force(at), tokyo_date(at)
    if purpose not in policy.purposes:
        raise SekishoError("enforcement.unknown-purpose", room=ROOM, purpose=purpose if purpose.isascii() else "?")
    if len(purpose) > LONGEST_PURPOSE:
        raise SekishoError("enforcement.long-name", room=ROOM, purpose=purpose)
    found = datamap.system(system)
    periods: dict[tuple[str, str], Period] = {}
    bounds: list[Bound] = []
    rule = retention_law(law(on))
    for table in found.tables.values():
        for item in _items(table):
            period, days = _period(policy, rule, found, table, item, on)
            periods[table.name, item] = period
            bounds += [(table.name, item, column, before) for column, before in days.items()]
    plan = plan_views(
        policies.table(), policies.history(), policy, found, periods, purpose=purpose, on=on, channel=channel
    )
    seen = {(view.table.name, item) for view in plan.views for item in view.items}
    return Planned(
        plan=plan,
        system=found,
        url=datamap.located(found),
        bounds=tuple(bound for bound in bounds if bound[:2] in seen),
    )


def postgresql_systems() -> tuple[str, ...]:
    """Systems that are a PostgreSQL here, whatever the data map calls them."""
    return tuple(
        system.id
        for system in datamap.current().systems.values()
        if located(system.kind, datamap.located(system))[0] is SystemKind.POSTGRESQL
    )


def _items(table: Table) -> Iterator[str]:
    yield from dict.fromkeys(item for column in table.columns.values() for item in column.items)


def _period(
    policy: Policy, rule: RetentionLaw, system: System, table: Table, item: str, on: date
) -> tuple[Period, Mapping[str, date]]:
    """When rows are past for one item: as the sweep judges them, though a hold keeps them. A hold is no reason to use."""
    columns = {c.name: replace(c, item=item, also=()) for c in table.columns.values() if item in c.items}
    found, blocked = due(policy, rule, system.id, replace(table, columns=columns), on)
    whole = next((one for one in found if one.deletes), None)
    if blocked or whole is None:
        return Period(judged=False), {}
    past = {one.column: one.before for one in whole.past}
    return Period(judged=True, past=tuple(past), settled=whole.settled), past
