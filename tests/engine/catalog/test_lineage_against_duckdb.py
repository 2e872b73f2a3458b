"""Lineage against a real engine: change a column's values; every output that changes must name that column."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.engine.catalog.definitions import outputs
from sekisho.engine.catalog.flows import ROWS, Flow, Kind, Origin, Relation
from sekisho.engine.errors import SekishoError

TABLES = {"t": ("a", "b", "k"), "u": ("k", "x", "y"), "w": ("k", "a", "z")}
ROWS_OF_A_TABLE = 5


class ToyReader:
    dialect = "duckdb"

    def find(self, qualifier: str, name: str) -> Relation | None:
        if name not in TABLES:
            return None
        return Relation(
            columns=tuple(
                (column, frozenset({Flow(Origin("s", name, column), Kind.VALUE)})) for column in TABLES[name]
            ),
            rows=frozenset({Flow(Origin("s", name, ROWS), Kind.ROWS)}),
        )


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    made = duckdb.connect(config={"threads": 1})
    for table, columns in TABLES.items():
        made.execute(f"CREATE TABLE {table} ({', '.join(f'{column} BIGINT' for column in columns)})")
    yield made
    made.close()


def fill(connection: duckdb.DuckDBPyConnection, world: dict[str, list[list[int | None]]]) -> None:
    for table, rows in world.items():
        said = ", ".join(f"({', '.join('NULL' if one is None else str(one) for one in row)})" for row in rows)
        connection.execute(f"DELETE FROM {table}; INSERT INTO {table} VALUES {said}")


def answer(connection: duckdb.DuckDBPyConnection, sql: str, width: int) -> list[Counter[Any]] | None:
    """The values of each column, in no order; None where DuckDB won't run it."""
    try:
        rows = connection.execute(sql).fetchall()
    except duckdb.Error:
        return None
    return [Counter(row[at] for row in rows) for at in range(width)]


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_whatever_changes_an_output_is_in_its_lineage(connection: duckdb.DuckDBPyConnection, seed: int) -> None:
    random = Random(seed)
    made = Maker(random).query(random.randint(1, 3))
    try:
        found = outputs(made.sql, ToyReader(), name="q")
    except SekishoError:
        refused_too = answer(connection, made.sql, len(made.columns)) is None
        assert refused_too, made.sql
        return
    assert len(found.columns) == len(made.columns), made.sql
    world: dict[str, list[list[int | None]]] = {
        table: [[random.choice([None, 0, 1, 2, 3, 4]) for _ in columns] for _ in range(ROWS_OF_A_TABLE)]
        for table, columns in TABLES.items()
    }
    fill(connection, world)
    before = answer(connection, made.sql, len(made.columns))
    if before is None:
        return
    for table, columns in TABLES.items():
        for at, column in enumerate([*columns, ROWS]):
            changed = [[*row] for row in world[table]]
            if column == ROWS:
                changed = changed[:2]
            else:
                for row in changed:
                    row[at] = random.choice([None, 0, 1, 2, 3, 5])
            fill(connection, {table: changed})
            after = answer(connection, made.sql, len(made.columns))
            fill(connection, {table: world[table]})
            if after is None:
                continue
            for place, (name, flows) in enumerate(found.columns):
                if before[place] != after[place]:
                    named = {flow.origin for flow in flows | found.rows}
                    assert Origin("s", table, column) in named, f"{name} ← {table}.{column} in {made.sql}"


@dataclass(slots=True)
class Made:
    """A query and the names of its columns."""

    sql: str
    columns: list[str]


@dataclass(slots=True)
class Maker:
    """Makes queries. `ctes` are the WITH names that can be read, with their columns."""

    random: Random
    ctes: dict[str, list[str]] = field(default_factory=dict)
    count: int = 0

    def query(self, depth: int, width: int | None = None) -> Made:
        """A query with `width` columns, or as many as come."""
        kinds = [
            "select",
            "select",
            "select",
            "group",
            "window",
            "union",
            "with",
            "star",
            "limit",
            "recursive",
            "distinct",
        ]
        kind = self.random.choice(kinds if depth else ["select", "group"])
        return getattr(self, f"_{kind}")(depth, width)  # type: ignore[no-any-return]

    def _select(self, depth: int, width: int | None) -> Made:
        text, columns = self._from(depth)
        count = width or self.random.randint(1, 3)
        names = [self._name() for _ in range(count)]
        shown = ", ".join(f"{self._value(columns, depth)} AS {name}" for name in names)
        return Made(f"SELECT {shown} FROM {text}{self._where(columns, depth)}", names)

    def _distinct(self, depth: int, width: int | None) -> Made:
        made = self._select(depth, width)
        return Made(made.sql.replace("SELECT", "SELECT DISTINCT", 1), made.columns)

    def _star(self, depth: int, width: int | None) -> Made:
        if width:
            return self._select(depth, width)
        one = self._table(depth)
        alias, columns = one[1], one[2]
        text = f"{one[0]} AS {alias}"
        if self.random.random() < 0.5:
            other = self._table(depth)
            shared = [name for name in other[2] if name in columns]
            if shared and len(set(other[2])) == len(other[2]):
                kind = self.random.choice(["JOIN", "LEFT JOIN", "FULL JOIN", "SEMI JOIN", "ANTI JOIN"])
                text += f" {kind} {other[0]} AS {other[1]} USING ({shared[0]})"
                if kind not in {"SEMI JOIN", "ANTI JOIN"}:
                    columns = columns + [name for name in other[2] if name != shared[0]]
        names = [self._name() for _ in columns]
        return Made(f"SELECT * FROM (SELECT * FROM {text}) AS {self._name()}({', '.join(names)})", names)

    def _group(self, depth: int, width: int | None) -> Made:
        text, columns = self._from(depth)
        keys = [self._value(columns, 0) for _ in range(self.random.randint(0, 2))]
        count = width or self.random.randint(1, 3)
        pool = [*keys, *(self._aggregate(columns) for _ in range(count + 1))]
        names = [self._name() for _ in range(count)]
        shown = ", ".join(f"{self.random.choice(pool)} AS {name}" for name in names)
        group = f" GROUP BY {', '.join(keys)}" if keys else ""
        having = f" HAVING {self._aggregate(columns)} > {self._number()}" if self.random.random() < 0.4 else ""
        return Made(f"SELECT {shown} FROM {text}{self._where(columns, depth)}{group}{having}", names)

    def _window(self, depth: int, width: int | None) -> Made:
        text, columns = self._from(depth)
        count = width or self.random.randint(1, 3)
        names = [self._name() for _ in range(count)]
        shown = []
        for name in names:
            one, by, order = (self._value(columns, 0) for _ in range(3))
            frame = self.random.choice(
                [f"PARTITION BY {by}", f"ORDER BY {order}", f"PARTITION BY {by} ORDER BY {order}", ""]
            )
            call = self.random.choice(
                [f"sum({one})", f"max({one})", "count(*)", "rank()", f"count({one})", "dense_rank()"]
            )
            shown.append(f"{call} OVER ({frame}) AS {name}")
        qualify = f" QUALIFY {names[0]} > {self._number()}" if self.random.random() < 0.3 else ""
        return Made(f"SELECT {', '.join(shown)} FROM {text}{self._where(columns, depth)}{qualify}", names)

    def _union(self, depth: int, width: int | None) -> Made:
        count = width or self.random.randint(1, 3)
        left, right = self.query(depth - 1, count), self.query(depth - 1, count)
        word = self.random.choice(["UNION", "UNION ALL", "EXCEPT", "INTERSECT", "EXCEPT ALL"])
        return Made(f"(SELECT * FROM ({left.sql})) {word} (SELECT * FROM ({right.sql}))", left.columns)

    def _with(self, depth: int, width: int | None) -> Made:
        inner = self.query(depth - 1)
        name = self.random.choice([self._name(), "t"])  # it may hide a table
        before = dict(self.ctes)
        self.ctes[name] = [self._name() for _ in inner.columns]
        columns = ", ".join(self.ctes[name])
        outer = self._select(depth - 1, width)
        self.ctes = before
        return Made(f"WITH {name}({columns}) AS ({inner.sql}) {outer.sql}", outer.columns)

    def _recursive(self, depth: int, width: int | None) -> Made:
        if width not in (None, 2):
            return self._select(depth, width)
        first = self.query(depth - 1, 2)
        name, n, m = self._name(), self._name(), self._name()
        table, alias, columns = self._table(0)
        step = f"SELECT {n} + 1, {m} + {alias}.{columns[0]} FROM {name} JOIN {table} AS {alias} ON {alias}.{columns[-1]} = {n}"
        sql = f"WITH RECURSIVE {name}({n}, {m}) AS ({first.sql} UNION {step} WHERE {n} < 4 AND abs({m}) < 30) SELECT * FROM {name}"
        return Made(sql, [n, m])

    def _limit(self, depth: int, width: int | None) -> Made:
        inner = self.query(depth - 1, width)
        return Made(f"SELECT * FROM ({inner.sql}) ORDER BY ALL LIMIT {self.random.randint(1, 4)}", inner.columns)

    def _from(self, depth: int) -> tuple[str, list[str]]:
        text, alias, columns = self._table(depth)
        text, names = f"{text} AS {alias}", [f"{alias}.{name}" for name in columns]
        for _ in range(self.random.choice([0, 0, 1, 1, 2]) if depth else 0):
            other, tag, more = self._table(depth - 1)
            own = [f"{tag}.{name}" for name in more]
            kind = self.random.choice(["JOIN", "LEFT JOIN", "CROSS", "LATERAL", "SEMI JOIN", "ANTI JOIN", "FULL JOIN"])
            if kind == "CROSS":
                text += f", {other} AS {tag}"
            elif kind == "LATERAL":
                value, own = self._value(names, 0), [f"{tag}.v"]
                text += f", LATERAL (SELECT {value} + max({more[0]}) AS v FROM {other} AS {self._name()}) AS {tag}"
            else:
                text += f" {kind} {other} AS {tag} ON {self._value(names, 0)} = {self.random.choice(own)}"
            names += [] if kind in {"SEMI JOIN", "ANTI JOIN"} else own
        return text, names

    def _table(self, depth: int) -> tuple[str, str, list[str]]:
        if depth > 0 and self.random.random() < 0.5:
            made = self.query(depth - 1)
            return f"({made.sql})", self._name(), made.columns
        known = TABLES | self.ctes
        name = self.random.choice(sorted(known))
        return name, self._name(), list(known[name])

    def _where(self, columns: list[str], depth: int) -> str:
        return f" WHERE {self._test(columns, depth)}" if self.random.random() < 0.5 else ""

    def _test(self, columns: list[str], depth: int) -> str:
        one = self._value(columns, 0)
        if depth <= 0 or self.random.random() < 0.5:
            return f"{one} {self.random.choice(['<', '>', '<>', '<='])} {self._value(columns, 0)}"
        table, alias, inner = self._table(depth - 1)
        own, other = f"{alias}.{self.random.choice(inner)}", f"{alias}.{self.random.choice(inner)}"
        return self.random.choice(
            [
                f"EXISTS (SELECT 1 FROM {table} AS {alias} WHERE {own} = {one})",
                f"NOT EXISTS (SELECT 1 FROM {table} AS {alias} WHERE {own} > {one} AND {other} < 2)",
                f"{one} IN (SELECT {own} FROM {table} AS {alias} WHERE {other} > {self._number()})",
                f"{one} > (SELECT min({own}) FROM {table} AS {alias} WHERE {other} <> {one})",
            ]
        )

    def _value(self, columns: list[str], depth: int) -> str:
        one, other = self.random.choice(columns), self.random.choice(columns)
        choices = [one, one, f"({one} + {other})", f"coalesce({one}, {self._number()})", f"abs({one})"]
        choices.append(f"CASE WHEN {one} > {self._number()} THEN {other} ELSE {self._number()} END")
        if depth > 0:
            table, alias, inner = self._table(depth - 1)
            own, key = f"{alias}.{self.random.choice(inner)}", f"{alias}.{self.random.choice(inner)}"
            choices.append(f"(SELECT max({own}) FROM {table} AS {alias} WHERE {key} = {one})")
            choices.append(f"CAST(EXISTS (SELECT 1 FROM {table} AS {alias} WHERE {key} = {other}) AS INTEGER)")
            choices.append(f"(SELECT count(*) FROM {table} AS {alias} WHERE {key} > {other})")
        return self.random.choice(choices)

    def _aggregate(self, columns: list[str]) -> str:
        one, other = self._value(columns, 0), self._value(columns, 0)
        choices = [f"sum({one})", f"max({one})", f"min({one})", f"count({one})", f"count(DISTINCT {one})", "count(*)"]
        choices += [f"sum({one}) FILTER (WHERE {other} > {self._number()})", f"max({one} + {other})"]
        return self.random.choice(choices)

    def _number(self) -> int:
        return self.random.randint(-1, 4)

    def _name(self) -> str:
        self.count += 1
        return f"n{self.count}"
