"""Things that are nobody's data, through the registers and over AuthZEN: the to-do list of the interoperability scenario."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from sekisho.connectors.documents import read_folder
from sekisho.engine.gate.ask import Permit
from sekisho.registers.decisions.actions import create_api_key, decide
from sekisho.registers.decisions.models import SealedDecision
from sekisho.registers.decisions.queries.asks import ask_from
from sekisho.registers.policies.actions import adopt

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "policies" / "todo"


@pytest.fixture
def todo(world: Any) -> Any:
    adopt(files=read_folder(FOLDER), at=world.at, acting_user="test")
    return world


def codes(todo: Any, **said: Any) -> list[str]:
    answer = decide(ask_from({"actor": todo.clerk, "items": ["todo"]} | said, now=todo.at)).decision
    return [] if isinstance(answer, Permit) else [reason.code for reason in answer.reasons]


def test_who_asks_is_looked_up_and_what_the_policy_declares_is_told(todo: Any) -> None:
    own = {"actor.groups": ["editor"], "actor.mail": "m@example", "ownerID": "m@example"}
    assert codes(todo, act="can_update_todo", resource=own) == []
    assert codes(todo, act="can_update_todo", resource=own | {"ownerID": "r@example"}) == ["gate.condition-not-met"]
    assert codes(todo, act="can_update_todo", resource=own, actor="nobody") == ["gate.actor-known"]
    assert codes(todo, act="can_burn_todo", resource=own) == ["gate.unknown-act"]
    row = SealedDecision.objects.order_by("id").first()
    assert row is not None
    assert row.record is not None
    assert (row.act, row.purpose, row.record["data_subjects"]) == ("can_update_todo", "", [])


def test_what_a_register_knows_is_never_told(todo: Any) -> None:
    """The clerk says that the clerk is an auditor: the register says clerk."""
    assert codes(todo, act="archive", resource={"actor.role": "auditor", "done": False, "made_on": "2026-01-01"}) == [
        "gate.condition-not-met"
    ]
    assert codes(todo, act="archive", resource={"done": True, "made_on": "2026-01-01"}) == []
    assert codes(todo, act="archive", resource={"done": True}) == ["gate.condition-unknown"]


def test_things_and_people_are_not_mixed_up(todo: Any) -> None:
    assert codes(todo, items=["profile"]) == ["gate.nothing-asked"]
    assert codes(todo, items=["todo", "profile"], act="can_read_todos") == ["gate.nothing-asked"]
    mixed = codes(todo, items=["todo"], act="can_read_todos", data_subjects=[todo.hana], purpose="directory")
    assert "gate.class-not-of-kind" in mixed


def test_over_authzen_as_the_scenario_asks(todo: Any) -> None:
    key = create_api_key(name="todo-list", at=datetime(2026, 1, 1, tzinfo=UTC), acting_user="test")

    def permits(act: str, groups: list[str], owner: str, type_: str = "todo") -> bool:
        asked = {
            "subject": {"type": "user", "id": todo.clerk, "properties": {"groups": groups, "mail": "m@example"}},
            "action": {"name": act},
            "resource": {"type": type_, "id": "7240d0db-8ff0-41ec-98b2-34a096273b9f", "properties": {"ownerID": owner}},
        }
        answer = Client().post(
            "/access/v1/evaluation", data=json.dumps(asked), content_type="application/json",
            headers={"Authorization": f"Bearer {key}"},
        )  # fmt: skip
        assert answer.status_code == 200
        decision = json.loads(answer.content)["decision"]
        assert isinstance(decision, bool)
        return decision

    assert permits("can_read_todos", ["viewer"], "r@example")
    assert permits("can_read_user", ["viewer"], "r@example", "user")
    assert permits("can_update_todo", ["editor"], "m@example")
    assert not permits("can_update_todo", ["editor"], "r@example")
    assert not permits("can_update_todo", ["viewer"], "m@example")
    assert permits("can_update_todo", ["admin", "evil_genius"], "r@example")
    assert permits("can_delete_todo", ["admin"], "r@example")
    assert not permits("can_read_todos", ["admin"], "r@example", "secret")
