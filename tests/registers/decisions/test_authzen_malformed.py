"""Whatever is sent: an answer of 200, or problem JSON of 400; never an exception, never a permit by mistake."""

import json
from datetime import UTC, datetime
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.registers.decisions.actions import KeyScope, create_api_key
from sekisho.registers.decisions.api.answering import answer
from sekisho.registers.decisions.api.exchange import Reply, Request
from sekisho.registers.decisions.api.openapi import document

PATHS = {
    "/access/v1/evaluation": "Decision",
    "/access/v1/evaluations": "Decisions",
    "/access/v1/search/subject": "Entities",
    "/access/v1/search/resource": "Entities",
    "/access/v1/search/action": "Actions",
}
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
SLOW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = ["staff", "person", "number", "use", "joint_use", "s-clerk", "p-hana", "09001234567", "billing", "todo", ""]
words = st.sampled_from(NAMES) | st.text(max_size=300)
properties = st.fixed_dictionaries(
    {},
    optional={
        "items": st.lists(words, max_size=3) | values,
        "at": words | st.just("2026-10-01T00:00:00Z") | values,
        "started_at": values,
        "line": values,
        "parties": values,
        "owner": values,
        "subject_kind": values,
    },
)
entities = st.fixed_dictionaries(
    {}, optional={"type": words | values, "id": words | values, "properties": properties | values}
)
actions = st.fixed_dictionaries({}, optional={"name": words | values, "properties": values})
contexts = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("purpose", "recipient", "channel", "claims", "time"), words | values)
)
parts = {
    "subject": entities | values,
    "action": actions | values,
    "resource": entities | values,
    "context": contexts | values,
    "page": st.fixed_dictionaries({}, optional={"token": words | values, "limit": values}) | values,
    "options": st.fixed_dictionaries({}, optional={"evaluations_semantic": values}) | values,
}
requests = st.fixed_dictionaries(
    {},
    optional=parts | {"evaluations": st.lists(st.fixed_dictionaries({}, optional=parts) | values, max_size=3) | values},
)
likely = st.fixed_dictionaries(
    {
        "subject": st.just({"type": "staff", "id": "s-clerk"}),
        "action": st.just({"name": "use"}),
        "resource": st.fixed_dictionaries(
            {"type": st.sampled_from(NAMES[1:3]), "id": st.sampled_from(NAMES[6:8]), "properties": properties}
        ),
        "context": contexts,
    },
    optional={"evaluations": st.lists(st.fixed_dictionaries({}, optional=parts), max_size=3), "page": parts["page"]},
)


@pytest.fixture
def key(world: Any) -> str:
    return create_api_key(
        name="anything",
        at=datetime(2026, 1, 1, tzinfo=UTC),
        acting_user="test",
        scopes=[KeyScope.EVALUATE, KeyScope.SEARCH],
    )


def post(path: str, raw: bytes, key: str, content_type: str = "application/json") -> Reply:
    request = Request(method="POST", path=path, content_type=content_type, authorization=f"Bearer {key}", body=raw)
    (reply,) = answer([request], NOW)
    return reply


def check(path: str, reply: Reply, sent: object = None) -> None:
    """The reply is one that the published document describes; so is the request, where it was answered."""
    said = json.loads(reply.body())
    shapes = document("http://testserver")
    shape = PATHS[path] if reply.status == 200 else "Problem"
    assert reply.status in (200, 400), said
    jsonschema.validate(said, {"$ref": f"#/components/schemas/{shape}", "components": shapes["components"]})
    if reply.status == 200:
        body = shapes["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
        jsonschema.validate(sent, body | {"components": shapes["components"]})
    assert str(reply.status) in shapes["paths"][path]["post"]["responses"]


@SLOW
@given(path=st.sampled_from(list(PATHS)), said=requests | likely | values)
def test_any_json_is_answered(world: Any, key: str, path: str, said: Any) -> None:
    check(path, post(path, json.dumps(said).encode(), key), said)


@SLOW
@given(
    path=st.sampled_from(list(PATHS)),
    raw=st.binary(max_size=60),
    content_type=st.just("application/json") | st.text(max_size=20),
)
def test_any_bytes_are_answered(world: Any, key: str, path: str, raw: bytes, content_type: str) -> None:
    reply = post(path, raw, key, content_type)
    check(path, reply)
    assert reply.status == 400


def valid(world: Any) -> dict[str, Any]:
    return {
        "subject": {"type": "staff", "id": world.clerk},
        "action": {"name": "use"},
        "resource": {"type": "person", "id": world.hana, "properties": {"items": ["identity.name"]}},
        "context": {"purpose": "billing"},
    }


def test_what_two_readers_could_read_in_two_ways_is_refused(world: Any, key: str) -> None:
    text = json.dumps(valid(world))
    deep = json.dumps(valid(world) | {"context": {"purpose": "billing", "x": json.loads("[" * 40 + "]" * 40)}})
    for raw, field in [
        (text[:-1] + ', "action": {"name": "use"}}', "body"),
        (text.replace('"type": "staff"', '"type": "staff", "type": "robot"'), "body"),
        (text[:-1] + ', "x": NaN}', "body"),
        (text[:-1] + ', "x": -Infinity}', "body"),
        (text[:-1] + ', "x": 01}', "body"),
        (text + " {}", "body"),
        ("\ufeff" + text, "body"),
        (text[:-1] + ', "x": "\\ud800"}', "body"),
        (text[:-1] + ', "x": ' + "9" * 5000 + "}", "body"),
        (deep, "depth"),
        (text[:-1] + ', "x": "' + "y" * 1_100_000 + '"}', "size"),
    ]:  # fmt: skip
        reply = post("/access/v1/evaluation", raw.encode(), key)
        assert (reply.status, reply.said["fields"]) == (400, [field]), raw[-60:]
    for encoding in ("utf-16", "shift_jis", "euc_jp"):
        assert (
            post(
                "/access/v1/evaluation",
                json.dumps(valid(world) | {"x": "関所"}, ensure_ascii=False).encode(encoding),
                key,
            ).status
            == 400
        )


def test_content_types(world: Any, key: str) -> None:
    raw = json.dumps(valid(world)).encode()
    for wrong in (
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonp",
        "application/json; charset=shift_jis",
        "json",
    ):
        assert post("/access/v1/evaluation", raw, key, wrong).said["fields"] == ["Content-Type"]
    for right in (
        "application/json",
        "application/json; charset=utf-8",
        "Application/JSON",
        'application/json;charset="UTF-8"',
    ):
        assert post("/access/v1/evaluation", raw, key, right).status == 200


def test_every_wrong_place_is_named(world: Any, key: str) -> None:
    said = {
        "subject": {"type": 5},
        "action": "use",
        "resource": {"type": "person", "id": "p", "properties": []},
        "context": 1,
    }
    reply = post("/access/v1/evaluation", json.dumps(said).encode(), key)
    assert reply.said["fields"] == ["action", "context", "resource.properties", "subject.id", "subject.type"]
    assert reply.said["title"]
    assert reply.said["remedy"]


@pytest.mark.parametrize(
    "path", ["/access/v1/", "/access/v1/evaluation/", "/access/v1/search", "/access/v1/search/people", "/access/v1/x"]
)
def test_no_such_address(client: Any, db: None, path: str) -> None:
    response = client.post(path, b"{}", content_type="application/json", headers={"X-Request-ID": "r-9"})
    assert (response.status_code, response["Content-Type"], response["X-Request-ID"]) == (
        404,
        "application/problem+json",
        "r-9",
    )
    assert response.json()["code"] == "decisions.no-such-address"


@pytest.mark.parametrize("path", list(PATHS))
def test_only_post_asks(client: Any, db: None, path: str) -> None:
    for method in ("get", "put", "delete", "patch", "options"):
        response = getattr(client, method)(path)
        assert (response.status_code, response["Allow"], response["Content-Type"]) == (
            405,
            "POST",
            "application/problem+json",
        )
    response = client.post("/access/v1/openapi.json")
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")


def test_strangers_are_told_how_to_come_in(world: Any, key: str, way: Any) -> None:
    got = way("/access/v1/evaluation", b"{", None, **{"X-Request-ID": "r-5"})
    assert (got.status, got.headers["www-authenticate"], got.headers["x-request-id"]) == (401, "Bearer", "r-5")
    assert (
        way("/access/v1/evaluation", valid(world), key, **{"X-Request-ID": "a\u00e9"}).headers.get("x-request-id")
        is None
    )
    assert way("/access/v1/evaluation", valid(world), key[:-1]).status == 401


def test_places_are_those_of_the_request(key: str) -> None:
    said = {
        "subject": {"type": "staff", "id": "s-clerk"},
        "action": {"name": "use"},
        "resource": {"type": "number", "id": "09001234567", "properties": {"items": [1], "at": "soon", "since": "2026-01-01T00:00"}},
        "context": {"purpose": 3, "claims": "c"},
    }  # fmt: skip
    reply = post("/access/v1/evaluation", json.dumps(said).encode(), key)
    assert (reply.status, reply.said["code"]) == (400, "decisions.malformed-ask")
    fields = reply.said["fields"]
    assert isinstance(fields, list)
    assert set(fields) == {
        "resource.properties.items",
        "resource.properties.at",
        "resource.properties.since",
        "context.purpose",
        "context.claims",
    }
