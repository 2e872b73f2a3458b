"""Which rows of a table may go, as conditions over its columns: for the sweep, and for one person's erasure.

A row goes when every item in it is past; an item that is past sooner has its columns blanked sooner. What can't be
counted, because the table records no such event, is never due: it is reported.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sekisho.engine.catalog.model import Table
from sekisho.engine.erasure.cutoff import ended_before
from sekisho.engine.erasure.floors import Hold, RetentionLaw, grounds_in_force
from sekisho.engine.erasure.rules import governing
from sekisho.engine.policy.model import Policy
from sekisho.engine.policy.periods import add, longer


@dataclass(frozen=True, slots=True, order=True)
class Past:
    """The column's day is recorded and before `before`."""

    column: str
    before: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One thing to do to a table: delete the rows that meet all conditions, or blank `columns` in them."""

    columns: tuple[str, ...]  # empty = the whole row
    items: tuple[str, ...]
    past: tuple[Past, ...]
    settled: tuple[str, ...]  # columns that must not be null
    clauses: tuple[str, ...]
    terms: tuple[tuple[str, str], ...] = ()  # column of an event, period after it: what `past` was made from

    def falls_on(self, days: Mapping[str, date | None]) -> date | None:
        """The first day on which all its periods are over, for rows with these event days; None while one is unknown."""
        ends = [add(day, keep) for column, keep in self.terms if (day := days.get(column)) is not None]
        if len(ends) < len(self.terms) or max(ends, default=date.max) == date.max:
            return None
        return max(ends) + timedelta(days=1)

    @property
    def deletes(self) -> bool:
        """Whether whole rows go."""
        return not self.columns


@dataclass(frozen=True, slots=True, kw_only=True)
class NotDue:
    """An item of a table that nobody may erase, and why: a code of this room's texts."""

    item: str
    code: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Condition:
    past: frozenset[Past]
    terms: frozenset[tuple[str, str]]
    settled: frozenset[str]
    clauses: frozenset[str]
    blocked: tuple[NotDue, ...]

    @property
    def key(self) -> tuple[object, ...]:
        """Items with the same key are due together."""
        return self.past, self.settled, bool(self.blocked)


def due(
    policy: Policy,
    law: RetentionLaw,
    system: str,
    table: Table,
    on: date,
    *,
    holds: Iterable[Hold] = (),
    at_request: bool = False,
    apart: bool = False,
) -> tuple[tuple[Due, ...], tuple[NotDue, ...]]:
    """What may go from a table on a day, whole rows first, and what may not be judged.

    `apart`: somebody's rows are held for some items only, so each item is due by itself besides going with its row.

    `holds` here are those over the rows in question (a person's own holds at their request; the sweep leaves held rows
    out by their keys instead).
    """
    standing = tuple(hold for hold in holds if hold.stands_over(system, table.name))
    conditions = {
        item: _condition(policy, law, system, table, item, on, standing, at_request=at_request)
        for item in personal_items(table)
    }
    blocked = tuple(one for condition in conditions.values() for one in condition.blocked)
    found: list[Due] = []
    if conditions and not blocked:
        found.append(_merged(tuple(conditions), (), list(conditions.values())))
    together: dict[tuple[object, ...], dict[str, _Condition]] = {}
    for item, condition in conditions.items():
        together.setdefault((item,) if apart else condition.key, {})[item] = condition
    for group in together.values():
        some = next(iter(group.values()))
        columns = tuple(name for name in blankable(table) if all(one in group for one in table.columns[name].items))
        same_as_row = not apart and found and found[0].deletes and _same(found[0], some)
        if columns and not some.blocked and not same_as_row:
            found.append(_merged(tuple(group), columns, list(group.values())))
    rows = {(one.past, one.settled) for one in found if one.deletes}
    several = _several(table, conditions, list(together.values()))
    found += [one for one in several if apart or (one.past, one.settled) not in rows]
    return tuple(found), blocked


def _several(
    table: Table, conditions: Mapping[str, _Condition], together: list[dict[str, _Condition]]
) -> Iterator[Due]:
    """Derived columns that carry items of different periods: blanked when the last of them is past."""
    spanning: dict[tuple[str, ...], list[str]] = {}
    for name in blankable(table):
        items = table.columns[name].items
        if not any(all(one in group for one in items) for group in together):
            spanning.setdefault(items, []).append(name)
    for items, columns in spanning.items():
        theirs = [conditions[item] for item in items]
        if not any(condition.blocked for condition in theirs):
            yield _merged(items, tuple(columns), theirs)


def due_columns(
    policy: Policy,
    law: RetentionLaw,
    system: str,
    table: Table,
    columns: Iterable[str],
    on: date,
    *,
    holds: Iterable[Hold] = (),
) -> tuple[Due | None, tuple[NotDue, ...]]:
    """When one owner's columns may be blanked at their request, in rows that go on serving another party."""
    wanted = tuple(dict.fromkeys(columns))
    items = tuple(dict.fromkeys(item for name in wanted for item in table.columns[name].items))
    standing = tuple(hold for hold in holds if hold.stands_over(system, table.name))
    conditions = [_condition(policy, law, system, table, item, on, standing, at_request=True) for item in items]
    blocked = tuple(one for condition in conditions for one in condition.blocked)
    return (None, blocked) if blocked else (_merged(items, wanted, conditions), ())


def personal_items(table: Table) -> tuple[str, ...]:
    """The items of a table, each once, in column order."""
    return tuple(dict.fromkeys(item for column in table.columns.values() for item in column.items))


def blankable(table: Table) -> tuple[str, ...]:
    """Columns that may be blanked while the row stays: not those by which the row is found, dated and owned."""
    needed = {*table.key, table.acquired, table.partition, table.settled, *table.triggers.values()}
    needed |= {owner.column for owner in table.owners} | {owner.at for owner in table.owners}
    return tuple(name for name, column in table.columns.items() if column.items and name not in needed)


def _condition(
    policy: Policy,
    law: RetentionLaw,
    system: str,
    table: Table,
    item: str,
    on: date,
    holds: tuple[Hold, ...],
    *,
    at_request: bool,
) -> _Condition:
    rules = governing(policy, law, item, table.subject)
    values = {"system": system, "table": table.name, "item": item, "kind": table.subject}
    wanted = [(floor.event(table.triggers), floor.keep, "") for floor in rules.floors]
    blocked: list[NotDue] = []
    if not at_request:
        wanted += [(rule.after, _shorter(rule.keep, rule.ceiling), rule.clause) for rule in rules.periods]
        if not rules.periods:
            blocked.append(NotDue(item=item, code="erasure.no-period", values=values))
    blocked += [
        NotDue(item=item, code="erasure.no-trigger", values=values | {"event": event})
        for event, _, _ in wanted
        if event not in table.triggers
    ]
    claims = [rule for rule in rules.periods if rule.until_settled]
    if claims and table.settled is None:
        blocked.append(NotDue(item=item, code="erasure.no-settled", values=values))
    grounds = grounds_in_force(policy, law)
    blocked += [
        NotDue(item=item, code="erasure.held", values=values | {"hold": hold.id, "ground": hold.ground})
        for hold in holds
        if hold.ground in grounds and hold.covers(item, on)
    ]
    return _Condition(
        past=frozenset(
            Past(table.triggers[event], ended_before(on, keep)) for event, keep, _ in wanted if event in table.triggers
        ),
        terms=frozenset((table.triggers[event], keep) for event, keep, _ in wanted if event in table.triggers),
        settled=frozenset((table.settled,) if claims and table.settled else ()),
        clauses=frozenset(clause for _, _, clause in wanted if clause) | {rule.clause for rule in claims},
        blocked=tuple(blocked),
    )


def _merged(items: tuple[str, ...], columns: tuple[str, ...], conditions: list[_Condition]) -> Due:
    strictest: dict[str, date] = {}
    for past in sorted(one for condition in conditions for one in condition.past):
        strictest.setdefault(past.column, past.before)  # sorted: the earliest bound of a column comes first
    return Due(
        columns=columns,
        items=items,
        past=tuple(Past(column, before) for column, before in strictest.items()),
        settled=tuple(sorted({column for condition in conditions for column in condition.settled})),
        clauses=tuple(sorted({clause for condition in conditions for clause in condition.clauses})),
        terms=tuple(sorted({term for condition in conditions for term in condition.terms})),
    )


def _same(whole: Due, condition: _Condition) -> bool:
    own = _merged((), (), [condition])
    return (whole.past, whole.settled) == (own.past, own.settled)


def _shorter(keep: str, ceiling: str) -> str:
    return ceiling if ceiling and longer(keep, ceiling) else keep
