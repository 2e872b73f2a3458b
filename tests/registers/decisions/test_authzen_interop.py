"""The two scenarios of the working group, asked as its callers ask: the to-do list, and the certification's records.

Callers say nothing of roles there, so these are the people register's. What the certification asks beyond identifiers
(a role told by the caller, properties of the action) is not taken from callers here: docs/reference/api.md.
"""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from sekisho.connectors.documents import read_folder
from sekisho.registers.decisions.actions import KeyScope, create_api_key
from sekisho.registers.people.actions import NewStaff, enrol
from sekisho.registers.policies.actions import adopt

EVALUATION, EVALUATIONS = "/access/v1/evaluation", "/access/v1/evaluations"
FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "policies" / "roles"
RICK, MORTY, SUMMER = "rick@the-citadel.com", "morty@the-citadel.com", "summer@the-smiths.com"
BETH, JERRY = "beth@the-smiths.com", "jerry@the-smiths.com"
ROLES = {
    RICK: "admin_and_genius", MORTY: "editor", SUMMER: "editor", BETH: "viewer", JERRY: "viewer", "alice": "writer", "bob": "reader",
}  # fmt: skip
OWN = {RICK: "7240d0db-92", MORTY: "7240d0db-91", SUMMER: "7240d0db-93", BETH: "7240d0db-94", JERRY: "7240d0db-95"}
MAY = {  # who: create, update and delete Rick's, update and delete their own
    RICK: (True, True, True), MORTY: (True, False, True), SUMMER: (True, False, True), BETH: (False, False, False), JERRY: (False, False, False),
}  # fmt: skip


@pytest.fixture
def key(world: Any) -> str:
    adopt(files=read_folder(FOLDER), at=world.at, acting_user="test")
    enrol(
        staff=[
            NewStaff(ref=ref, display_name="x", role=role, employment="employee", joined_on=date(2020, 4, 1))
            for ref, role in ROLES.items()
        ],
        at=world.at,
        acting_user="test",
    )
    scopes = [KeyScope.EVALUATE, KeyScope.SEARCH]
    return create_api_key(name="interop", at=datetime(2026, 1, 1, tzinfo=UTC), acting_user="test", scopes=scopes)


def asked(who: str, action: str, type_: str, id_: str, **properties: str) -> dict[str, Any]:
    resource: dict[str, Any] = {"type": type_, "id": id_} | ({"properties": properties} if properties else {})
    return {"subject": {"type": "user", "id": who}, "action": {"name": action}, "resource": resource}


def cases() -> list[tuple[dict[str, Any], bool]]:
    found = []
    for who, (create, others, own) in MAY.items():
        found += [(asked(who, "can_read_user", "user", other), True) for other in (BETH, who)]
        found += [
            (asked(who, "can_read_todos", "todo", "todo-1"), True),
            (asked(who, "can_create_todo", "todo", "todo-1"), create),
        ]
        for act in ("can_update_todo", "can_delete_todo"):
            found += [(asked(who, act, "todo", OWN[RICK], ownerID=RICK), others)]
            found += [(asked(who, act, "todo", OWN[who], ownerID=who), own)]
    return found


def test_the_to_do_list_one_by_one(key: str, quick: Any) -> None:
    for said, expected in cases():
        got = quick(EVALUATION, said | {"subject": said["subject"] | {"identity": "an opaque name"}}, key)
        assert (got.status, got.said["decision"]) == (200, expected), said


def test_the_to_do_list_in_one_batch(key: str, quick: Any) -> None:
    everything = cases()
    got = quick(EVALUATIONS, {"evaluations": [said for said, _ in everything]}, key)
    assert [one["decision"] for one in got.said["evaluations"]] == [expected for _, expected in everything]


def test_certification_basic(key: str, quick: Any) -> None:
    """Core fixture, context, further properties, unknown members, the same question again."""
    for who, action, expected in [
        ("alice", "read", True),
        ("alice", "write", True),
        ("bob", "read", True),
        ("bob", "write", False),
    ]:
        said = asked(who, action, "record", "record-1")
        for more in (
            {},
            {"context": {"time": "2025-06-27T18:03-07:00", "ip": "192.168.1.1"}},
            {"foo": "bar", "futureField": {"nested": True}},
        ):
            got = quick(EVALUATION, said | more, key, **{"X-Request-ID": "bfe9eb29"})
            assert (got.status, got.said["decision"], got.headers["x-request-id"]) == (200, expected, "bfe9eb29")
    told = asked("alice", "read", "record", "record-1", status="active", owner="bob")
    told["subject"]["properties"] = {"department": "Sales", "role": "manager"}
    told["action"]["properties"] = {"method": "GET"}
    assert quick(EVALUATION, told, key).said["decision"] is True
    assert (
        quick(EVALUATION, asked("alice", "write", "record", "record-2", status="archived"), key).said["decision"]
        is False
    )
    for gone in ("subject", "action", "resource"):
        assert quick(EVALUATION, {name: value for name, value in told.items() if name != gone}, key).status == 400
        for member in told[gone]:
            if member != "properties":
                less = told | {gone: {name: value for name, value in told[gone].items() if name != member}}
                assert quick(EVALUATION, less, key).status == 400


def test_certification_batch(key: str, quick: Any) -> None:
    alice = {"subject": {"type": "user", "id": "alice"}}
    read = {"action": {"name": "read"}}
    one, two = ({"resource": {"type": "record", "id": f"record-{n}"}} for n in (1, 2))

    def decisions(**body: Any) -> list[bool]:
        got = quick(EVALUATIONS, body, key)
        assert got.status == 200
        return [item["decision"] for item in got.said["evaluations"]]

    assert decisions(**alice, **read, evaluations=[one, two]) == [True, True]
    assert decisions(
        subject={"type": "user", "id": "bob"}, **one, evaluations=[read, {"action": {"name": "write"}}]
    ) == [True, False]
    active = {"id": "record-1", "properties": {"status": "active"}}
    archived = {"type": "record", "id": "record-2", "properties": {"status": "archived"}}
    write = {"action": {"name": "write"}}
    merged = [{"resource": active}, {"resource": archived}]
    assert decisions(**alice, **write, resource={"type": "record"}, evaluations=merged) == [True, False]
    assert decisions(**alice, **read, evaluations=[one, {}]) == [True, False]
    single: dict[str, Any] = alice | read | one
    for body in (single, single | {"evaluations": []}):
        assert quick(EVALUATIONS, body, key).said["decision"] is True


def test_certification_search(key: str, client: Any) -> None:
    """Subjects and actions. Things are not listed: nobody keeps a register of them here."""
    record = {"resource": {"type": "record", "id": "record-1"}}

    def found(wanted: str, **body: Any) -> list[dict[str, str]]:
        headers = {"Authorization": f"Bearer {key}"}
        got = client.post(
            f"/access/v1/search/{wanted}", json.dumps(body), content_type="application/json", headers=headers
        )
        assert got.status_code == 200, got.content
        results: list[dict[str, str]] = got.json()["results"]
        return results

    readers = found("subject", subject={"type": "user"}, action={"name": "read"}, **record)
    assert {"type": "user", "id": "alice"} in readers
    assert {"type": "user", "id": "bob"} in readers
    assert {one["id"] for one in found("subject", subject={"type": "user"}, action={"name": "write"}, **record)} == {
        "alice"
    }
    alice = {"subject": {"type": "user", "id": "alice"}}
    assert found("action", **alice, **record) == [{"name": "read"}, {"name": "write"}]
    assert found("action", subject={"type": "user", "id": "nonexistent-user"}, **record) == []
    assert found("subject", subject={"type": "spaceship"}, action={"name": "read"}, **record) == []
    assert found("resource", **alice, action={"name": "read"}, resource={"type": "record"}) == []
