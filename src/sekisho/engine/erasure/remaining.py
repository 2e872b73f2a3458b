"""What stays of a person, why and until when; and what stays only because something that stays refers to it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from sekisho.engine.catalog.model import DataMap, Ownership, PartyErasure, Table
from sekisho.engine.erasure.due import blankable, personal_items
from sekisho.engine.erasure.floors import Hold, RetentionLaw
from sekisho.engine.erasure.order import Link
from sekisho.engine.erasure.periods import ROOM, End, keep_until
from sekisho.engine.erasure.steps import Located, Step, StepKind
from sekisho.engine.errors import text
from sekisho.engine.policy.model import Policy

UNTOLD = "other"  # the rule of what only a hold keeps, whichever it is: one asked for in confidence is like any
REFERRED = "reference"  # the rule of a row that stays because a row that is kept refers to it


@dataclass(frozen=True, slots=True, kw_only=True)
class Retained:
    """Rows that law, a living claim or a hold keeps: 留保. `until` None = no day known yet.

    `UNTOLD`: what a hold keeps. Neither ground nor paper nor day is told, for one asked for in confidence may be it.
    """

    system: str
    table: str
    role: str
    item: str
    rule: str = UNTOLD
    clause: str = ""
    article: str = ""
    until: date | None = None
    end: End = End.OPEN
    count: int = 0
    says: str = ""

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
class Referred:
    """Rows a store will not let go of while rows that are kept refer to them: all but their keys is blanked."""

    datamap: DataMap
    links: tuple[Link, ...]
    retained: tuple[Retained, ...]
    located: tuple[Located, ...]

    def steps(self, step: Step) -> Iterator[Step]:
        """The step, or what may be done of it."""
        if step.kind is not StepKind.DELETE or (step.system, step.table) not in self._because():
            yield step
            return
        columns = blankable(self.datamap.systems[step.system].tables[step.table])
        if columns:
            yield replace(step, kind=StepKind.BLANK, columns=columns, how="")

    def retained_too(self) -> Iterator[Retained]:
        """Said like everything else that stays, with the day and the article of what refers."""
        for (system, table), why in self._because().items():
            for path, owner in enumerate(self.datamap.systems[system].tables[table].owners):
                count = sum(o.count for o in self.located if (o.system, o.table, o.path) == (system, table, path))
                if count:
                    yield replace(why, table=table, role=owner.role, rule=REFERRED, count=count)

    def _because(self) -> Mapping[tuple[str, str], Retained]:
        """(system, table) -> what stays longest of what refers to it, directly or not."""
        longest: dict[tuple[str, str], Retained] = {}
        for one in self.retained:
            known = longest.get((one.system, one.table))
            longest[one.system, one.table] = one if known is None else _later(known, one)
        found: dict[tuple[str, str], Retained] = {}
        waiting = list(longest)
        while waiting:
            system, table = waiting.pop()
            for link in self.links:
                parent = (system, link.parent)
                if link.enforced and (link.system, link.child) == (system, table) and link.child != link.parent:
                    why = found.get((system, table)) or longest[system, table]
                    if parent not in found and link.parent in self.datamap.systems[system].tables:
                        found[parent] = why
                        waiting.append(parent)
        return found


def _later(one: Retained, other: Retained) -> Retained:
    if one.until is None or other.until is None:
        return one if one.until is None else other
    return max(one, other, key=lambda kept: kept.until or date.max)


def retained(
    datamap: DataMap,
    policy: Policy,
    law: RetentionLaw,
    located: tuple[Located, ...],
    holds: tuple[Hold, ...],
    on: date,
) -> Iterator[Retained]:
    """What law, a living claim or a hold keeps, one line for each table, item, reason and last day."""
    merged: dict[tuple[str, ...], tuple[Retained, int]] = {}
    for group in located:
        table = datamap.systems[group.system].tables[group.table]
        owner = table.owners[group.path]
        standing = [hold for hold in holds if hold.stands_over(group.system, group.table)]
        for item in _owned_items(table, owner):
            keep, told = (
                keep_until(policy, law, item, table.subject, group.events, group.settled, some, on=on, at_request=True)
                for some in (standing, [])
            )
            if keep.is_past(on):
                continue
            untold = text(ROOM, "erasure.untold", "ja", {})
            one = Retained(system=group.system, table=group.table, role=owner.role, item=item, says=untold)
            if not told.is_past(on):
                reason = told.because[0]
                one = replace(
                    one,
                    rule=reason.rule.value,
                    clause=reason.clause,
                    article=reason.article,
                    until=told.until,
                    end=told.end,
                    says=reason.says,
                )
            key = (group.system, group.table, owner.role, item, one.rule, str(one.until), one.end.value)
            merged[key] = (one, merged.get(key, (one, 0))[1] + group.count)
    for one, count in merged.values():
        yield replace(one, count=count)


def living(datamap: DataMap, located: tuple[Located, ...], endings: frozenset[str]) -> Iterator[Living]:
    """Relations that stand and claims that are not settled, counted."""
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
