"""The erasure of one person as an ordered plan: frozen, hashed, and without a single personal value in it.

Leaf stores come first and the identity map last. Rows of one person are deleted, rows that serve another party (a
call has two) lose only this person's columns, free text loses its mentions. What law or a hold keeps is listed with
its last day and comes back in the queue then. A number is this person's only within the interval they held it.
Source: DESIGN.md section 6.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sekisho.engine.catalog.model import DataMap, Ownership, PartyErasure, System, Table
from sekisho.engine.erasure.due import Due, NotDue, Past, due, due_columns, personal_items
from sekisho.engine.erasure.floors import Hold, RetentionLaw
from sekisho.engine.erasure.periods import End, keep_until
from sekisho.engine.merkle.canonical import canonical
from sekisho.engine.policy.model import Policy


class StepKind(StrEnum):
    """What a step does."""

    DELETE = "delete"  # rows of this person alone
    BLANK = "blank"  # this person's columns in rows that stay
    REWRITE = "rewrite"  # mentions in free text of other rows
    PURGE = "purge"  # free pages, old versions, logs
    FORGET = "forget"  # the identity map, last


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One identifier of the person over one interval. `shared`: somebody else held the same value at another time."""

    kind: str
    value: str
    since: datetime | None
    until: datetime | None
    shared: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """How many rows of the person one table holds under one ownership path, by the days that decide how long."""

    system: str
    table: str
    path: int  # index in the table's owners
    events: Mapping[str, date | None]
    settled: bool | None
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One idempotent piece of work in one store."""

    ordinal: int
    kind: StepKind
    system: str = ""
    table: str = ""
    path: int | None = None  # which of the table's ownership paths leads to the rows
    role: str = ""
    columns: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    past: tuple[Past, ...] = ()
    settled: tuple[str, ...] = ()
    expected: int | None = None

    @classmethod
    def of_json(cls, spec: Mapping[str, Any]) -> "Step":
        """The step as it was written down."""
        return cls(
            ordinal=spec["ordinal"],
            kind=StepKind(spec["kind"]),
            system=spec["system"],
            table=spec["table"],
            path=spec["path"],
            role=spec["role"],
            columns=tuple(spec["columns"]),
            items=tuple(spec["items"]),
            past=tuple(Past(column, date.fromisoformat(before)) for column, before in spec["past"]),
            settled=tuple(spec["settled"]),
            expected=spec["expected"],
        )

    def as_json(self) -> dict[str, object]:
        """For the hash, the database and the screen."""
        return {
            "ordinal": self.ordinal,
            "kind": self.kind.value,
            "system": self.system,
            "table": self.table,
            "path": self.path,
            "role": self.role,
            "columns": list(self.columns),
            "items": list(self.items),
            "past": [[one.column, one.before.isoformat()] for one in self.past],
            "settled": list(self.settled),
            "expected": self.expected,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Retained:
    """Rows that law, a living claim or a hold keeps: 留保. `until` None = no day known yet."""

    system: str
    table: str
    role: str
    item: str
    rule: str
    clause: str
    article: str
    until: date | None
    end: End
    count: int
    says: str

    def as_json(self) -> dict[str, object]:
        """For the hash, the database and the screen."""
        return {
            "system": self.system,
            "table": self.table,
            "role": self.role,
            "item": self.item,
            "rule": self.rule,
            "clause": self.clause,
            "article": self.article,
            "until": self.until.isoformat() if self.until else None,
            "end": self.end.value,
            "count": self.count,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Living:
    """What says that the person is not gone: a relation that has not ended, a claim that is not settled."""

    code: str  # erasure.relation-stands, erasure.claim-stands
    system: str
    table: str
    event: str
    count: int

    def as_json(self) -> dict[str, object]:
        """For the hash, the database and the screen."""
        return {
            "code": self.code,
            "system": self.system,
            "table": self.table,
            "event": self.event,
            "count": self.count,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What will be done, to what, and what stays. `target` commits to the identifiers and names without saying them."""

    person: str
    policy: str
    policy_sha256: str
    datamap_sha256: str
    on: date
    target: str
    steps: tuple[Step, ...]
    retained: tuple[Retained, ...]
    unknown: tuple[NotDue, ...]
    holds: tuple[str, ...] = ()  # the holds the plan knew of: one more, and it may not run
    living: tuple[Living, ...] = ()  # whoever approves must have seen it

    @property
    def sha256(self) -> str:
        """The hash two people approve."""
        return hashlib.sha256(canonical(self.as_json())).hexdigest()

    def as_json(self) -> dict[str, object]:
        """Everything, in the form that is hashed."""
        return {
            "person": self.person,
            "policy": self.policy,
            "policy_sha256": self.policy_sha256,
            "datamap_sha256": self.datamap_sha256,
            "on": self.on.isoformat(),
            "target": self.target,
            "steps": [step.as_json() for step in self.steps],
            "retained": [one.as_json() for one in self.retained],
            "holds": list(self.holds),
            "living": [one.as_json() for one in self.living],
            "unknown": [{"item": one.item, "code": one.code, "values": dict(one.values)} for one in self.unknown],
        }


def plan(
    datamap: DataMap,
    policy: Policy,
    law: RetentionLaw,
    person: str,
    kinds: frozenset[str],
    identifiers: Iterable[Held],
    located: Iterable[Located],
    holds: Iterable[Hold],
    *,
    on: date,
    target: str,
    unreadable: Iterable[NotDue] = (),
    endings: frozenset[str] = frozenset(),
) -> Plan:
    """The plan for one person on one Tokyo day. `kinds` are the kinds of identifier they have ever had.

    `unreadable`: systems that could not be asked. Their steps stand in the plan all the same. `endings`: events that
    end a relation; where one is recorded as not having happened, the plan says so.
    """
    held, rows, standing = tuple(identifiers), tuple(located), tuple(holds)
    unknown: list[NotDue] = [*unreadable]
    work: list[Step] = []
    for system in sorted(datamap.systems.values(), key=lambda one: (one.erase_order, one.id)):
        steps = list(_system_steps(system, policy, law, kinds, held, rows, standing, on, unknown))
        if steps:
            work += [*steps, Step(ordinal=0, kind=StepKind.PURGE, system=system.id)]
    work.append(Step(ordinal=0, kind=StepKind.FORGET))
    return Plan(
        person=person,
        policy=policy.era,
        policy_sha256=policy.sha256,
        datamap_sha256=datamap.sha256,
        on=on,
        target=target,
        steps=tuple(_numbered(work)),
        retained=tuple(_retained(datamap, policy, law, rows, standing, on)),
        unknown=tuple(unknown),
        holds=tuple(sorted(hold.id for hold in standing)),
        living=tuple(_living(datamap, rows, endings)),
    )


def _system_steps(
    system: System,
    policy: Policy,
    law: RetentionLaw,
    kinds: frozenset[str],
    held: tuple[Held, ...],
    located: tuple[Located, ...],
    holds: tuple[Hold, ...],
    on: date,
    unknown: list[NotDue],
) -> Iterator[Step]:
    # Tables are declared parents first; children must go first where the store checks references.
    for table in reversed(tuple(system.tables.values())):
        for path, owner in enumerate(table.owners):
            if owner.by not in kinds:
                continue
            expected = sum(
                one.count for one in located if (one.system, one.table, one.path) == (system.id, table.name, path)
            )
            if owner.at is None and any(one.shared and one.kind == owner.by for one in held):
                # Without an instant nobody can say whose the row is once the value was used again.
                values = {"system": system.id, "table": table.name, "item": owner.column, "kind": owner.by}
                unknown.append(NotDue(item=owner.column, code="erasure.no-instant", values=values))
                continue
            dues, blocked = _dues(policy, law, system.id, table, owner, holds, on)
            if expected:
                unknown += [one for one in blocked if one.code != "erasure.held"]
            for one in dues:
                kind = StepKind.DELETE if one.deletes else StepKind.BLANK
                yield _step(kind, system, table, path, owner, one, expected)
        for name, column in table.columns.items():
            if column.free_text:
                yield Step(ordinal=0, kind=StepKind.REWRITE, system=system.id, table=table.name, columns=(name,))


def _dues(
    policy: Policy, law: RetentionLaw, system: str, table: Table, owner: Ownership, holds: tuple[Hold, ...], on: date
) -> tuple[tuple[Due, ...], tuple[NotDue, ...]]:
    if owner.erasure is PartyErasure.DELETE_ROW:
        return due(policy, law, system, table, on, holds=holds, at_request=True)
    own = (*owner.blanks, owner.column)
    one, blocked = due_columns(policy, law, system, table, own, on, holds=holds)
    return ((one,) if one else ()), blocked


def _step(kind: StepKind, system: System, table: Table, path: int, owner: Ownership, one: Due, expected: int) -> Step:
    return Step(
        ordinal=0,
        kind=kind,
        system=system.id,
        table=table.name,
        path=path,
        role=owner.role,
        columns=one.columns,
        items=one.items,
        past=one.past,
        settled=one.settled,
        expected=expected,
    )


def _retained(
    datamap: DataMap,
    policy: Policy,
    law: RetentionLaw,
    located: tuple[Located, ...],
    holds: tuple[Hold, ...],
    on: date,
) -> Iterator[Retained]:
    merged: dict[tuple[str, ...], tuple[Retained, int]] = {}
    for group in located:
        table = datamap.systems[group.system].tables[group.table]
        owner = table.owners[group.path]
        standing = [hold for hold in holds if hold.stands_over(group.system, group.table)]
        for item in _owned_items(table, owner):
            keep = keep_until(
                policy, law, item, table.subject, group.events, group.settled, standing, on=on, at_request=True
            )
            if keep.is_past(on):
                continue
            reason = keep.because[0]
            one = Retained(
                system=group.system,
                table=group.table,
                role=owner.role,
                item=item,
                rule=reason.rule.value,
                clause=reason.clause,
                article=reason.article,
                until=keep.until,
                end=keep.end,
                count=0,
                says=reason.says,
            )
            key = (group.system, group.table, owner.role, item, reason.rule.value, str(keep.until), keep.end.value)
            merged[key] = (one, merged.get(key, (one, 0))[1] + group.count)
    for one, count in merged.values():
        yield replace(one, count=count)


def _living(datamap: DataMap, located: tuple[Located, ...], endings: frozenset[str]) -> Iterator[Living]:
    counts: Counter[tuple[str, str, str, str]] = Counter()
    for group in located:
        table = datamap.systems[group.system].tables[group.table]
        if table.owners[group.path].erasure is not PartyErasure.DELETE_ROW:
            continue
        for event in sorted(endings & group.events.keys()):
            if group.events[event] is None:
                counts["erasure.relation-stands", group.system, group.table, event] += group.count
        if group.settled is False:
            counts["erasure.claim-stands", group.system, group.table, "settled"] += group.count
    for (code, system, name, event), count in counts.items():
        yield Living(code=code, system=system, table=name, event=event, count=count)


def _owned_items(table: Table, owner: Ownership) -> tuple[str, ...]:
    if owner.erasure is PartyErasure.DELETE_ROW:
        return personal_items(table)
    own = (*owner.blanks, owner.column)
    return tuple(dict.fromkeys(item for name in own for item in table.columns[name].items))


def _numbered(steps: Iterable[Step]) -> Iterator[Step]:
    for ordinal, step in enumerate(steps, start=1):
        yield replace(step, ordinal=ordinal)
