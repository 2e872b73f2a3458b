"""The clients against a real decision point: over HTTP, inside the process, and in the two examples."""

import asyncio
import importlib.util
import json
import subprocess
import sys
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.test import RequestFactory
from django.urls import resolve
from fastapi.testclient import TestClient

from sekisho.client import (
    BadQuestion,
    Gate,
    GateUnavailable,
    NotAuthenticated,
    ObligationNotUnderstood,
    PurposeMissing,
    Question,
    Refused,
    Scope,
    async_http_gate,
    http_gate,
)
from sekisho.client.answer import Answer, Obligation
from sekisho.client.question import checked
from sekisho.entrypoints.gate import LocalTransport
from sekisho.registers.decisions.actions import create_api_key

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
HANA = {"customer_no": "c-p-hana"}


@pytest.fixture
def key(world: Any) -> str:
    return create_api_key(name="invoices", at=datetime(2026, 1, 1, tzinfo=UTC), acting_user="test")


@pytest.fixture(params=["http", "local"])
def gate(request: pytest.FixtureRequest, live_server: Any, key: str) -> Generator[Gate]:
    with http_gate(live_server.url, key=key) if request.param == "http" else Gate(LocalTransport()) as made:
        yield made


def example(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def test_a_permit_and_a_refusal(gate: Gate, world: Any) -> None:
    with gate.purpose("billing", actor=world.clerk) as billing:
        assert billing.require(HANA, ["identity.name"]).evidence
        answer = gate.ask("p-hana", ["traffic.cell"])
        assert not answer.permitted
        with pytest.raises(Refused) as refusal:
            billing.require({"customer_no": "c-nobody"}, ["identity.name"])
    assert "gate.identity-known" in [reason.code for reason in refusal.value.answer.reasons]
    assert "c-nobody" not in str(refusal.value)


def test_scopes_nest_and_end(gate: Gate, world: Any) -> None:
    with gate.purpose("billing", actor=world.clerk) as outer:
        with gate.purpose("billing", actor="nobody"):
            assert not gate.ask(HANA, ["identity.name"]).permitted
            assert outer.ask(HANA, ["identity.name"]).permitted
        assert gate.ask(HANA, ["identity.name"]).permitted
    with pytest.raises(PurposeMissing):
        gate.ask(HANA, ["identity.name"])


def test_a_guarded_function_runs_only_after_a_permit(gate: Gate, world: Any) -> None:
    ran: list[str] = []

    @gate.guard(items=["identity.name"], data_subject="person")
    def read(person: str, *, times: int = 1) -> int:
        ran.append(person)
        return times

    with gate.purpose("billing", actor=world.clerk):
        assert read(person="p-hana", times=3) == 3
        with pytest.raises(Refused):
            read("p-nobody")
    assert ran == ["p-hana"]
    with pytest.raises(TypeError, match="nothing"):
        gate.guard(items=["bill"], data_subject="nothing")(read)


def test_many_questions_keep_their_order(gate: Gate, world: Any) -> None:
    scope = Scope(purpose="billing", actor=world.clerk)
    asked = [
        Question(scope=scope, data_subject=who, items=("identity.name",)) for who in ("p-hana", "p-nobody", "p-ken")
    ]
    assert [answer.permitted for answer in gate.ask_many(asked)] == [True, False, True]


def test_one_item_that_cannot_be_asked_loses_no_other(live_server: Any, world: Any, key: str) -> None:
    scope = Scope(purpose="billing", actor=world.clerk)
    asked = [Question(scope=scope, data_subject="p-hana", items=(item,)) for item in ("identity.name", "x" * 300)]
    with http_gate(live_server.url, key=key) as gate:
        good, bad = gate.ask_many(asked)
    assert good.permitted
    assert [reason.code for reason in bad.reasons] == ["decisions.malformed-ask"]


def test_a_bad_question_names_its_field(gate: Gate, world: Any) -> None:
    with gate.purpose("billing", actor=world.clerk), pytest.raises(BadQuestion) as bad:
        gate.ask(HANA, ["x" * 300])
    assert bad.value.code == "decisions.malformed-ask"


def test_an_obligation_nobody_understands_is_a_refusal() -> None:
    answer = Answer(decision="permit", obligations=(Obligation(id="mask:bill", type="mask"),))
    with pytest.raises(ObligationNotUnderstood):
        checked(answer, Scope(purpose="billing", actor="a"))
    assert checked(answer, Scope(purpose="billing", actor="a", understands=frozenset({"mask"}))) is answer


def test_no_answer_is_an_exception(live_server: Any, world: Any) -> None:
    scope = Scope(purpose="billing", actor=world.clerk)
    with http_gate(live_server.url, key="wrong") as gate, pytest.raises(NotAuthenticated):
        gate.ask(HANA, ["bill"], scope=scope)
    with http_gate("http://127.0.0.1:1", key="any") as gate, pytest.raises(GateUnavailable):
        gate.ask(HANA, ["bill"], scope=scope)


def test_on_an_event_loop(live_server: Any, world: Any, key: str) -> None:
    async def ask() -> list[bool]:
        async with async_http_gate(live_server.url, key=key) as gate, gate.purpose("billing", actor=world.clerk):
            answers = await asyncio.gather(*(gate.ask(who, ["identity.name"]) for who in ("p-hana", "p-nobody")))
            return [answer.permitted for answer in answers]

    assert asyncio.run(ask()) == [True, False]


def test_the_django_example(live_server: Any, world: Any, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEKISHO_URL", live_server.url)
    monkeypatch.setenv("SEKISHO_KEY", key)
    module = example("django_invoices")
    view = resolve("/invoices/c-p-hana", urlconf=module.__name__)  # the server under test shares this process's URLs
    shown, refused = (
        view.func(RequestFactory().get("/", headers={"X-Staff": who}), *view.args, **view.kwargs)
        for who in (world.clerk, world.untrained)
    )
    module.gate().close()
    assert (shown.status_code, json.loads(shown.content)["charge"]) == (200, 4180)
    assert refused.status_code == 403
    assert json.loads(refused.content)["reasons"][0]["remedy"]


def test_the_fastapi_example(live_server: Any, world: Any, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEKISHO_URL", live_server.url)
    monkeypatch.setenv("SEKISHO_KEY", key)
    with TestClient(example("fastapi_support").app) as client:
        shown = client.get("/plans/c-p-hana", headers={"X-Staff": world.clerk})
        refused = client.get("/plans/c-p-hana", headers={"X-Staff": "nobody"})
    assert (shown.status_code, shown.json()) == (200, {"plan": "20GB"})
    assert (refused.status_code, refused.json()["reasons"][0]) == (403, "gate.actor-known")


def test_the_client_loads_nothing_of_the_server() -> None:
    loaded = "import sys, sekisho.client; print(*[m for m in sys.modules if m.startswith('sekisho') or m == 'django'])"
    said = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout.split()
    assert [name for name in said if name != "sekisho" and not name.startswith("sekisho.client")] == []
