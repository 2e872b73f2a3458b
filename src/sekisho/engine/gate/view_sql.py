"""Enforced views for PostgreSQL: judged rows inside, permitted rows outside.

The inner view gives every row its failing word and is granted to nobody. The outer one is a security barrier over it: rows
whose word is 0, columns the purpose may see, nothing at all while the facts are stale. No function of ours is created, so
there is none to call, shadow or replace; every name is written with its schema. Source: DESIGN.md section 5.
"""

from dataclasses import dataclass, field

from sekisho.engine.gate.view_columns import Left, Shown, quoted
from sekisho.engine.gate.view_plan import TableView, ViewPlan
from sekisho.engine.gate.view_word import FACTS, RowWord, text


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


def views_of(plan: ViewPlan, schemas: Schemas = STANDING) -> tuple[View, ...]:
    """The views of a plan, in the order of the data map."""
    return tuple(_View(plan, view, schemas).made() for view in plan.views)


class _View:
    def __init__(self, plan: ViewPlan, view: TableView, schemas: Schemas) -> None:
        self.plan, self.view, self.schemas = plan, view, schemas
        self.row = RowWord(plan, view)
        self.table = view.table
        self.inner_name = f"{schemas.inner}.{quoted(f'{plan.purpose}.{self.table.name}')}"

    def made(self) -> View:
        columns = ", ".join(f"{self._value(one)} AS {quoted(one.column.name)}" for one in self.view.shown)
        raw = ", ".join(f"t.{quoted(one.column.name)}" for one in self.view.shown)
        base = f"{quoted(self.schemas.base)}.{quoted(self.table.name)}"
        outer = f"{quoted(self.schemas.of(self.plan.purpose))}.{quoted(self.table.name)}"
        joins = "\n  ".join(self.row.joins())
        duties = sorted({duty for one in self.view.shown for duty in one.duties})
        return View(
            table=self.table.name,
            base=base,
            inner_name=self.inner_name,
            outer_name=outer,
            inner=f"CREATE VIEW {self.inner_name} AS\nSELECT {raw}, {self.row.word()} AS __failing\n"
            f"FROM {base} AS t\n  {joins}",
            outer=f"CREATE VIEW {outer} WITH (security_barrier = true) AS\nSELECT {columns}\n"
            f"FROM {self.inner_name} AS j\nWHERE j.__failing = 0 AND {self._fresh()}",
            comment=f"{self.plan.label} ({self.plan.clause}, {self.plan.era})"
            + (f": {', '.join(duties)}" if duties else ""),
            needs=self.row.needs(),
            left=self.view.left,
        )

    def _value(self, one: Shown) -> str:
        """Only numbers of the carrier's own, by which rows and owners are found, may be looked for before the barrier."""
        numbers = {*self.table.key, *(owner.column for owner in self.view.owners)}
        return one.sql("j", findable=not one.column.items and one.column.name in numbers)

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
