"""AuthZEN over HTTP: the request and response schemas, 400 for bad requests, 401 without a key, ids echoed."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from django.http import HttpResponse
from django.test import Client

from sekisho.evidence import actions as evidence
from sekisho.registers.decisions.actions import create_api_key, revoke_api_key
from sekisho.registers.decisions.models import ApiKey, SealedDecision

URL = "/access/v1/evaluation"
RESPONSE = {  # our own words for the response of the specification: a boolean, and an object beside it
    "type": "object",
    "required": ["decision"],
    "properties": {"decision": {"type": "boolean"}, "context": {"type": "object"}},
}


@pytest.fixture
def key(world: Any) -> str:
    return create_api_key(name="billing-system", at=datetime(2026, 1, 1, tzinfo=UTC), acting_user="test")


def request_of(world: Any, **changes: Any) -> dict[str, Any]:
    return {
        "subject": {"type": "staff", "id": world.clerk},
        "action": {"name": "use"},
        "resource": {"type": "person", "id": world.hana, "properties": {"items": ["identity.name"]}},
        "context": {"purpose": "billing"},
    } | changes


def post(body: object, key: str | None, content_type: str = "application/json", **headers: str) -> HttpResponse:
    raw = body if isinstance(body, bytes | str) else json.dumps(body)
    sent = headers | ({"Authorization": f"Bearer {key}"} if key else {})
    response: HttpResponse = Client().post(URL, data=raw, content_type=content_type, headers=sent)  # type: ignore[assignment]
    return response


def test_a_permit_with_its_evidence(world: Any, key: str) -> None:
    response = post(request_of(world, unknown="member"), key, **{"X-Request-ID": "r-1"})
    said = json.loads(response.content)
    jsonschema.validate(said, RESPONSE)
    assert (response.status_code, said["decision"], response["X-Request-ID"]) == (200, True, "r-1")
    assert said["context"]["obligations"] == []
    assert said["context"]["evidence"] == f"{SealedDecision.objects.get().batch.entry}/0"


def test_a_refusal_says_why(world: Any, key: str) -> None:
    said = json.loads(post(request_of(world, subject={"type": "staff", "id": "nobody"}), key).content)
    assert said["decision"] is False
    assert "gate.actor-known" in [reason["code"] for reason in said["context"]["reasons"]]
    assert all(reason["message"] and reason["remedy"] for reason in said["context"]["reasons"])


@pytest.mark.parametrize(
    "change",
    [
        {"action": {"name": "can_steal"}},
        {"resource": {"type": "account", "id": "1"}},
        {"subject": {"type": "robot", "id": "s-clerk"}},
        {"context": {}},
        {"context": {"purpose": "unheard of"}},
    ],
)
def test_what_nobody_knows_is_refused_and_sealed(world: Any, key: str, change: dict[str, Any]) -> None:
    response = post(request_of(world, **change), key)
    said = json.loads(response.content)
    assert (response.status_code, said["decision"]) == (200, False)
    assert said["context"]["evidence"]


def test_a_number_is_asked_about_at_an_instant(world: Any, key: str) -> None:
    resource = {
        "type": "number", "id": world.number,
        "properties": {"items": ["traffic.charged"], "at": "2026-10-01T00:00:00Z", "started_at": "2026-10-01T00:00:00Z"},
    }  # fmt: skip
    assert json.loads(post(request_of(world, resource=resource), key).content)["decision"] is True
    del resource["properties"]["at"]
    assert json.loads(post(request_of(world, resource=resource), key).content)["decision"] is False


BAD: list[tuple[bytes | dict[str, Any] | None, str]] = [
    (b"", "application/json"),
    (b"{", "application/json"),
    (b"[]", "application/json"),
    (b"null", "application/json"),
    (b"\xff", "application/json"),
    (b"[" * 100_000, "application/json"),
    ({}, "application/json"),
    ({"subject": {"type": "staff"}}, "application/json"),
    (None, "text/plain"),
    (None, "application/x-www-form-urlencoded"),
    ({"subject": {"type": "staff", "id": 5}}, "application/json"),
    ({"subject": "s-clerk"}, "application/json"),
    ({"action": {}}, "application/json"),
    ({"action": {"name": "x" * 100}}, "application/json"),
    ({"resource": {"type": "person", "id": "\ud800"}}, "application/json"),
    ({"resource": {"type": "person", "id": "a\u0000b"}}, "application/json"),
    ({"resource": {"type": "person", "id": "p", "properties": []}}, "application/json"),
    ({"resource": {"type": "person", "id": "p", "properties": {"items": "identity"}}}, "application/json"),
    ({"context": []}, "application/json"),
    ({"context": {"purpose": 5}}, "application/json"),
    ({"context": {"purpose": "billing", "claims": "x"}}, "application/json"),
]  # fmt: skip


def test_bad_requests_are_answered_400(world: Any, key: str) -> None:
    for changes, content_type in BAD:
        body = changes if isinstance(changes, bytes) else request_of(world, **changes) if changes else request_of(world)
        body = {} if changes == {} else body
        response = post(body, key, content_type, **{"X-Request-ID": "r-2"})
        said = json.loads(response.content)
        assert (response.status_code, said.get("status"), response["X-Request-ID"]) == (400, 400, "r-2"), changes
        assert response["Content-Type"] == "application/problem+json"
        assert said["code"] in ("decisions.bad-request", "decisions.malformed-ask", "canonical.not-allowed")


def test_only_who_has_a_key_may_ask(world: Any, key: str) -> None:
    for wrong in (None, "sk_wrong", key + "x", "\x7f"):
        response = post(request_of(world), wrong, **{"X-Request-ID": "r-3"})
        assert (response.status_code, response["X-Request-ID"]) == (401, "r-3")
        assert json.loads(response.content)["code"] == "decisions.not-authenticated"
    assert post(b"{", None).status_code == 401, "strangers are not told whether their request was well formed"
    assert key not in str(list(ApiKey.objects.values_list()))
    assert Client().get(URL).status_code == 405
    revoke_api_key(name="billing-system", at=datetime.now(UTC), acting_user="test")
    assert post(request_of(world), key).status_code == 401


def test_where_the_decision_point_is(db: None) -> None:
    response = Client().get("/.well-known/authzen-configuration", headers={"X-Request-ID": "r-4"})
    said = response.json()
    assert said["access_evaluation_endpoint"] == f"{said['policy_decision_point']}/access/v1/evaluation"
    assert response["X-Request-ID"] == "r-4"


def test_the_schema_of_the_api_is_published(db: None) -> None:
    said = Client().get("/access/v1/openapi.json").json()
    assert "/access/v1/evaluation" in said["paths"]


def test_keys_leave_evidence_and_no_trace_of_themselves(world: Any, key: str, tmp_path: Path) -> None:
    evidence.sequence(at=world.at, holder="test")
    ledger = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"decisions.api-key-made" in ledger
    assert key.encode() not in ledger
