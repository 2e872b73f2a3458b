"""What a query may be: one SELECT of listed parts, over what the purpose may see, made anew."""

import pytest

from sekisho.engine.gate.query import plan_query
from sekisho.engine.gate.query_schema import QueryRefused, QuerySchema, SchemaColumn, SchemaTable


def table(system: str, called: str, **columns: str) -> SchemaTable:
    """`-text` is a hidden column."""
    return SchemaTable(
        system=system,
        name=called,
        owners=("customer_no",) if "customer_no" in columns else ("",),
        columns={
            column: SchemaColumn(
                name=column,
                type=told.strip("-"),
                shown=not told.startswith("-"),
                item=f"x.{column}",
                clause="B-1",
                code="c",
            )
            for column, told in columns.items()
        },
    )


TABLES = (
    table("crm", "people", customer_no="text", sex="text", born="integer", name="-text"),
    table("billing", "bills", customer_no="text", yen="integer", method="text"),
    table("hr", "staff", name="-text"),
)
SCHEMA = QuerySchema(tables={one.full_name: one for one in TABLES})


def planned(query: str, size: int = 0) -> str:
    return plan_query(query, SCHEMA, minimum_group=lambda *_: size).text


def code(query: str, size: int = 0) -> str:
    with pytest.raises(QueryRefused) as raised:
        planned(query, size)
    return raised.value.code


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("EXPLAIN SELECT 1", "query.not-a-select"),
        ("PRAGMA database_list", "query.not-a-select"),
        ("COPY (SELECT 1) TO 'x.csv'", "query.not-a-select"),
        ("ATTACH 'x' AS y", "query.not-a-select"),
        ("SET memory_limit = '1GB'", "query.not-a-select"),
        ("PREPARE q AS SELECT 1", "query.not-a-select"),
        ("FROM crm.people", "query.not-a-select"),
        ("VALUES (1)", "query.not-a-select"),
        ("DELETE FROM crm.people", "query.not-a-select"),
        ("WITH a AS (DELETE FROM crm.people RETURNING sex) SELECT * FROM a", "query.part-not-allowed"),
        ("SELECT 1; SELECT 2", "query.more-than-one"),
        ("SELECT $1", "query.part-not-allowed"),
        ("SELECT ?", "query.part-not-allowed"),
        ("SELECT :name", "query.not-understood"),
        ("SELECT sex INTO OUTFILE 'x' FROM crm.people", "query.not-understood"),
        ("SELECT * FROM read_parquet('x')", "query.part-not-allowed"),
        ("SELECT * FROM read_csv_auto('/etc/passwd')", "query.part-not-allowed"),
        ("SELECT * FROM glob('*')", "query.part-not-allowed"),
        ("SELECT * FROM 'x.parquet'", "query.unknown-table"),
        ('SELECT * FROM "/etc/passwd"', "query.unknown-table"),
        ("SELECT * FROM duckdb_settings()", "query.part-not-allowed"),
        ("SELECT * FROM information_schema.tables", "query.unknown-table"),
        ("SELECT * FROM people", "query.unknown-table"),
        ("SELECT * FROM other.crm.people", "query.part-not-allowed"),
        ("SELECT getenv('HOME')", "query.part-not-allowed"),
        ("SELECT * FROM crm.people, LATERAL (SELECT 1)", "query.part-not-allowed"),
        ("SELECT * FROM crm.people TABLESAMPLE 10%", "query.part-not-allowed"),
        ("SELECT * FROM crm.people PIVOT (count(*) FOR sex IN ('m'))", "query.part-not-allowed"),
        ("SELECT * FROM crm.people NATURAL JOIN billing.bills", "query.part-not-allowed"),
        ("SELECT * FROM crm.people POSITIONAL JOIN billing.bills", "query.part-not-allowed"),
        ("SELECT COLUMNS('.*') FROM crm.people", "query.part-not-allowed"),
        ("SELECT sex FROM crm.people FOR UPDATE", "query.part-not-allowed"),
        ("SELECT error('x')", "query.part-not-allowed"),
        ("SELECT list(sex) FROM crm.people", "query.part-not-allowed"),
        ("SELECT sex FROM crm.people LIMIT (SELECT max(born) FROM crm.people)", "query.part-not-allowed"),
        ("SELECT sex FROM crm.people LIMIT 1 + 1", "query.part-not-allowed"),
        ("SELECT sex FROM crm.people LIMIT 1 OFFSET (SELECT 1)", "query.part-not-allowed"),
        ("SELECT s FROM crm.people AS s", "query.whole-row"),
        ("SELECT count(s) FROM crm.people AS s", "query.whole-row"),
        ("SELECT CAST(s AS VARCHAR) FROM crm.people AS s", "query.whole-row"),
        ("SELECT name FROM crm.people", "query.hidden-column"),
        ("SELECT NAME FROM CRM.People", "query.hidden-column"),
        ("SELECT p.name FROM crm.people AS p", "query.hidden-column"),
        ("SELECT sex FROM crm.people ORDER BY name", "query.hidden-column"),
        ("SELECT sex FROM crm.people WHERE name LIKE 'a%'", "query.hidden-column"),
        ("SELECT sex FROM crm.people GROUP BY sex HAVING max(name) > 'a'", "query.hidden-column"),
        ("SELECT row_number() OVER (ORDER BY name) FROM crm.people", "query.hidden-column"),
        ("SELECT count(*) FROM billing.bills JOIN crm.people USING (name)", "query.hidden-column"),
        ("SELECT (SELECT max(name) FROM crm.people) FROM billing.bills", "query.hidden-column"),
        ("WITH a AS (SELECT name AS x FROM crm.people) SELECT x FROM a", "query.hidden-column"),
        ("SELECT count(*) FROM hr.staff", "query.hidden-table"),
        ("SELECT nothing FROM crm.people", "query.unknown-column"),
        ("WITH people AS (SELECT 1 AS a) SELECT a FROM people", "query.name-taken"),
        ("WITH crm AS (SELECT 1 AS a) SELECT a FROM crm", "query.name-taken"),
        ('SELECT "ｎａｍｅ" FROM crm.people', "query.name-not-plain"),
        ("SELECT se\u200bx FROM crm.people", "query.name-not-plain"),
        ('SELECT 1 AS "\u212aey"', "query.name-not-plain"),
        ('SELECT "__sekisho_person_0" FROM crm.people', "query.name-reserved"),
        ("SELECT " + "(" * 60 + "1" + ")" * 60, "query.too-deep"),
        ("SELECT " + "NOT " * 60 + "true", "query.too-deep"),
        ("SELECT " + "1+" * 20_000 + "1", "query.too-long"),
        ("SELECT '", "query.not-understood"),
        ("", "query.not-a-select"),
    ],
)
def test_refused(query: str, expected: str) -> None:
    assert code(query) == expected


def test_a_refusal_says_which_column_and_which_clause() -> None:
    with pytest.raises(QueryRefused) as raised:
        planned("SELECT sex FROM crm.people ORDER BY name")
    told = raised.value.as_json()
    assert (told["column"], told["clause"]) == ("crm.people.name", "B-1")


def test_a_star_shows_what_may_be_seen_and_nothing_else() -> None:
    assert "name" not in planned("SELECT * FROM crm.people")
    assert "name" not in planned("WITH a AS (SELECT * FROM crm.people) SELECT * FROM a")
    assert '"born"' in planned("SELECT * EXCLUDE (sex) FROM crm.people")


def test_comments_and_case_do_not_survive() -> None:
    assert planned("SELECT /* x */ SEX -- y\nFROM CRM.PEOPLE") == planned("select sex from crm.people")


def test_names_of_the_answer_may_be_japanese() -> None:
    assert '"性別"' in planned("SELECT sex AS 性別 FROM crm.people")


def test_used_columns_are_told() -> None:
    plan = plan_query(
        "SELECT p.sex FROM crm.people AS p JOIN billing.bills AS b USING (customer_no) WHERE b.yen > 1", SCHEMA
    )
    assert plan.used == {
        ("crm", "people", "sex"),
        ("crm", "people", "customer_no"),
        ("billing", "bills", "customer_no"),
        ("billing", "bills", "yen"),
    }
    assert "1" not in plan.shape.partition("WHERE")[2]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT sex FROM crm.people", "query.rows-under-group"),
        ("SELECT DISTINCT sex FROM crm.people", "query.rows-under-group"),
        ("SELECT sex FROM crm.people UNION ALL SELECT sex FROM crm.people", "query.rows-under-group"),
        ("SELECT max(born) FROM crm.people", "query.figure-under-group"),
        ("SELECT sex, count(*) FROM crm.people GROUP BY sex HAVING min(born) > 1", "query.figure-under-group"),
        ("SELECT sex, count(*) FROM crm.people GROUP BY sex ORDER BY max(born)", "query.figure-under-group"),
        ("SELECT sum(CASE WHEN sex = 'f' THEN 1 ELSE 0 END) FROM crm.people", "query.argument-under-group"),
        (
            "SELECT sum(x) FROM (SELECT CASE WHEN sex = 'f' THEN 1 END AS x FROM crm.people) AS t",
            "query.argument-under-group",
        ),
        ("SELECT count(*) FROM crm.people WHERE EXISTS (SELECT 1 FROM billing.bills)", "query.part-under-group"),
        ("SELECT count(*) FROM crm.people WHERE born = (SELECT max(yen) FROM billing.bills)", "query.part-under-group"),
        (
            "SELECT count(*) FROM crm.people WHERE customer_no IN (SELECT customer_no FROM billing.bills)",
            "query.part-under-group",
        ),
        ("SELECT count(*) OVER () FROM crm.people", "query.part-under-group"),
        ("SELECT (SELECT count(*) FROM crm.people WHERE born = 1950) AS n", "query.part-under-group"),
        ("SELECT EXISTS (SELECT 1 FROM crm.people WHERE born = 1950) AS n", "query.part-under-group"),
        ("SELECT 1 AS one WHERE 1950 IN (SELECT born FROM crm.people)", "query.part-under-group"),
        ("SELECT 1 AS one ORDER BY (SELECT max(born) FROM crm.people)", "query.part-under-group"),
        (
            "WITH a AS (SELECT count(*) AS n FROM crm.people) SELECT n FROM a WHERE n > (SELECT max(born) FROM crm.people)",
            "query.part-under-group",
        ),
        (
            "SELECT count(*) AS n FROM crm.people UNION ALL SELECT count(*) FROM billing.bills ORDER BY (SELECT 1)",
            "query.part-under-group",
        ),
        ("SELECT sum(1 / (born - 1950)) FROM crm.people", "query.argument-under-group"),
        ("SELECT sum(born / 0) FROM crm.people", "query.argument-under-group"),
        ("SELECT count(*) FROM ((SELECT born FROM crm.people) LIMIT 3) AS t", "query.rows-under-group"),
        ("SELECT count(*) FROM (SELECT born FROM crm.people ORDER BY born LIMIT 10) AS t", "query.rows-under-group"),
    ],
)
def test_refused_where_only_groups_leave(query: str, expected: str) -> None:
    assert code(query, 10) == expected


def test_groups_are_counted_by_person_and_figures_by_contributor() -> None:
    text = planned("SELECT sex, sum(born) FILTER (WHERE born > 1950) AS s FROM crm.people GROUP BY sex", 10)
    assert text.count(">= 10") == 2
    assert "CASE WHEN" in text


def test_what_is_summed_by_person_inside_is_counted_outside() -> None:
    query = "SELECT n, count(*) AS k FROM (SELECT customer_no, count(*) AS n FROM billing.bills GROUP BY customer_no) AS t GROUP BY n"
    text = planned(query, 10)
    assert text.count("HAVING") == 1
    assert text.index("HAVING") > text.index(") AS")


def test_groups_inside_are_held_to_the_size_and_probed() -> None:
    plan = plan_query(
        "WITH a AS (SELECT sex, count(*) AS n FROM crm.people GROUP BY sex) SELECT max(n) AS m FROM a",
        SCHEMA,
        minimum_group=lambda *_: 10,
    )
    assert ">= 10" in plan.text
    assert len(plan.probes) == 1
    assert plan.groups == ()


def test_rows_about_people_without_any_item_are_refused_and_plain_tables_are_not() -> None:
    column = SchemaColumn(name="a", type="text", shown=True)
    bare = SchemaTable(system="crm", name="bare", columns={"a": column}, owners=("a",))
    plain = SchemaTable(system="crm", name="plain", columns={"a": column})
    schema = QuerySchema(tables={one.full_name: one for one in (bare, plain)})
    with pytest.raises(QueryRefused) as raised:
        plan_query("SELECT count(*) FROM crm.bare", schema)
    assert raised.value.code == "query.table-without-items"
    assert plan_query("SELECT a FROM crm.plain", schema).tables == (("crm", "plain"),)


PER_PERSON = (
    "SELECT n, count(*) AS k FROM (SELECT {key} AS c, count(*) AS n FROM {joined} GROUP BY {key}) AS t GROUP BY n"
)


@pytest.mark.parametrize(
    ("key", "joined", "is_free"),
    [
        ("p.customer_no", "crm.people AS p JOIN billing.bills AS b ON b.customer_no = p.customer_no", True),
        ("b.customer_no", "crm.people AS p JOIN billing.bills AS b ON b.customer_no = p.customer_no", True),
        ("p.customer_no", "crm.people AS p, billing.bills AS b WHERE b.customer_no = p.customer_no", True),
        ("p.customer_no", "crm.people AS p LEFT JOIN billing.bills AS b ON b.customer_no = p.customer_no", True),
        # whoever has no bill would stand, uncounted, in the group of nobody
        ("b.customer_no", "crm.people AS p LEFT JOIN billing.bills AS b ON b.customer_no = p.customer_no", False),
        ("p.customer_no", "crm.people AS p RIGHT JOIN billing.bills AS b ON b.customer_no = p.customer_no", False),
        ("b.customer_no", "crm.people AS p RIGHT JOIN billing.bills AS b ON b.customer_no = p.customer_no", True),
        ("p.customer_no", "crm.people AS p FULL JOIN billing.bills AS b ON b.customer_no = p.customer_no", False),
        ("p.customer_no", "crm.people AS p JOIN billing.bills AS b ON b.yen > p.born", False),
        (
            "p.customer_no",
            "crm.people AS p JOIN billing.bills AS b ON b.customer_no = p.customer_no OR b.yen > 1",
            False,
        ),
        ("p.customer_no", "crm.people AS p JOIN billing.bills AS b ON NOT (b.customer_no = p.customer_no)", False),
    ],
)
def test_only_groups_of_one_person_are_free_inside(key: str, joined: str, is_free: bool) -> None:
    text = planned(PER_PERSON.format(key=key, joined=joined), 10)
    assert (">= 10" not in text[: text.index(') AS "t"')]) == is_free
