"""The same projections and answers from a Spark cluster, over Spark Connect: pysail stands for any."""

import warnings
from collections.abc import Generator
from types import ModuleType
from typing import Any

import pytest

from sekisho.engine.errors import SekishoError
from sekisho.registers.consents import actions as consents
from sekisho.registers.consents.rules import ConsentKind
from sekisho.registers.projections import actions
from sekisho.registers.projections.actions import Asked
from sekisho.registers.projections.models import Projection

QUERIES = [
    ("billing", "SELECT day, count(*) AS n, sum(charged_yen) AS yen FROM cdr.calls GROUP BY day ORDER BY day"),
    (
        "billing",
        """SELECT s.customer_no, s.name, sum(i.charge_yen) AS yen FROM crm.subscribers AS s JOIN billing.invoices AS i
        ON i.customer_no = s.customer_no GROUP BY s.customer_no, s.name ORDER BY s.name LIMIT 5""",
    ),
    ("analysis", "SELECT sex, birth_date, count(*) AS n FROM crm.subscribers GROUP BY sex, birth_date ORDER BY 1, 2"),
    ("support", "SELECT kind, count(*) AS n FROM support.tickets GROUP BY kind ORDER BY kind"),
]


@pytest.fixture(scope="module")
def spark() -> Generator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pysail.spark import SparkConnectServer

        server = SparkConnectServer("127.0.0.1", 0)
        server.start(background=True)
        host, port = server.listening_address
    yield f"sc://{host}:{port}"
    server.stop()


def ask(world: Any, purpose: str, query: str, spark: str | None = None) -> actions.Answer:
    actor = "s-analyst" if purpose == "analysis" else "s-biller"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return actions.run(Asked(query=query, purpose=purpose, actor=actor, at=world.AT, spark=spark))


def test_answers_and_what_was_lost_are_those_of_this_machine(sql_world: ModuleType, spark: str) -> None:
    for purpose, query in QUERIES:
        here, there = ask(sql_world, purpose, query), ask(sql_world, purpose, query, spark)
        assert there.rows.to_pylist() == here.rows.to_pylist() != []
        assert [one.lost for one in there.projections] == [one.lost for one in here.projections]
        assert [bytes(one.people) for one in there.projections] == [bytes(one.people) for one in here.projections]
        assert there.isolation == ("cluster",)


def test_who_withdraws_is_gone_there_too(sql_world: ModuleType, spark: str) -> None:
    world: Any = sql_world
    query = "SELECT count(*) AS n FROM crm.subscribers"
    [before] = ask(world, "billing", query, spark).rows.to_pylist()
    consents.record(consent=world.consent(20, ConsentKind.RESTRICTED, "*"), at=world.AT, acting_user="test")
    [after] = ask(world, "billing", query, spark).rows.to_pylist()
    assert (before["n"], after["n"]) == (58, 57)
    assert Projection.objects.count() == 1


def test_a_cluster_nobody_reaches_is_said(sql_world: ModuleType) -> None:
    with pytest.raises(SekishoError, match=r"connector.unreachable"):
        ask(sql_world, "billing", "SELECT count(*) AS n FROM crm.subscribers", "nonsense")
