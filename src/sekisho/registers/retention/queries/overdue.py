"""What is due in every table of the data map on one day, what is past its period and stays, what nobody can judge.

Counts say whose period is over, not what leaves the store: what is kept in confidence counts as due until a sweep has
finished, and as gone afterwards (`veil`). What a sweep may touch (`regions_due`) leaves out everything held.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sekisho.connectors.source import Source
from sekisho.engine.catalog.model import System, Table
from sekisho.engine.erasure.due import Due, NotDue, due, personal_items
from sekisho.engine.erasure.floors import RetentionLaw, grounds_in_force
from sekisho.engine.erasure.plan import Step, StepKind
from sekisho.engine.erasure.strategies import AGGREGATE
from sekisho.engine.errors import SekishoError
from sekisho.engine.policy.model import Policy
from sekisho.registers.datamap import queries as datamap_queries
from sekisho.registers.policies import queries as policies
from sekisho.registers.retention.queries.asking import law_on
from sekisho.registers.retention.queries.holding import held_people, holds_over_tables
from sekisho.registers.retention.queries.locating import held_by, opened
from sekisho.registers.retention.queries.veil import veiled_regions
from sekisho.registers.retention.queries.where import Region, leaving_out, of_due, of_person, owned, unowned, with_tests
from sekisho.registers.retention.queries.work import Work, pending


@dataclass(frozen=True, slots=True, kw_only=True)
class DueRows:
    """Rows of one table that may go now, with the step that would do it."""

    step: Step
    label: str
    clauses: tuple[str, ...]
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Rows past the policy's period that stay: on a floor of law, a living claim or a hold."""

    system: str
    table: str
    items: tuple[str, ...]
    ground: str  # floor, claim, hold
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unswept:
    """What nobody may erase because something is not known: reported, never guessed."""

    system: str
    table: str
    item: str
    code: str
    rows: int | None
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue:
    """One look over all systems."""

    on: date
    policy: str
    datamap_sha256: str
    examined: int
    due: tuple[DueRows, ...]
    kept: tuple[Kept, ...]
    unswept: tuple[Unswept, ...]

    @property
    def told(self) -> tuple[DueRows, ...]:
        """What is due, as anybody may hear it."""
        return tuple(one for one in self.due if one.rows)

    @property
    def rows(self) -> int:
        """How many rows are due."""
        return sum(one.rows for one in self.due)


def overdue(on: date, *, at: datetime) -> Overdue:
    """What is due on a Tokyo day under the policy in force at `at`, counted in the stores themselves."""
    datamap, policy = datamap_queries.current(), policies.in_force(at)
    law, examined = law_on(on), 0
    found: list[DueRows] = []
    kept: list[Kept] = []
    unswept: list[Unswept] = []
    for system in sorted(datamap.systems.values(), key=lambda one: (one.erase_order, one.id)):
        try:
            with opened(system.id) as source:
                for table in reversed(tuple(system.tables.values())):
                    veiled = veiled_regions(system.id, table)
                    told = leaving_out(source, table, ((),), veiled)
                    examined += sum(source.count(table.name, region) for region in told)
                    look = _Look(
                        source=source,
                        system=system,
                        table=table,
                        policy=policy,
                        law=law,
                        on=on,
                        veiled=veiled,
                        is_held_apart=held_apart(system.id, table, on),
                    )
                    found.extend(look.due_rows())
                    kept.extend(look.kept_rows())
                    unswept.extend(look.unswept_rows())
        except SekishoError as error:
            unswept.append(Unswept(system=system.id, table="", item="", code=error.code, rows=None))
    return Overdue(
        on=on,
        policy=policy.era,
        datamap_sha256=datamap.sha256,
        examined=examined,
        due=tuple(found),
        kept=tuple(kept),
        unswept=tuple(unswept),
    )


def regions_due(source: Source, policy: Policy, table: Table, step: Step, on: date) -> tuple[Region, ...]:
    """The rows a sweep's step may touch: due, owned by somebody known, held by nobody."""
    regions = with_tests(owned(table), of_due(step.past, step.settled))
    held = held_regions(policy, law_on(on), step.system, table, step.items, on)
    return leaving_out(source, table, regions, held)


def regions_told(source: Source, policy: Policy, table: Table, step: Step, on: date) -> tuple[Region, ...]:
    """The rows whose period is over and that stay on nothing anybody may hear of: what the counts count."""
    regions = with_tests(owned(table), of_due(step.past, step.settled))
    held = held_regions(policy, law_on(on), step.system, table, step.items, on, with_confidential=False)
    return leaving_out(source, table, regions, (*held, *veiled_regions(step.system, table, step.columns)))


def held_regions(
    policy: Policy,
    law: RetentionLaw,
    system: str,
    table: Table,
    items: Iterable[str],
    on: date,
    *,
    with_confidential: bool = True,
) -> tuple[Region, ...]:
    """The rows of people of whom something here is held, on a ground this policy allows."""
    allowed, wanted = grounds_in_force(policy, law), tuple(items)
    found: list[Region] = []
    for person, holds in held_people(on, with_confidential=with_confidential).items():
        if any(
            hold.ground in allowed and hold.stands_over(system, table.name) and any(hold.covers(i, on) for i in wanted)
            for hold in holds
        ):
            held = held_by(person)
            found.extend(region for owner in table.owners for region in of_person(owner, held))
    return tuple(found)


def held_apart(system: str, table: Table, on: date) -> bool:
    """Whether anybody's rows of a table are held for some of their items only."""
    items = personal_items(table)
    return any(
        hold.stands_over(system, table.name) and not all(hold.covers(item, on) for item in items)
        for holds in held_people(on).values()
        for hold in holds
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """One table under the policy on one day."""

    source: Source
    system: System
    table: Table
    policy: Policy
    law: RetentionLaw
    on: date
    veiled: tuple[Region, ...]
    is_held_apart: bool  # somebody's rows are held for some of their items only

    def due_rows(self) -> Iterator[DueRows]:
        """The due steps that find any row; one whose rows are told of as gone already counts none."""
        done: dict[bool, tuple[Region, ...]] = {True: (), False: ()}
        for one in self._dues()[0]:
            step = _step(self.system, self.table, one)
            counts = []
            for is_told in (True, False) if self.veiled else (True,):
                regions = (regions_told if is_told else regions_due)(
                    self.source, self.policy, self.table, step, self.on
                )
                rows = pending(self.source, Work(step=step, table=self.table, regions=regions))
                if one.deletes:
                    done[is_told] = regions
                else:  # rows that go as a whole are not counted again for the columns they would lose
                    rows -= pending(self.source, Work(step=step, table=self.table, regions=done[is_told]))
                counts.append(rows)
            if any(counts):
                label = f"{self.system.label}　{self.table.label}"
                told = counts[0]
                yield DueRows(step=replace(step, expected=told), label=label, clauses=one.clauses, rows=told)

    def kept_rows(self) -> Iterator[Kept]:
        """Rows past the policy's own period that a floor, a claim or a hold keeps."""
        whole = next((one for one in self._dues(policy_only=True)[0] if one.deletes), None)
        if whole is None:
            return
        past = with_tests(owned(self.table), of_due(whole.past, whole.settled))
        by_policy = self._count(past)
        if not by_policy:
            return
        held = held_regions(
            self.policy, self.law, self.system.id, self.table, whole.items, self.on, with_confidential=False
        )
        on_hold = by_policy - self._count(leaving_out(self.source, self.table, past, held))
        blocked = any(one.code == "erasure.held" for one in self._dues()[1])
        due_now = next((one for one in self._dues()[0] if one.deletes), None)
        going = self._count(with_tests(owned(self.table), of_due(due_now.past, due_now.settled))) if due_now else 0
        for ground, rows in (("hold", by_policy if blocked else on_hold), ("floor_or_claim", by_policy - going)):
            if rows > 0 and not (blocked and ground != "hold"):
                yield Kept(system=self.system.id, table=self.table.name, items=whole.items, ground=ground, rows=rows)

    def unswept_rows(self) -> Iterator[Unswept]:
        """What can't be judged: no trigger, no owner."""
        dues, blocked = self._dues()
        for one in blocked:
            if one.code != "erasure.held":
                yield self._unswept(one)
        alone = unowned(self.table)
        if not alone or not dues:
            return
        rows = self.source.count(self.table.name, (*alone, *of_due(dues[0].past, dues[0].settled)))
        if rows:
            yield Unswept(
                system=self.system.id,
                table=self.table.name,
                item="",
                code="retention.owner-unknown",
                rows=rows,
                values={"system": self.system.id, "table": self.table.name},
            )

    def _dues(self, *, policy_only: bool = False) -> tuple[tuple[Due, ...], tuple[NotDue, ...]]:
        law = RetentionLaw(grounds=self.law.grounds) if policy_only else self.law
        policy = _without_claims(self.policy) if policy_only else self.policy
        holds = () if policy_only else holds_over_tables(self.on)
        apart = not policy_only and self.is_held_apart
        return due(policy, law, self.system.id, self.table, self.on, holds=holds, apart=apart)

    def _count(self, regions: Iterable[Region]) -> int:
        return sum(self.source.count(self.table.name, region) for region in regions)

    def _unswept(self, one: NotDue) -> Unswept:
        return Unswept(
            system=self.system.id,
            table=self.table.name,
            item=one.item,
            code=one.code,
            rows=self.source.count(self.table.name),
            values=one.values,
        )


def _step(system: System, table: Table, one: Due) -> Step:
    kind = StepKind.DELETE if one.deletes else StepKind.BLANK
    return Step(
        ordinal=0,
        kind=kind,
        system=system.id,
        table=table.name,
        columns=one.columns,
        items=one.items,
        past=one.past,
        settled=one.settled,
        how=AGGREGATE if one.deletes and table.totals else "",
    )


def _without_claims(policy: Policy) -> Policy:
    return replace(policy, retention=tuple(replace(rule, until_settled=False) for rule in policy.retention))
