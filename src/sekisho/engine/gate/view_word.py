"""The failing word of every row of a table, as SQL of PostgreSQL: facts by owner and login, cells, retention.

Owners are found by their identifiers at the row's own instant; whoever logs in is found by the login.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from sekisho.engine.catalog.model import Column, Ownership
from sekisho.engine.gate.slots import SLOT, SLOTS, Scope
from sekisho.engine.gate.sql import REFUSED, CellKey, cells_sql
from sekisho.engine.gate.table import Cell
from sekisho.engine.gate.view_columns import quoted
from sekisho.engine.gate.view_plan import Period, TableView, ViewPlan
from sekisho.engine.policy.expression import Kind, names

FACTS = "gate_facts"  # schema of facts and inner views
OWN, OWNED, PAST = SLOT["own_customer"].mask, SLOT["owned_in_interval"].mask, SLOT["past_retention"].mask
OF_ROW = OWNED | PAST
OF_ACTOR = sum(slot.mask for slot in SLOTS if slot.scope is Scope.ACTOR) & ~OWN
OF_PERSON = ~(OF_ROW | OF_ACTOR | OWN) & (1 << 63) - 1  # what the words of a person may bring in
NONE = "CAST(0 AS BIGINT)"
KINDS = {"date": Kind.DATE, "integer": Kind.INTEGER, "boolean": Kind.BOOLEAN, "text": Kind.STRING}


def words_of(purpose: str) -> str:
    """The table with the words of everybody for a purpose."""
    return f"{FACTS}.{quoted(f'words_{purpose}')}"


class RowWord:
    """The word of the rows of one table, read under the alias `t`."""

    def __init__(self, plan: ViewPlan, view: TableView) -> None:
        self.plan, self.view, self.table = plan, view, view.table

    def needs(self) -> tuple[str, ...]:
        """Columns of the table that are read."""
        table = self.table
        found = {one.column.name for one in self.view.shown} | {table.acquired}
        for owner in self.view.owners:
            found |= {owner.column} | ({owner.at} if owner.at else set())
        for period in self.view.periods.values():
            found |= {*period.past, *period.settled}
        return tuple(sorted(found | set(self._attributes().values())))

    def joins(self) -> Iterator[str]:
        """What has to be joined to the table: facts, the login, its owners' words."""
        yield f"LEFT JOIN {FACTS}.facts AS f ON f.purpose = {text(self.plan.purpose)}"
        yield f"LEFT JOIN {FACTS}.logins AS a ON a.login = SESSION_USER"
        told = [f"{self._era()} AS era"]
        for number, owner in enumerate(self.view.owners):
            for class_id in self.view.classes:
                o = quoted(f"o{number}_{class_id}")
                yield self._join(o, owner, class_id)
                known, value = self._facts(o)
                told += [
                    f"{known} AS {quoted(f'k{number}_{class_id}')}",
                    f"{value} AS {quoted(f'v{number}_{class_id}')}",
                ]
        # OFFSET 0: worked out once for each row, instead of once for each place that reads it
        yield f"CROSS JOIN LATERAL (SELECT {', '.join(told)} OFFSET 0) AS x"

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

    def _facts(self, o: str) -> tuple[str, str]:
        """The two words about one owner, for whoever logs in. That a row is past its time is looked at apart."""
        own_known = f"(CASE WHEN a.shop = '' OR {o}.shop <> '' THEN {_bit(OWN)} ELSE {NONE} END)"
        own_value = f"(CASE WHEN a.shop = '' OR {o}.shop = a.shop THEN {_bit(OWN)} ELSE {NONE} END)"
        return (
            f"(({o}.known & {OF_PERSON}) | (a.known & {OF_ACTOR}) | {OWNED | PAST} | {own_known})",
            f"(({o}.value & {OF_PERSON}) | (a.value & {OF_ACTOR}) | {OWNED} | {own_value})",
        )

    def word(self) -> str:
        """Bits that fail for any item of any owner; a row that is nobody's is refused."""
        words: list[str] = []
        owned = " OR ".join(f"t.{quoted(owner.column)} IS NOT NULL" for owner in self.view.owners)
        for number, owner in enumerate(self.view.owners):
            of_items = dict.fromkeys(self._item_word(number, item) for item in self.view.items)
            word = " | ".join((*of_items, *self._past_by_cell(number)))
            words.append(f"(CASE WHEN t.{quoted(owner.column)} IS NULL THEN {NONE} ELSE {word} END)")
        return f"(CASE WHEN {owned} THEN {' | '.join((*words, *self._past()))} ELSE {_bit(REFUSED)} END)"

    def _item_word(self, number: int, item: str) -> str:
        class_id = item.partition(".")[0]
        return self._cells(
            number,
            item,
            dict(self.view.cells[item]),
            f"x.{quoted(f'k{number}_{class_id}')}",
            f"x.{quoted(f'v{number}_{class_id}')}",
        )

    def _cells(self, number: int, item: str, cells: Mapping[CellKey, Cell], known: str, value: str) -> str:
        columns = {name: f"t.{quoted(column)}" for name, column in self._attributes().items()}
        return cells_sql(
            {(era, kind, None): cell for (era, kind, _), cell in cells.items()},
            era="x.era",
            kind=f"{quoted('o{}_{}'.format(number, item.partition('.')[0]))}.kind",
            item="NULL",
            known=known,
            value=value,
            attributes={**columns, "actor.role": "a.role", "today": "f.day"},
            dialect="postgres",
            today=None,
            channel=self.plan.channel,
        )

    def _past(self) -> Iterator[str]:
        """The bit of past retention for items of which every cell asks for it: once for a row, whoever owns it."""
        together: dict[Period, list[str]] = {}
        for item in self.view.items:
            if self._asks_past(item) == {True}:
                together.setdefault(self.view.periods[item], []).append(item)
        for period, items in together.items():
            # Of one column the latest bound speaks for all; several have to be met together, item by item.
            groups = [items] if len(period.past) <= 1 else [[item] for item in items]
            for group in groups:
                known, value = self._period(period, group)
                yield f"(CASE WHEN {known} AND NOT {value} THEN {NONE} ELSE {_bit(PAST)} END)"

    def _past_by_cell(self, number: int) -> Iterator[str]:
        """The same where only some cells of the item ask for it."""
        for item in self.view.items:
            if len(self._asks_past(item)) > 1:
                cells = {
                    key: replace(
                        cell, need=cell.need & PAST, conditions=(), roles=None, failures=(), needs_channel=False
                    )
                    for key, cell in self.view.cells[item].items()
                }
                known, value = self._period(self.view.periods[item], [item])
                yield self._cells(
                    number,
                    item,
                    cells,
                    f"(CASE WHEN {known} THEN {_bit(PAST)} ELSE {NONE} END)",
                    f"(CASE WHEN {value} THEN {_bit(PAST)} ELSE {NONE} END)",
                )

    def _asks_past(self, item: str) -> set[bool]:
        return {bool(cell.need & PAST) for cell in self.view.cells[item].values() if not cell.failures}

    def _period(self, period: Period, items: list[str]) -> tuple[str, str]:
        """Whether it is known, and whether it is so, that a row is past for any of these items: tests that are never null."""
        if not period.judged or not (period.past or period.settled):
            return "false", "false"
        bounds = [self._bound(items, column) for column in period.past]
        known = " AND ".join(f"{bound} IS NOT NULL" for bound in bounds) or "true"
        tests = [f"{self._day(column)} < {bound}" for column, bound in zip(period.past, bounds, strict=True)]
        tests += [f"t.{quoted(column)} IS NOT NULL" for column in period.settled]
        return f"({known})", f"COALESCE({' AND '.join(tests)}, false)"

    def _bound(self, items: list[str], column: str) -> str:
        named = ", ".join(map(text, items))
        return (
            f"(SELECT CASE WHEN pg_catalog.count(*) = {len(items)} THEN pg_catalog.max(b.before) END"  # noqa: S608
            f" FROM {FACTS}.bounds AS b WHERE b.purpose = {text(self.plan.purpose)}"
            f" AND b.source = {text(self.table.name)} AND b.of_column = {text(column)} AND b.item IN ({named}))"
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
        """Names that conditions read -> the one column of that type that holds it; two columns of one item tell nothing."""
        columns: dict[str, list[Column]] = {}
        for column in self.table.columns.values():
            for item in column.items:
                columns.setdefault(item, []).append(column)
        wanted = {
            name.path: name.kind
            for cells in self.view.cells.values()
            for cell in cells.values()
            for condition in cell.conditions
            for name in names(condition.expression)
        }
        return {
            path: columns[path][0].name
            for path, kind in wanted.items()
            if len(columns.get(path, ())) == 1 and kind in (Kind.ANY, KINDS.get(columns[path][0].type))
        }

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
    """A string constant of PostgreSQL."""
    if "\\" in value:
        return "E'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
    return "'" + value.replace("'", "''") + "'"


def _bit(word: int) -> str:
    return f"CAST({word} AS BIGINT)"
