"""A view in a query becomes what it stands for: its hidden columns fall away, its hidden conditions refuse."""

import pytest

from sekisho.engine.gate.query import plan_query
from sekisho.engine.gate.query_schema import QueryRefused, QuerySchema, SchemaColumn, SchemaTable, SchemaView


def table(system: str, called: str, **columns: str) -> SchemaTable:
    """`-text` is a hidden column."""
    return SchemaTable(
        system=system,
        name=called,
        owners=("customer_no",),
        columns={
            name: SchemaColumn(
                name=name, type=told.strip("-"), shown=not told.startswith("-"), item=f"x.{name}", clause="B-1"
            )
            for name, told in columns.items()
        },
    )


TABLES = (
    table("crm", "people", customer_no="text", sex="text", born="integer", name="-text"),
    table("billing", "bills", customer_no="text", yen="integer"),
)
VIEWS = {
    "grown": "SELECT customer_no, sex, name FROM people WHERE born < 2008",
    "named": "SELECT customer_no, sex FROM people WHERE name LIKE 'A%'",
    "paying": "CREATE VIEW paying (who, total) AS SELECT g.customer_no, sum(b.yen) FROM grown AS g "
    "JOIN billing.bills AS b ON b.customer_no = g.customer_no GROUP BY g.customer_no",
    "both": "WITH p AS (SELECT sex, name FROM people) SELECT sex, name FROM p UNION ALL SELECT sex, sex FROM p",
    "circle": "SELECT * FROM circle",
    "loader": "SELECT * FROM read_csv('/etc/passwd')",
    "nothing": "",
    "whole": "SELECT * FROM people",
}
SCHEMA = QuerySchema(
    tables={one.full_name: one for one in TABLES},
    views={f"crm.{n}": SchemaView(system="crm", name=n, sql=sql, dialect="sqlite") for n, sql in VIEWS.items()},
)


def planned(query: str, size: int = 0) -> str:
    return plan_query(query, SCHEMA, minimum_group=lambda *_: size).text


def refused(query: str) -> QueryRefused:
    with pytest.raises(QueryRefused) as raised:
        planned(query)
    return raised.value


def test_a_view_is_asked_as_its_tables() -> None:
    plan = plan_query("SELECT sex, count(*) AS n FROM crm.grown GROUP BY sex", SCHEMA)
    assert plan.tables == (("crm", "people"),)
    assert plan.used == {("crm", "people", "sex"), ("crm", "people", "born")} | (
        {("crm", "people", "customer_no")} if "customer_no" in plan.text else set()
    )
    assert "name" not in plan.text


def test_a_view_over_a_view_with_names_of_its_own() -> None:
    plan = plan_query("SELECT v.who, v.total FROM crm.paying AS v WHERE v.total > 10", SCHEMA)
    assert plan.tables == (("billing", "bills"), ("crm", "people"))
    assert [one.name for one in plan.output] == ["who", "total"]


def test_a_hidden_column_of_a_view_is_named_with_its_clause() -> None:
    why = refused("SELECT name FROM crm.grown")
    assert (why.code, why.column, why.clause) == ("query.hidden-column", "crm.grown.name", "B-1")
    why = refused("SELECT sex FROM crm.grown WHERE name = 'x'")
    assert why.column == "crm.grown.name"
    assert refused("SELECT * FROM crm.both").code == "query.hidden-column"


def test_a_hidden_condition_inside_a_view_refuses() -> None:
    why = refused("SELECT sex FROM crm.named")
    assert (why.code, why.column) == ("query.hidden-column", "crm.people.name")


def test_a_star_is_what_may_be_seen() -> None:
    text = planned("SELECT * FROM crm.whole")
    assert "born" in text
    assert "name" not in text.replace("named", "")


@pytest.mark.parametrize("name", ["circle", "loader", "nothing"])
def test_what_nobody_can_read_is_refused(name: str) -> None:
    assert refused(f"SELECT * FROM crm.{name}").code == "query.view-not-understood"


def test_groups_behind_a_view_are_counted() -> None:
    plan = plan_query("SELECT sex, count(*) AS n FROM crm.grown GROUP BY sex", SCHEMA, minimum_group=lambda *_: 10)
    assert plan.minimum_group == 10
    assert plan.groups
    with pytest.raises(QueryRefused):
        plan_query("SELECT customer_no FROM crm.grown", SCHEMA, minimum_group=lambda *_: 10)


def test_a_view_does_not_lend_its_names() -> None:
    assert refused("SELECT * FROM crm.both AS b, p").code in {"query.unknown-table", "query.hidden-column"}
