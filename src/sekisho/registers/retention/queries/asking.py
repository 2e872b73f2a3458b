"""Why something is still held, and whether it should be: the derivations behind `retention why` and the gate's slot."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache

from sekisho.engine.erasure.due import personal_items
from sekisho.engine.erasure.floors import RetentionLaw, retention_law
from sekisho.engine.erasure.periods import End, Keep, keep_until
from sekisho.engine.erasure.plan import Located
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.pack import law
from sekisho.registers.datamap import queries as datamap_queries
from sekisho.registers.policies import queries as policies
from sekisho.registers.retention.queries.holding import holds_of, holds_over_tables
from sekisho.registers.retention.queries.labels import item_label, role_label
from sekisho.registers.retention.queries.locating import held_by, locate
from sekisho.registers.retention.queries.veil import veiled_regions


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
    found = locate(datamap, held_by(person), without=veiled_regions)
    holds = holds_of(person, on, with_confidential=False)
    longest: dict[tuple[str, str, str, str], Why] = {}
    for group in found.located:
        system = datamap.systems[group.system]
        table = system.tables[group.table]
        role = table.owners[group.path].role
        standing = [hold for hold in holds if hold.stands_over(system.id, table.name)]
        for item in personal_items(table):
            keep = keep_until(policy, law_on(on), item, table.subject, group.events, group.settled, standing, on=on)
            key = (group.system, group.table, role, item)
            longest[key] = _longer(
                longest.get(key),
                group,
                f"{system.label}　{table.label}",
                role,
                keep,
                item_label(policy, item, language),
            )
    named = [replace(one, role_label=role_label(one.role, language)) for one in longest.values()]
    held = sorted(named, key=lambda one: (_rank(one.keep), one.system, one.table), reverse=True)
    return Answer(held=tuple(held), unreadable=tuple(one.values["system"] for one in found.unreadable))


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
