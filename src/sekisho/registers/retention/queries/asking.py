"""Why something is still held, and whether it should be: the derivations behind `retention why` and the gate's slot."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache

from sekisho.connectors.source import IsNull
from sekisho.engine.catalog.model import Table
from sekisho.engine.erasure.due import blankable, personal_items
from sekisho.engine.erasure.floors import RetentionLaw, retention_law
from sekisho.engine.erasure.periods import End, Keep, keep_until
from sekisho.engine.erasure.plan import Held, Located
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.pack import law
from sekisho.registers.datamap import queries as datamap_queries
from sekisho.registers.policies import queries as policies
from sekisho.registers.retention.queries.holding import holds_of, holds_over_tables
from sekisho.registers.retention.queries.labels import item_label, role_label
from sekisho.registers.retention.queries.locating import Days, grouped, held_by, locate, opened
from sekisho.registers.retention.queries.veil import veiled_regions
from sekisho.registers.retention.queries.where import leaving_out, of_person, with_tests


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """One item of a person in one table: how many rows, how long, why."""

    system: str
    table: str
    label: str
    role: str
    rows: int
    keep: Keep
    item_label: str = ""  # the item as the policy calls it
    role_label: str = ""

    def as_json(self, language: str = "ja") -> dict[str, object]:
        """One object of `retention why --json`: DESIGN.md section 8 with the place."""
        return self.keep.as_json(language) | {
            "system": self.system,
            "table": self.table,
            "role": self.role,
            "rows": self.rows,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Why anything is held about a person, and which systems could not be asked."""

    held: tuple[Why, ...]
    unreadable: tuple[str, ...]


def why(person: str, *, at: datetime, language: str = "ja") -> Answer:
    """Everything held about a person with the reason, the longest kept first.

    Confidential holds are never told, nor the rows that only they kept from a finished sweep.
    """
    on, policy, datamap = tokyo_date(at), policies.in_force(at), datamap_queries.current()
    theirs = held_by(person)
    found = locate(datamap, theirs, without=veiled_regions)
    holds = holds_of(person, on, with_confidential=False)
    filled = _Filled(held=theirs)
    longest: dict[tuple[str, str, str, str], Why] = {}
    for group in found.located:
        system = datamap.systems[group.system]
        table = system.tables[group.table]
        role = table.owners[group.path].role
        standing = [hold for hold in holds if hold.stands_over(system.id, table.name)]
        for item in personal_items(table):
            keep = keep_until(policy, law_on(on), item, table.subject, group.events, group.settled, standing, on=on)
            rows = group.count
            if keep.is_past(on) and (columns := _emptied_with(table, item)):
                rows = filled.rows(system.id, table, group, columns)
                if not rows:
                    continue  # a sweep emptied it, or would have: it is held no longer
            key = (group.system, group.table, role, item)
            longest[key] = _longer(
                longest.get(key),
                replace(group, count=rows),
                f"{system.label}　{table.label}",
                role,
                keep,
                item_label(policy, item, language),
            )
    named = [replace(one, role_label=role_label(one.role, language)) for one in longest.values()]
    held = sorted(named, key=lambda one: (_rank(one.keep), one.system, one.table), reverse=True)
    return Answer(held=tuple(held), unreadable=tuple(one.values["system"] for one in found.unreadable))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Filled:
    """How many of a person's rows still hold something in given columns, as anybody may hear it."""

    held: tuple[Held, ...]
    counted: dict[tuple[str, str, int, str], Counter[Days]] = field(default_factory=dict)

    def rows(self, system: str, table: Table, group: Located, columns: Sequence[str]) -> int:
        """At least so many rows of the group hold something in one of the columns."""
        days = (tuple(group.events.items()), group.settled)
        return max(self._counted(system, table, group.path, column)[days] for column in columns)

    def _counted(self, system: str, table: Table, path: int, column: str) -> Counter[Days]:
        """By event days. What a sweep would have emptied but for a hold in confidence counts as emptied."""
        key = (system, table.name, path, column)
        if key not in self.counted:
            found: Counter[Days] = Counter()
            untold = veiled_regions(system, table, (column,))
            with opened(system) as source:
                theirs = leaving_out(source, table, of_person(table.owners[path], self.held), untold)
                for region in with_tests(theirs, (IsNull(column, negated=True),)):
                    found += grouped(source, table, region)
            self.counted[key] = found
        return self.counted[key]


def _emptied_with(table: Table, item: str) -> tuple[str, ...]:
    """The item's columns, where a sweep empties all of them while the row stays; else none."""
    columns = tuple(name for name, column in table.columns.items() if item in column.items)
    return columns if set(columns) <= set(blankable(table)) else ()


def past_retention(
    item: str,
    subject_kind: str,
    events: Mapping[str, date | None],
    on: date,
    *,
    at: datetime,
    settled: bool | None = None,
    person: str = "",
) -> bool | None:
    """Whether every reason to keep the item has ended: the gate's slot. None = nobody can tell, and the gate refuses."""
    holds = holds_of(person, on, with_confidential=False) if person else holds_over_tables(on)
    grounds = law_on(on).grounds
    opening = [hold for hold in holds if hold.ground in grounds and grounds[hold.ground].opens]
    keep = keep_until(policies.in_force(at), law_on(on), item, subject_kind, events, settled, opening, on=on)
    return keep.is_past(on)


@lru_cache(maxsize=16)
def law_on(on: date) -> RetentionLaw:
    """The law of retention as it stands on a Tokyo day."""
    return retention_law(law(on))


def _longer(old: Why | None, group: Located, label: str, role: str, keep: Keep, item: str) -> Why:
    rows = group.count + (old.rows if old else 0)
    governing = old.keep if old and _rank(old.keep) >= _rank(keep) else keep
    return Why(
        system=group.system,
        table=group.table,
        label=label,
        role=role,
        rows=rows,
        keep=governing,
        item_label=item,
        role_label=role_label(role),
    )


def _rank(keep: Keep) -> tuple[int, date]:
    return {End.DATED: 0, End.UNKNOWN: 1, End.OPEN: 2}[keep.end], keep.until or date.max
