"""Whither data goes: between systems by what is derived, and out of the house by the policy's ways out."""

from dataclasses import dataclass
from typing import TypeVar

from sekisho.engine.catalog.model import DataMap
from sekisho.engine.policy.model import JointUseNotice, Policy, Text, WayOutKind
from sekisho.registers.datamap.rules.ledger import LedgerRow
from sekisho.registers.datamap.rules.reading import inheritance

Part = TypeVar("Part")
KINDS = {
    WayOutKind.ENTRUSTMENT.value: Text("委託", "entrusted"),
    WayOutKind.THIRD_PARTY_PROVISION.value: Text("第三者提供", "provided"),
    WayOutKind.JOINT_USE.value: Text("共同利用", "used jointly"),
    WayOutKind.SUCCESSION.value: Text("事業承継", "succession"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outflow:
    """Classes of one system that go to one recipient. `is_shut`: the notice is not complete, so nothing goes yet."""

    system: str
    recipient: Text
    kind: str
    ways: tuple[Text, ...]
    clauses: tuple[str, ...]
    classes: tuple[Text, ...]
    has_secret: bool
    is_foreign: bool | None
    is_shut: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Inflow:
    """A table of one system that is made from tables of another."""

    origin: str
    system: str
    table: str
    label: str
    has_secret: bool


def outflows(policy: Policy, rows: tuple[LedgerRow, ...]) -> tuple[Outflow, ...]:
    """Every (system, recipient) with what goes there, in the order of the ways out."""
    shut = {
        (way_out.label.ja, policy.recipients[to].label.ja)
        for way_out in policy.ways_out.values()
        if way_out.kind is WayOutKind.JOINT_USE and not _is_complete(way_out.notice)
        for to in way_out.to
        if to in policy.recipients
    }
    found: dict[tuple[str, str, str], Outflow] = {}
    for kind in KINDS:
        for row in rows:
            for out in row.outward:
                for recipient in out.recipients if out.kind == kind else ():
                    key = (kind, recipient.ja, row.system)
                    one = found.get(key)
                    found[key] = Outflow(
                        system=row.system,
                        recipient=recipient,
                        kind=kind,
                        ways=_with(one.ways if one else (), out.label),
                        clauses=_with(one.clauses if one else (), out.clause),
                        classes=_with(one.classes if one else (), row.label),
                        has_secret=bool(one and one.has_secret) or row.is_secret,
                        is_foreign=out.is_foreign,
                        is_shut=(out.label.ja, recipient.ja) in shut,
                    )
    return tuple(found.values())


def inflows(datamap: DataMap, secret: frozenset[str]) -> tuple[Inflow, ...]:
    """Every derived table that is made from another system's tables."""
    known = inheritance(datamap, secret)
    found: dict[Inflow, None] = {}
    for system_id, name in known.lineages.derived():
        table = known.lineages.table(system_id, name)
        lineage = known.lineages.of(system_id, name)
        origins = {flow.origin for flows in (*lineage.columns.values(), lineage.rows) for flow in flows}
        for origin in sorted({one.system for one in origins if one.system and one.system != system_id}):
            items = {
                item
                for one in origins
                if one.system == origin and (there := known.lineages.table(origin, one.table))
                for column in there.columns.values()
                if one.column in {column.name, "*"}
                for item in column.items
            }
            label = table.label if table else name
            found[Inflow(origin=origin, system=system_id, table=name, label=label, has_secret=bool(items & secret))] = (
                None
            )
    return tuple(found)


def _is_complete(notice: JointUseNotice | None) -> bool:
    return (
        notice is not None
        and notice.states_joint_use
        and None
        not in (
            notice.purposes,
            notice.responsible_name,
            notice.responsible_address,
            notice.responsible_representative,
        )
    )


def _with(known: tuple[Part, ...], one: Part) -> tuple[Part, ...]:
    return known if one in known else (*known, one)
