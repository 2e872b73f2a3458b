"""Search: who may, on whom, what; only for a key that may, page by page, and sealed."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from sekisho.registers.decisions import queries
from sekisho.registers.decisions.actions import KeyScope, create_api_key
from sekisho.registers.decisions.models import SealedDecision
from sekisho.registers.decisions.rules import limits
from sekisho.registers.people.actions import NewStaff, enrol

MADE = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def key(world: Any) -> str:
    return create_api_key(name="desk-tool", at=MADE, acting_user="test", scopes=[KeyScope.SEARCH])


def search(client: Any, wanted: str, body: dict[str, Any], key: str | None) -> Any:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return client.post(
        f"/access/v1/search/{wanted}", json.dumps(body), content_type="application/json", headers=headers
    )


def asked(world: Any, **changes: Any) -> dict[str, Any]:
    return {
        "subject": {"type": "staff", "id": world.clerk},
        "action": {"name": "use"},
        "resource": {"type": "person", "id": world.hana, "properties": {"items": ["identity.name"]}},
        "context": {"purpose": "billing"},
    } | changes


def ids(response: Any) -> list[str]:
    assert response.status_code == 200, response.content
    return [one.get("id") or one["name"] for one in response.json()["results"]]


def test_which_actors(world: Any, key: str, client: Any) -> None:
    response = search(client, "subject", asked(world, subject={"type": "staff"}), key)
    assert ids(response) == [world.clerk, world.officer], "neither the untrained nor another shop's"
    assert response.json()["page"] == {"next_token": "", "count": 2}
    ignored = search(client, "subject", asked(world, subject={"type": "staff", "id": "s-nobody"}), key)
    assert ids(ignored) == [world.clerk, world.officer]


def test_on_whom_by_reference_only(world: Any, key: str, client: Any) -> None:
    resource = {"type": "person", "properties": {"items": ["identity.name"]}}
    response = search(client, "resource", asked(world, resource=resource), key)
    assert set(ids(response)) <= {world.hana, world.ken, world.child}
    assert world.hana in ids(response)
    assert all(set(one) == {"type", "id"} for one in response.json()["results"])
    assert world.number not in response.content.decode()
    for kind in ("number", "customer_no", "spaceship"):
        assert ids(search(client, "resource", asked(world, resource=resource | {"type": kind}), key)) == [], (
            "numbers are never listed"
        )


def test_what(world: Any, key: str, client: Any) -> None:
    body = asked(world)
    del body["action"]
    assert ids(search(client, "action", body, key)) == ["use"]
    assert ids(search(client, "action", body | {"subject": {"type": "staff", "id": "nobody"}}, key)) == []
    assert ids(search(client, "subject", asked(world, subject={"type": "spaceship"}), key)) == []


def test_pages_lead_through_everything_once(world: Any, key: str, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    trained: Any = {"trained_on": date(2026, 4, 1), "pledged_on": date(2026, 4, 1), "acknowledged_era": "arlink@1.0"}
    enrol(
        staff=[
            NewStaff(ref=f"s-x{n:02}", display_name="x", role="clerk", employment="employee", joined_on=date(2020, 4, 1), **trained)
            for n in range(12)
        ],
        at=world.at,
        acting_user="test",
    )  # fmt: skip
    body = asked(world, subject={"type": "staff"})
    everybody = ids(search(client, "subject", body, key))
    assert len(everybody) == 14
    for size in (1, 5, 13, 14, 100):
        found, token = [], ""
        while True:
            page = {"limit": size} if not token else {"token": token}
            response = search(client, "subject", body | {"page": page}, key)
            found += ids(response)
            assert len(response.json()["results"]) <= size
            token = response.json()["page"]["next_token"]
            if not token:
                break
        assert found == everybody, size
    monkeypatch.setitem(limits()["api"], "most_examined", 3)
    first = search(client, "subject", body | {"page": {"limit": 10}}, key).json()
    assert len(first["results"]) <= 3, "one request looks at so many and no more"
    assert first["page"]["next_token"]


def test_a_token_is_good_for_its_own_search_and_key_and_for_a_while(
    world: Any, key: str, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = asked(world, subject={"type": "staff"})
    token = search(client, "subject", body | {"page": {"limit": 1}}, key).json()["page"]["next_token"]
    assert world.clerk not in token
    other = create_api_key(name="other", at=MADE, acting_user="test", scopes=[KeyScope.SEARCH])
    good = body | {"page": {"token": token}}
    assert ids(search(client, "subject", good, key)) == [world.officer]
    for refused in (
        search(client, "subject", good, other),
        search(client, "subject", good | {"context": {"purpose": "marketing"}}, key),
        search(client, "subject", good | {"page": {"token": token[:-4] + "AAA="}}, key),
        search(client, "subject", good | {"page": {"token": "関所"}}, key),
    ):
        assert (refused.status_code, refused.json()["code"]) == (400, "decisions.page-token")
    monkeypatch.setitem(limits()["api"], "page_token_seconds", -1)
    assert search(client, "subject", good, key).status_code == 400


def test_only_a_key_that_may(world: Any, client: Any) -> None:
    asking = create_api_key(name="asking", at=MADE, acting_user="test")
    for wanted in ("subject", "resource", "action"):
        refused = search(client, wanted, asked(world), asking)
        assert (refused.status_code, refused.json()["code"]) == (403, "decisions.scope-missing")
        assert search(client, wanted, asked(world), None).status_code == 401
    assert SealedDecision.objects.count() == 0


def test_a_search_is_sealed_as_one_record_that_names_nobody_it_found(world: Any, key: str, client: Any) -> None:
    response = search(client, "subject", asked(world, subject={"type": "staff"}), key)
    row = SealedDecision.objects.get()
    record: Any = row.record
    assert (row.answer, record["searched"], record["key"]) == ("searched", "subject", "desk-tool")
    assert (record["examined"], record["permitted"], record["told"]) == (4, 2, 2)
    assert record["reasons"]["gate.actor-trained"] == 1
    assert world.officer not in json.dumps(record)
    assert response.json()["context"]["evidence"] == f"{row.batch.entry}/{row.position}"
    assert list(queries.sealed()) == [], "a search decides nothing: no proof counts it"


@pytest.mark.parametrize(
    ("wanted", "change"),
    [
        ("subject", {"action": None}),
        ("subject", {"resource": {"type": "person"}}),
        ("resource", {"subject": {"type": "staff"}}),
        ("resource", {"subject": None}),
        ("action", {"resource": None}),
        ("action", {"subject": {"type": "staff"}}),
        ("subject", {"page": {"limit": -1}}),
        ("subject", {"page": {"limit": True}}),
        ("subject", {"page": {"token": 5}}),
        ("subject", {"page": []}),
    ],
)
def test_malformed_searches(world: Any, key: str, client: Any, wanted: str, change: dict[str, Any]) -> None:
    body = {name: value for name, value in (asked(world) | change).items() if value is not None}
    assert search(client, wanted, body, key).status_code == 400


def test_nothing_is_told_that_is_not_sealed(world: Any, key: str, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sekisho.registers.decisions.actions.searching.seal", lambda _tickets: None)
    refused = search(client, "subject", asked(world, subject={"type": "staff"}), key)
    assert (refused.status_code, refused.json()["code"]) == (503, "evidence.unavailable")
