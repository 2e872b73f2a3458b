"""Rows that refer go before rows they refer to, in stores that enforce it; what can't be ordered is said."""

from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import linked_store as linked
import pytest

from sekisho.registers.datamap import actions as datamap
from sekisho.registers.retention import actions, queries
from sekisho.registers.retention.rules import PlanStatus

ALL = ("readings", "fittings", "contracts", "letters", "customers")


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def url(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    admin = str(request.getfixturevalue("postgres_url")) if kind == "postgresql" else ""
    with linked.database(kind, tmp_path, admin) as found:
        yield found


@pytest.fixture
def adopt(world: ModuleType, kind: str, url: str) -> Callable[..., None]:
    def adopted(*tables: str) -> None:
        files = world.documents() | {"datamap.yaml": linked.data_map(kind, url, *tables)}
        datamap.adopt(files=files, at=world.AT, acting_user="test")

    return adopted


def filled(world: ModuleType, url: str) -> None:
    people = [(world.customer_no(0), world.NAME, 0), (world.customer_no(5), "試験 5太郎", 5)]
    rows = [row for one in people for row in linked.rows_of(*one)]
    linked.execute(url, *linked.SCHEMA, rows=rows)


def run(world: ModuleType) -> queries.PlanRecord:
    plan = world.propose_and_approve(world.HANA)
    if actions.run_plan(plan=plan, at=world.AT, acting_user="sato") is PlanStatus.DONE:
        actions.verify_plan(plan=plan, at=world.AT, acting_user="sato")
    return queries.plan(plan)


def test_children_go_before_parents_whatever_the_map_says_first(
    world: ModuleType, url: str, adopt: Callable[..., None]
) -> None:
    filled(world, url)
    adopt(*ALL)
    done = run(world)
    assert done.status is PlanStatus.VERIFIED, done.why
    deleted = [(step.table, step.before) for step in done.steps if step.kind == "delete"]
    assert sorted(deleted) == [("contracts", 2), ("customers", 1), ("fittings", 2), ("letters", 1), ("readings", 4)]
    place = {table: index for index, (table, _) in enumerate(deleted)}
    assert place["readings"] < place["fittings"] < place["contracts"] < place["customers"] > place["letters"]
    for table, left in (("customers", 1), ("contracts", 2), ("fittings", 2), ("readings", 4), ("letters", 1)):
        assert linked.ask(url, f"SELECT count(*) FROM {table}") == [(left,)], table


def test_what_refers_and_stands_in_no_map_leaves_it_partly_done_in_words(
    world: ModuleType, url: str, adopt: Callable[..., None]
) -> None:
    filled(world, url)
    adopt("contracts", "letters", "customers")
    done = run(world)
    assert done.status is PlanStatus.PARTLY
    assert done.retry_at is not None
    assert "erasure.unmapped-child" in done.why
    assert {one["values"]["table"] for one in done.unknown} == {"fittings"}
    assert "connector.referenced" in done.why
    assert linked.ask(url, "SELECT count(*) FROM contracts") == [(4,)]


def test_a_ring_is_opened_at_a_column_that_may_be_empty(
    world: ModuleType, url: str, adopt: Callable[..., None]
) -> None:
    linked.execute(url, *linked.RING)
    if not url.startswith("sqlite"):
        linked.execute(url, "ALTER TABLE houses ADD FOREIGN KEY (head_no) REFERENCES heads (head_no)")
    else:
        linked.execute(
            url,
            "DROP TABLE heads",
            "DROP TABLE houses",
            linked.RING[0].replace("head_no TEXT", "head_no TEXT REFERENCES heads (head_no)"),
            linked.RING[1],
        )
    no = world.customer_no(0)
    linked.execute(
        url,
        rows=[
            ("houses", ("H1", no, None, world.NAME, *linked.DAYS)),
            ("heads", ("K1", no, "H1", world.NAME, *linked.DAYS)),
        ],
    )
    linked.execute(url, "UPDATE houses SET head_no = 'K1'")
    adopt("heads", "houses")
    done = run(world)
    assert done.status is PlanStatus.VERIFIED, (done.why, done.steps)
    assert linked.ask(url, "SELECT count(*) FROM houses") == linked.ask(url, "SELECT count(*) FROM heads") == [(0,)]


def test_a_parent_of_what_law_keeps_stays_without_its_values(
    world: ModuleType, url: str, adopt: Callable[..., None]
) -> None:
    filled(world, url)
    record = "CREATE TABLE records (customer_no TEXT REFERENCES customers (customer_no), method TEXT, since_on DATE, ended_on DATE)"
    no = world.customer_no(0)
    linked.execute(url, record, rows=[("records", (no, "IC", "2020-01-01", "2026-06-30"))])
    kept = f"records: {{label: 本人確認記録, key: [customer_no], {linked.OWN}, columns: {{customer_no: {linked.NONE}, method: identity_record.method, {linked.DATES}}}}}"
    adopt(*ALL[:-1], kept, "customers")
    done = run(world)
    assert done.status is PlanStatus.VERIFIED, (done.why, done.verification)
    assert linked.ask(url, f"SELECT name, birth, address FROM customers WHERE customer_no = '{no}'") == [
        (None, None, None)
    ]
    assert {(one.table, one.until.isoformat()) for one in done.retained if one.until} == {
        ("records", "2029-06-30"),
        ("customers", "2029-06-30"),
    }


def test_strategies_leave_a_row_that_is_nobodys(world: ModuleType, url: str, adopt: Callable[..., None]) -> None:
    filled(world, url)
    customers = linked.TABLES["customers"]
    for column, how in (("birth: identity.birth_date", "year"), ("address: identity.address", "prefecture")):
        name, _, item = column.partition(": ")
        customers = customers.replace(column, f"{name}: {{item: {item}, erasure: {how}}}")
    customers = customers.replace(
        f"{{customer_no: {linked.NONE}", "{customer_no: {item: none, reason: 番号, erasure: pseudonym}"
    )
    adopt(*ALL[:-1], customers)
    done = run(world)
    assert done.status is PlanStatus.VERIFIED, (done.why, done.verification)
    assert {"generalise", "pseudonymise"} <= {step.kind for step in done.steps}
    (row,) = linked.ask(url, "SELECT name, birth, address FROM customers WHERE customer_no LIKE 'p~%'")
    assert row == (None, "1980", "東京都")
    assert linked.ask(url, "SELECT count(*) FROM customers WHERE birth = '1980-05-03'") == [(1,)]
    linked.execute(url, "UPDATE customers SET birth = '1980-05-03' WHERE customer_no LIKE 'p~%'")
    assert actions.verify_plan(plan=done.ref, at=world.AT, acting_user="sato") is PlanStatus.PARTLY
    looked = queries.plan(done.ref).verification
    assert looked is not None
    assert [one for place in looked["places"] for one in place["residue"]] == [
        {"location": "customers.birth", "how": "strategy"}
    ]
