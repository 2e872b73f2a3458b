"""Enforced views for PostgreSQL: judged rows inside, permitted rows outside.

The inner view gives every row its failing word and is granted to nobody. The outer one is a security barrier over it: rows
whose word is 0, columns the purpose may see, nothing at all while the facts are stale. No function of ours is created, so
there is none to call, shadow or replace; every name is written with its schema. Source: DESIGN.md section 5.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sekisho.engine.catalog.model import Ownership
from sekisho.engine.gate.slots import SLOT, SLOTS, Scope
from sekisho.engine.gate.sql import REFUSED, cells_sql
from sekisho.engine.gate.view_columns import Left, quoted
from sekisho.engine.gate.view_plan import TableView, ViewPlan

FACTS = "gate_facts"  # schema of facts and inner views
OWN, OWNED, PAST = SLOT["own_customer"].mask, SLOT["owned_in_interval"].mask, SLOT["past_retention"].mask
OF_ROW = OWNED | PAST
OF_ACTOR = sum(slot.mask for slot in SLOTS if slot.scope is Scope.ACTOR) & ~OWN
OF_PERSON = ~(OF_ROW | OF_ACTOR | OWN) & (1 << 63) - 1  # what the words of a person may bring in
WITHOUT_OWNER = f"CAST({REFUSED} AS BIGINT)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Schemas:
    """Where things stand. The drift check builds what it expects under other names."""

    base: str = "public"
    inner: str = FACTS
    outer: str = ""

    def of(self, purpose: str) -> str:
        """The schema whose views a purpose's role may read."""
        return self.outer or role_of(purpose)


STANDING = Schemas()


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One pair of views."""

    table: str
    base: str
    inner_name: str
    outer_name: str
    inner: str  # CREATE VIEW …
    outer: str
    comment: str
    needs: tuple[str, ...]  # columns of the base table that the definer must be able to read
    left: tuple[Left, ...] = field(default=())


def role_of(purpose: str) -> str:
    """The role of a purpose, which is also the name of its schema."""
    return f"sekisho_{purpose}"


def words_of(purpose: str) -> str:
    """The table with the words of everybody for a purpose."""
    return f"{FACTS}.{quoted(f'words_{purpose}')}"


def views_of(plan: ViewPlan, schemas: Schemas = STANDING) -> tuple[View, ...]:
    """The views of a plan, in the order of the data map."""
    return tuple(_View(plan, view, schemas).made() for view in plan.views)


class _View:
    def __init__(self, plan: ViewPlan, view: TableView, schemas: Schemas) -> None:
        self.plan, self.view, self.schemas = plan, view, schemas
        self.table = view.table
        self.inner_name = f"{schemas.inner}.{quoted(f'{plan.purpose}.{self.table.name}')}"

    def made(self) -> View:
        columns = ", ".join(f"{one.sql('j')} AS {quoted(one.column.name)}" for one in self.view.shown)
        raw = ", ".join(f"t.{quoted(one.column.name)}" for one in self.view.shown)
        base = f"{quoted(self.schemas.base)}.{quoted(self.table.name)}"
        outer = f"{quoted(self.schemas.of(self.plan.purpose))}.{quoted(self.table.name)}"
        joins = "\n  ".join(self._joins())
        duties = sorted({duty for one in self.view.shown for duty in one.duties})
        return View(
            table=self.table.name,
            base=base,
            inner_name=self.inner_name,
            outer_name=outer,
            inner=f"CREATE VIEW {self.inner_name} AS\nSELECT {raw}, {self._word()} AS __failing\n"
            f"FROM {base} AS t\n  {joins}",
            outer=f"CREATE VIEW {outer} WITH (security_barrier = true) AS\nSELECT {columns}\n"
            f"FROM {self.inner_name} AS j\nWHERE j.__failing = 0 AND {self._fresh()}",
            comment=f"{self.plan.label} ({self.plan.clause}, {self.plan.era})"
            + (f": {', '.join(duties)}" if duties else ""),
            needs=tuple(sorted(self._needs())),
            left=self.view.left,
        )

    def _needs(self) -> set[str]:
        table = self.table
        found = {one.column.name for one in self.view.shown} | {table.acquired}
        for owner in self.view.owners:
            found |= {owner.column} | ({owner.at} if owner.at else set())
        for period in self.view.periods.values():
            found |= {*period.past, *period.settled}
        return found | set(self._attributes().values())

    def _fresh(self) -> str:
        """Facts of today, not too old, not behind, of this version: else no row at all."""
        last = f" AND f.day <= DATE '{self.plan.until.isoformat()}'" if self.plan.until else ""
        now = "pg_catalog.clock_timestamp()"  # not now(): a long transaction would stop the clock
        test = (
            f"f.era = {text(self.plan.era)} AND f.day = CAST(pg_catalog.timezone('Asia/Tokyo', {now}) AS date)"  # noqa: S608
            f" AND {now} < f.good_until AND f.epoch >= (SELECT l.epoch FROM {FACTS}.latest AS l)"
            f" AND f.change >= (SELECT l.change FROM {FACTS}.latest AS l){last}"
        )
        return f"(SELECT {test} FROM {FACTS}.facts AS f WHERE f.purpose = {text(self.plan.purpose)})"  # noqa: S608

    def _joins(self) -> Iterator[str]:
        yield f"LEFT JOIN {FACTS}.facts AS f ON f.purpose = {text(self.plan.purpose)}"
        yield f"LEFT JOIN {FACTS}.logins AS a ON a.login = SESSION_USER"
        yield f"CROSS JOIN LATERAL (SELECT {self._era()} AS era) AS e"
        for number, owner in enumerate(self.view.owners):
            for class_id in self.view.classes:
                yield self._join(f"{self._alias(number, class_id)}", owner, class_id)

    def _alias(self, number: int, class_id: str) -> str:
        return quoted(f"o{number}_{class_id}")

    def _join(self, alias: str, owner: Ownership, class_id: str) -> str:
        value = f"CAST(t.{quoted(owner.column)} AS text)"
        words = words_of(self.plan.purpose)
        where = f'w.class = {text(class_id)} AND w."by" = {text(owner.by)} AND w.identifier = {value}'
        if owner.at is None:
            return f"LEFT JOIN {words} AS {alias} ON {where.replace('w.', f'{alias}.')} AND {alias}.sole"
        at = self._instant(owner.at)
        return (
            "LEFT JOIN LATERAL (SELECT pg_catalog.min(w.kind) AS kind, pg_catalog.min(w.known) AS known,"  # noqa: S608
            " pg_catalog.min(w.value) AS value, pg_catalog.min(w.shop) AS shop"
            f" FROM {words} AS w WHERE {where} AND {at} IS NOT NULL"
            f" AND (w.since IS NULL OR w.since <= {at}) AND (w.until IS NULL OR {at} < w.until)"
            f" HAVING pg_catalog.count(DISTINCT w.person) = 1) AS {alias} ON true"
        )

    def _word(self) -> str:
        """Bits that fail for any item of any owner; a row that is nobody's is refused."""
        words: list[str] = []
        owned = " OR ".join(f"t.{quoted(owner.column)} IS NOT NULL" for owner in self.view.owners)
        for number, owner in enumerate(self.view.owners):
            by_item = dict.fromkeys(self._item_word(number, item) for item in self.view.items)
            word = " | ".join(by_item)
            words.append(f"(CASE WHEN t.{quoted(owner.column)} IS NULL THEN CAST(0 AS BIGINT) ELSE {word} END)")
        return f"(CASE WHEN {owned} THEN {' | '.join(words)} ELSE {WITHOUT_OWNER} END)"

    def _item_word(self, number: int, item: str) -> str:
        o = self._alias(number, item.partition(".")[0])
        judged, past = self._past(item)
        own_known, own_value = (
            f"(CASE WHEN a.shop = '' OR {o}.shop <> '' THEN CAST({OWN} AS BIGINT) ELSE CAST(0 AS BIGINT) END)",
            f"(CASE WHEN a.shop = '' OR {o}.shop = a.shop THEN CAST({OWN} AS BIGINT) ELSE CAST(0 AS BIGINT) END)",
        )
        known = f"(({o}.known & {OF_PERSON}) | (a.known & {OF_ACTOR}) | {OWNED} | {own_known} | {judged})"
        value = f"(({o}.value & {OF_PERSON}) | (a.value & {OF_ACTOR}) | {OWNED} | {own_value} | {past})"
        columns = {name: f"t.{quoted(column)}" for name, column in self._attributes().items()}
        return cells_sql(
            {(era, kind, None): cell for (era, kind, _), cell in self.view.cells[item].items()},
            era="e.era",
            kind=f"{o}.kind",
            item="NULL",
            known=known,
            value=value,
            attributes={**columns, "actor.role": "a.role", "today": "f.day"},
            dialect="postgres",
            today=None,
            channel=self.plan.channel,
        )

    def _past(self, item: str) -> tuple[str, str]:
        """The bit of past retention: whether it is known, and whether it stands."""
        period = self.view.periods[item]
        none = "CAST(0 AS BIGINT)"
        if not period.judged or not (period.past or period.settled):
            return none, none
        bounds = [self._bound(item, column) for column in period.past]
        known = " AND ".join(f"{bound} IS NOT NULL" for bound in bounds) or "true"
        tests = [f"{self._day(column)} < {bound}" for column, bound in zip(period.past, bounds, strict=True)]
        tests += [f"t.{quoted(column)} IS NOT NULL" for column in period.settled]
        bit = f"CAST({PAST} AS BIGINT)"
        return (
            f"(CASE WHEN {known} THEN {bit} ELSE {none} END)",
            f"(CASE WHEN {' AND '.join(tests)} THEN {bit} ELSE {none} END)",
        )

    def _bound(self, item: str, column: str) -> str:
        return (
            f"(SELECT b.before FROM {FACTS}.bounds AS b WHERE b.purpose = {text(self.plan.purpose)}"  # noqa: S608
            f" AND b.source = {text(self.table.name)} AND b.item = {text(item)} AND b.of_column = {text(column)})"
        )

    def _era(self) -> str:
        """The version in force when the row was acquired; what came before the first is governed by the first."""
        day = self._day(self.table.acquired)
        begun = [(era, first) for era, first in self.plan.eras if first is not None]
        whens = "".join(
            f" WHEN {day} >= DATE '{first.isoformat()}' THEN {text(era)}"
            for era, first in sorted(begun, key=lambda one: one[1], reverse=True)
        )
        return f"CASE WHEN {day} IS NULL THEN NULL{whens} ELSE {text(self.plan.eras[0][0])} END"

    def _attributes(self) -> Mapping[str, str]:
        """Names that conditions may read -> the one column that holds it; two columns of one item tell nothing."""
        found: dict[str, list[str]] = {}
        for column in self.table.columns.values():
            for item in column.items:
                found.setdefault(item, []).append(column.name)
        wanted = {
            name
            for cells in self.view.cells.values()
            for cell in cells.values()
            for condition in cell.conditions
            for name in names_in(condition.source)
        }
        return {item: columns[0] for item, columns in found.items() if item in wanted and len(columns) == 1}

    def _day(self, column: str) -> str:
        reference = f"t.{quoted(column)}"
        found = self.table.columns.get(column)
        if found is not None and found.type == "timestamp":
            return f"CAST(pg_catalog.timezone('Asia/Tokyo', {reference}) AS date)"
        return reference

    def _instant(self, column: str) -> str:
        reference = f"t.{quoted(column)}"
        found = self.table.columns.get(column)
        if found is not None and found.type == "date":
            return f"pg_catalog.timezone('Asia/Tokyo', CAST({reference} AS timestamp))"
        return reference


def text(value: str) -> str:
    """A string constant."""
    if "\\" in value:
        return "E'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
    return "'" + value.replace("'", "''") + "'"


def names_in(source: str) -> tuple[str, ...]:
    """The names that a condition reads."""
    from sekisho.engine.policy.expression import names, parse

    return tuple(dict.fromkeys(name.path for name in names(parse(source))))
