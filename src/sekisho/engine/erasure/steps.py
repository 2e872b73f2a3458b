"""The steps of an erasure and how they come about: leaf tables first, each row deleted, blanked or made nobody's.

What refers to a row goes before the row. Source: DESIGN.md section 6.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sekisho.engine.catalog.model import Ownership, PartyErasure, System, Table
from sekisho.engine.erasure.due import Due, NotDue, Past, blankable, due, due_columns
from sekisho.engine.erasure.floors import Hold, RetentionLaw
from sekisho.engine.erasure.order import Link, Ordered, links_of, ordered
from sekisho.engine.erasure.strategies import AGGREGATE, BLANK, COARSE, PSEUDONYM
from sekisho.engine.policy.model import Policy


class StepKind(StrEnum):
    """What a step does."""

    COPIES = "copies"  # what we ourselves made of the stores: projections, lists, facts of enforced views
    ORDER = "order"  # a contractor is told to erase what it holds
    DELETE = "delete"  # rows of this person alone
    BLANK = "blank"  # this person's columns in rows that stay
    GENERALISE = "generalise"  # values made coarse in rows that become nobody's: a year, a prefecture
    PSEUDONYMISE = "pseudonymise"  # identifiers replaced under a key that dies
    REWRITE = "rewrite"  # mentions in free text of other rows
    PURGE = "purge"  # free pages, old versions, logs
    FORGET = "forget"  # the identity map, last of what is ours
    RECEIPT = "receipt"  # the contractor's word that it erased


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
    via: tuple[Link, ...] = ()  # how rows without an owner of their own hang on rows that have one, nearest first
    how: str = ""  # of a strategy: year, month, prefecture, pseudonym, aggregate; of an order: the contractor

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
            via=tuple(Link.of_json(one) for one in spec.get("via", ())),
            how=spec.get("how", ""),
        )

    def as_json(self) -> dict[str, object]:
        """For the hash, the database and the screen."""
        said: dict[str, object] = {
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
        if self.via:
            said |= {"via": [one.as_json() for one in self.via]}
        return said | ({"how": self.how} if self.how else {})


def system_steps(
    system: System,
    policy: Policy,
    law: RetentionLaw,
    kinds: frozenset[str],
    held: tuple[Held, ...],
    located: tuple[Located, ...],
    holds: tuple[Hold, ...],
    on: date,
    unknown: list[NotDue],
    links: Iterable[Link] = (),
) -> Iterator[Step]:
    """The steps in one system, in their order. What nobody can judge is added to `unknown`."""
    # Tables are declared parents first, and what refers goes before what it refers to where anything says so.
    known = links_of(system, links)
    order, undone = _opened(system, known)
    steps = {
        name: list(_table_steps(system, system.tables[name], policy, law, kinds, held, located, holds, on, unknown))
        for name in order.tables
    }
    for name in reversed(order.tables):  # parents first: what hangs on a row that hangs on another
        if not system.tables[name].owners:
            steps[name] = [*_hanging(system.tables[name], known, steps), *steps[name]]
    for link in undone:
        for one in steps[link.child]:
            if one.kind is StepKind.DELETE:
                yield replace(one, kind=StepKind.BLANK, columns=link.columns, items=(), expected=None, how="")
    for ring in order.rings:
        if any(one.kind is StepKind.DELETE for name in ring for one in steps[name]):
            values = {"system": system.id, "table": " → ".join((*ring, ring[0])), "item": "", "kind": ""}
            unknown.append(NotDue(item="", code="erasure.reference-ring", values=values))
    unknown += _unmapped(system, known, steps)
    for name in order.tables:
        yield from steps[name]


def _hanging(table: Table, links: tuple[Link, ...], steps: Mapping[str, list[Step]]) -> Iterator[Step]:
    """Rows without an owner go with the rows they refer to."""
    for link in links:
        if link.child == table.name and link.parent != table.name:
            for one in steps[link.parent]:
                if one.kind is StepKind.DELETE:
                    yield replace(one, table=table.name, via=(link, *one.via), items=(), expected=None, how="")


def _opened(system: System, links: tuple[Link, ...]) -> tuple[Ordered, tuple[Link, ...]]:
    """The order, and the references to undo first so that there is one: where they may be empty and nothing else leads."""
    tables, left, undone = tuple(reversed(tuple(system.tables))), list(links), []
    while (order := ordered(tables, left)).rings:
        candidates = (one for ring in order.rings for one in left if {one.child, one.parent} <= set(ring))
        chosen = next((one for one in candidates if one.loose and _is_free(system.tables[one.child], one)), None)
        if chosen is None:
            break
        left.remove(chosen)
        undone.append(chosen)
    return order, tuple(undone)


def _is_free(table: Table, link: Link) -> bool:
    return {*table.key, *(owner.column for owner in table.owners)}.isdisjoint(link.columns)


def _unmapped(system: System, links: tuple[Link, ...], steps: Mapping[str, list[Step]]) -> Iterator[NotDue]:
    """Tables that refer to the person's rows and stand in no map: what they hold is unknown."""
    for link in links:
        theirs = () if link.child in system.tables else steps.get(link.parent, ())
        if any(one.kind is StepKind.DELETE and one.expected for one in theirs):
            values = {"system": system.id, "table": link.child, "item": link.columns[0], "kind": ""}
            yield NotDue(item=link.columns[0], code="erasure.unmapped-child", values=values)


def _table_steps(
    system: System,
    table: Table,
    policy: Policy,
    law: RetentionLaw,
    kinds: frozenset[str],
    held: tuple[Held, ...],
    located: tuple[Located, ...],
    holds: tuple[Hold, ...],
    on: date,
    unknown: list[NotDue],
) -> Iterator[Step]:
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
            yield from _treated(_step(system, table, path, owner, one, expected), table, owner, unknown)
    for name, column in table.columns.items():
        if column.free_text and table.key:
            yield Step(ordinal=0, kind=StepKind.REWRITE, system=system.id, table=table.name, columns=(name,))
        elif column.free_text:
            unknown.append(_no_key(system.id, table, name))


def _treated(step: Step, table: Table, owner: Ownership, unknown: list[NotDue]) -> Iterator[Step]:
    """What one due becomes: a deletion, a blanking, or what the map's strategies say of its columns."""
    how = {name: column.erasure for name, column in table.columns.items() if column.erasure}
    if owner.erasure is not PartyErasure.DELETE_ROW or not how:
        yield step
        return
    if not table.key:
        unknown.append(_no_key(step.system, table, next(iter(how))))
        return
    step = replace(step, how="")
    is_whole = step.kind is StepKind.DELETE
    others = tuple(one.column for one in table.owners if one.column != owner.column)
    columns = dict.fromkeys((*blankable(table), *others, *how) if is_whole else step.columns)
    columns.pop(owner.column, None)
    blanks = tuple(name for name in columns if how.get(name, BLANK) == BLANK and name not in table.key)
    if blanks:
        yield replace(step, kind=StepKind.BLANK, columns=blanks)
    for strategy in (*COARSE, PSEUDONYM):
        chosen = tuple(name for name in columns if how.get(name) == strategy)
        kind = StepKind.PSEUDONYMISE if strategy == PSEUDONYM else StepKind.GENERALISE
        if chosen:
            yield replace(step, kind=kind, columns=chosen, how=strategy)
    if is_whole:  # last: by this column the rows are found
        hides = how.get(owner.column) == PSEUDONYM
        kind = StepKind.PSEUDONYMISE if hides else StepKind.BLANK
        yield replace(step, kind=kind, columns=(owner.column,), how=PSEUDONYM if hides else "")


def _no_key(system: str, table: Table, column: str) -> NotDue:
    values = {"system": system, "table": table.name, "item": column, "kind": ""}
    return NotDue(item=column, code="erasure.no-key", values=values)


def _dues(
    policy: Policy, law: RetentionLaw, system: str, table: Table, owner: Ownership, holds: tuple[Hold, ...], on: date
) -> tuple[tuple[Due, ...], tuple[NotDue, ...]]:
    if owner.erasure is PartyErasure.DELETE_ROW:
        return due(policy, law, system, table, on, holds=holds, at_request=True)
    own = (*owner.blanks, owner.column)
    one, blocked = due_columns(policy, law, system, table, own, on, holds=holds)
    return ((one,) if one else ()), blocked


def _step(system: System, table: Table, path: int, owner: Ownership, one: Due, expected: int) -> Step:
    return Step(
        ordinal=0,
        kind=StepKind.DELETE if one.deletes else StepKind.BLANK,
        system=system.id,
        table=table.name,
        path=path,
        role=owner.role,
        columns=one.columns,
        items=one.items,
        past=one.past,
        settled=one.settled,
        expected=expected,
        how=AGGREGATE if one.deletes and table.totals else "",
    )
