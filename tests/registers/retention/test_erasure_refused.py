"""A server that is read-only, gone, or goes while a step works leaves 一部未了 with its clock; later it ends as it should."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import linked_store as linked
import psycopg
import pytest

from sekisho.engine.errors import SekishoError
from sekisho.registers.datamap import actions as datamap
from sekisho.registers.identities import queries as identities
from sekisho.registers.retention import actions, jobs, queries
from sekisho.registers.retention.rules import PlanStatus


@pytest.fixture
def url(tmp_path: Path, postgres_url: str) -> Iterator[str]:
    with linked.database("postgresql", tmp_path, postgres_url) as found:
        yield found


@pytest.fixture
def admin(postgres_url: str) -> Callable[[str], None]:
    def run(text: str) -> None:
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute(text.encode())

    return run


@pytest.fixture
def plan(world: ModuleType, url: str) -> str:
    people = [(world.customer_no(0), world.NAME, 0), (world.customer_no(5), "試験 5太郎", 5)]
    linked.execute(url, *linked.SCHEMA, rows=[row for one in people for row in linked.rows_of(*one)])
    tables = ("readings", "fittings", "contracts", "letters", "customers")
    files = world.documents() | {"datamap.yaml": linked.data_map("postgresql", url, *tables)}
    datamap.adopt(files=files, at=world.AT, acting_user="test")
    ref: str = world.propose_and_approve(world.HANA)
    return ref


def waits(world: ModuleType, plan: str, code: str) -> None:
    record = queries.plan(plan)
    assert record.status is PlanStatus.PARTLY
    assert code in record.why
    assert record.retry_at == world.AT + timedelta(hours=1)
    assert identities.identifiers_of(world.HANA)
    with pytest.raises(SekishoError, match=r"retention\.not-verified"):
        actions.certify_plan(plan=plan, at=world.AT, acting_user="sato")
    assert jobs.resume(world.AT) == ()


def ends(world: ModuleType, plan: str, url: str) -> None:
    assert jobs.resume(world.AT + timedelta(hours=1)) == (plan,)
    assert queries.plan(plan).status is PlanStatus.VERIFIED, queries.plan(plan).why
    counts = {step.table: step.before for step in queries.plan(plan).steps if step.kind == "delete"}
    assert counts == {"readings": 4, "fittings": 2, "contracts": 2, "letters": 1, "customers": 1}
    assert linked.ask(url, "SELECT count(*) FROM readings") == [(4,)]


def test_a_server_that_is_read_only(world: ModuleType, plan: str, url: str, admin: Callable[[str], None]) -> None:
    name = url.rsplit("/", 1)[1]
    admin(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    assert actions.run_plan(plan=plan, at=world.AT, acting_user="sato") is PlanStatus.PARTLY
    waits(world, plan, "connector.read-only")
    assert linked.ask(url, "SELECT count(*) FROM customers") == [(2,)]
    admin(f"ALTER DATABASE {name} RESET default_transaction_read_only")
    ends(world, plan, url)


def test_a_server_that_is_gone(world: ModuleType, plan: str, url: str, admin: Callable[[str], None]) -> None:
    name = url.rsplit("/", 1)[1]
    admin(f"ALTER DATABASE {name} RENAME TO {name}_away")
    assert actions.run_plan(plan=plan, at=world.AT, acting_user="sato") is PlanStatus.PARTLY
    waits(world, plan, "connector.unreachable")
    admin(f"ALTER DATABASE {name}_away RENAME TO {name}")
    ends(world, plan, url)


@pytest.mark.parametrize("when", ["begun", "worked"])
def test_a_server_that_goes_while_a_step_works(
    world: ModuleType, plan: str, url: str, admin: Callable[[str], None], when: str
) -> None:
    name = url.rsplit("/", 1)[1]

    def cut(point: str) -> None:
        if point.endswith(f".delete.{when}"):
            admin(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")

    assert actions.run_plan(plan=plan, at=world.AT, acting_user="sato", reached=cut) is PlanStatus.PARTLY
    waits(world, plan, "connector.unreachable")
    ends(world, plan, url)
