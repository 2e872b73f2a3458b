"""Lineage of single constructs: what each column comes from, and what refuses to be traced."""

from dataclasses import replace

import pytest

from sekisho.engine.catalog.definitions import fingerprint, outputs
from sekisho.engine.catalog.flows import ROWS, Flow, Kind, Origin, Relation
from sekisho.engine.errors import SekishoError

TABLES = {"t": ("a", "b", "c", "k"), "u": ("k", "x", "y"), "nested": ("items", "i")}


class Toy:
    def __init__(self, dialect: str) -> None:
        self.dialect = dialect

    def find(self, qualifier: str, name: str) -> Relation | None:
        if name not in TABLES or qualifier not in {"", "main"}:
            return None
        return Relation(
            columns=tuple(
                (column, frozenset({Flow(Origin("s", name, column), Kind.VALUE)})) for column in TABLES[name]
            ),
            rows=frozenset({Flow(Origin("s", name, ROWS), Kind.ROWS)}),
        )


def read(sql: str, dialect: str = "duckdb") -> Relation:
    return outputs(sql, Toy(dialect), name="s.v")


def said(sql: str, dialect: str = "duckdb") -> dict[str, str]:
    """Per column its value origins, then `|` and its influences; rows apart under `*`."""
    relation = read(sql, dialect)
    told = {}
    for name, flows in (*relation.columns, ("*", relation.rows)):
        values = sorted(f"{flow.origin.table}.{flow.origin.column}" for flow in flows if flow.kind is Kind.VALUE)
        others = sorted(
            f"{flow.kind} {flow.origin.table}.{flow.origin.column}" for flow in flows if flow.kind != "value"
        )
        told[name] = f"{' '.join(values)} | {', '.join(others)}".strip().removesuffix("|").strip()
    return told


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT a + b AS s FROM t", {"s": "t.a t.b", "*": "| rows t.*"}),
        ("SELECT a FROM t WHERE b > 1", {"a": "t.a", "*": "| filter t.b, rows t.*"}),
        ("SELECT count(*) AS n FROM t", {"n": "t.*", "*": "| rows t.*"}),
        ("SELECT a, max(b) AS m FROM t GROUP BY 1 HAVING min(c) > 0", {"a": "t.a", "m": "t.b", "*": "| filter t.c, group t.a, rows t.*"}),
        ("SELECT t.a FROM t JOIN u ON t.k = u.k", {"a": "t.a", "*": "| join t.k, join u.k, rows t.*, rows u.*"}),
        ("SELECT k FROM t FULL JOIN u USING (k)", {"k": "t.k u.k", "*": "| join t.k, join u.k, rows t.*, rows u.*"}),
        ("SELECT a FROM t SEMI JOIN u USING (k)", {"a": "t.a", "*": "| join t.k, join u.k, rows t.*, rows u.*"}),
        ("SELECT a FROM t WHERE k IN (SELECT k FROM u WHERE y > 0)", {"a": "t.a", "*": "| filter t.k, filter u.*, filter u.k, filter u.y, rows t.*"}),
        ("SELECT (SELECT max(x) FROM u WHERE u.k = t.k) AS m FROM t", {"m": "u.x | filter t.k, filter u.k, rows u.*", "*": "| rows t.*"}),
        ("SELECT EXISTS (SELECT 1 FROM u WHERE u.k = t.k) AS e FROM t", {"e": "t.k u.* u.k", "*": "| rows t.*"}),
        ("SELECT sum(a) OVER (PARTITION BY b ORDER BY c) AS s FROM t", {"s": "t.a | order t.c, window t.b", "*": "| rows t.*"}),
        ("SELECT rank() OVER (ORDER BY c) AS r FROM t", {"r": "t.* t.c | order t.c", "*": "| rows t.*"}),
        ("SELECT sum(a) OVER w AS s FROM t WINDOW w AS (PARTITION BY b)", {"s": "t.a | window t.b", "*": "| rows t.*"}),
        ("SELECT sum(a) FILTER (WHERE b > 0) AS s FROM t", {"s": "t.a | filter t.b", "*": "| rows t.*"}),
        ("SELECT CASE WHEN a > 0 THEN b ELSE 0 END AS c FROM t", {"c": "t.a t.b", "*": "| rows t.*"}),
        ("WITH q AS (SELECT k, sum(a) AS s FROM t GROUP BY k) SELECT s FROM q JOIN u USING (k)", {"s": "t.a", "*": "| group t.k, join t.k, join u.k, rows t.*, rows u.*"}),
        ("WITH t AS (SELECT x AS a FROM u) SELECT a FROM t", {"a": "u.x", "*": "| rows u.*"}),
        ("SELECT a FROM t UNION ALL SELECT x FROM u", {"a": "t.a u.x", "*": "| rows t.*, rows u.*"}),
        ("SELECT a FROM t EXCEPT SELECT x FROM u", {"a": "t.a u.x", "*": "| group t.a, group u.x, rows t.*, rows u.*"}),
        ("SELECT * EXCLUDE (a) REPLACE (b + c AS b) FROM t", {"b": "t.b t.c", "c": "t.c", "k": "t.k", "*": "| rows t.*"}),
        ("SELECT t FROM t", {"t": "t.a t.b t.c t.k", "*": "| rows t.*"}),
        ("SELECT DISTINCT ON (b) a FROM t ORDER BY c", {"a": "t.a", "*": "| group t.b, order t.c, rows t.*"}),
        ("SELECT a FROM t ORDER BY b LIMIT 1", {"a": "t.a", "*": "| order t.b, rows t.*"}),
        ("SELECT v FROM t, LATERAL (SELECT t.a + x AS v FROM u) AS l", {"v": "t.a u.x", "*": "| rows t.*, rows u.*"}),
        ("SELECT e FROM nested, unnest(items) AS n(e)", {"e": "nested.items", "*": "| rows nested.*, rows nested.items"}),
        ("SELECT list_transform(items, z -> z + i) AS l FROM nested", {"l": "nested.i nested.items", "*": "| rows nested.*"}),
        ("SELECT items.name.first AS f FROM nested", {"f": "nested.items", "*": "| rows nested.*"}),
        ("SELECT a AS d, d + b AS e FROM t", {"d": "t.a", "e": "t.a t.b", "*": "| rows t.*"}),
        ("SELECT a FROM t UNION ALL BY NAME SELECT x AS b FROM u", {"a": "t.a", "b": "u.x", "*": "| rows t.*, rows u.*"}),
        ("SELECT z.a FROM (t JOIN u USING (k)) AS z", {"a": "t.a", "*": "| join t.k, join u.k, rows t.*, rows u.*"}),
    ],
)  # fmt: skip
def test_each_construct_says_what_flows(sql: str, expected: dict[str, str]) -> None:
    assert said(sql) == expected


def test_a_recursive_with_is_read_until_nothing_more_flows_in() -> None:
    sql = "WITH RECURSIVE r(n, z) AS (SELECT a, b FROM t UNION ALL SELECT z, x FROM r JOIN u ON u.k = r.n) SELECT n FROM r"
    assert said(sql)["n"] == "t.a t.b u.x"


def test_an_outer_column_is_not_lost_to_a_name_given_inside() -> None:
    # PostgreSQL reads `a` of the inner WHERE as the outer column, DuckDB as the inner alias: both count.
    assert "filter t.a" in said("SELECT (SELECT max(x) AS a FROM u WHERE a > 0) AS m FROM t")["m"]


def test_postgresql_puts_joined_columns_first() -> None:
    sql = "SELECT * FROM u JOIN (SELECT y, k, x FROM u) AS o USING (x) UNION ALL SELECT a, b, c, k, a FROM t"
    assert [name for name, _ in read(sql, "postgres").columns] == ["x", "k", "y", "y", "k"]
    assert [name for name, _ in read(sql, "duckdb").columns] == ["k", "x", "y", "y", "k"]


def test_create_view_and_its_column_list_are_read() -> None:
    assert said("CREATE VIEW v(p, q) AS SELECT a, b FROM t", "sqlite") == {"p": "t.a", "q": "t.b", "*": "| rows t.*"}


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("SELECT nobody FROM t", "catalog.unresolved-name"),
        ("SELECT a FROM elsewhere.t", "catalog.unresolved-name"),
        ("SELECT a FROM other_file.main.t", "catalog.unresolved-name"),
        ("SELECT * FROM t PIVOT (sum(a) FOR b IN (1, 2))", "catalog.untraced"),
        ("SELECT * FROM read_csv('x.csv')", "catalog.untraced"),
        ("SELECT * FROM 'x.parquet'", "catalog.unresolved-name"),
        ("SELECT * FROM query('SELECT a FROM t')", "catalog.untraced"),
        ("SELECT my_own(a) FROM t", "catalog.unknown-function"),
        ("SELECT COLUMNS('.*') FROM t", "catalog.untraced"),
        ("SELECT a FROM t UNION SELECT k, x FROM u", "catalog.uneven-union"),
        ("WITH d AS (DELETE FROM t RETURNING a) SELECT a FROM d", "catalog.untraced"),
        ("DELETE FROM t", "catalog.unparsable-definition"),
        ("SELECT a FROM t; SELECT b FROM t", "catalog.unparsable-definition"),
        ("SELECT FROM WHERE '08012345678", "catalog.unparsable-definition"),
        ("SELECT sum(a) OVER nowhere FROM t", "catalog.unresolved-name"),
    ],
)
def test_what_cannot_be_traced_is_refused_with_its_code(sql: str, code: str) -> None:
    with pytest.raises(SekishoError) as refused:
        read(sql)
    assert refused.value.code == code
    assert "0801" not in refused.value.message()


def test_very_deep_sql_is_refused_not_crashed() -> None:
    with pytest.raises(SekishoError):
        read(f"SELECT {'(' * 3000}a{')' * 3000} FROM t")


def test_a_fingerprint_forgets_spacing_and_comments_and_nothing_else() -> None:
    one = fingerprint("select a, b from t -- all of it", "duckdb")
    assert one == fingerprint("SELECT a,\n  b\nFROM t", "duckdb")
    assert one != fingerprint("SELECT a, b FROM t WHERE a > 1", "duckdb")
    assert fingerprint("not sql (", "duckdb") != fingerprint("not sql ((", "duckdb")


class Unordered(Toy):
    """As the data map knows tables: their columns, not their order."""

    def find(self, qualifier: str, name: str) -> Relation | None:
        found = super().find(qualifier, name)
        return replace(found, is_ordered=False) if found else None


def test_a_position_in_a_star_may_mean_any_of_its_columns() -> None:
    sql = "SELECT p FROM (SELECT * FROM u) AS o(p, q, r)"
    for reader, expected in ((Toy("duckdb"), {"k"}), (Unordered("duckdb"), {"k", "x", "y"})):
        ((_, flows),) = outputs(sql, reader, name="v").columns
        assert {flow.origin.column for flow in flows} == expected
    union = "SELECT k AS a, x AS b, y AS c FROM u UNION ALL SELECT * FROM u"
    ((_, flows), *_) = outputs(union, Unordered("duckdb"), name="v").columns
    assert {flow.origin.column for flow in flows} == {"k", "x", "y"}
    ((_, named), *_) = outputs("SELECT * FROM u", Unordered("duckdb"), name="v").columns
    assert {flow.origin.column for flow in named} == {"k"}
