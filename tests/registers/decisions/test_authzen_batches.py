"""Access Evaluations: defaults, semantics, errors of items; the same answers by both ways."""

from datetime import UTC, datetime
from typing import Any

import pytest

from sekisho.registers.decisions.actions import create_api_key
from sekisho.registers.decisions.models import DecisionBatch, SealedDecision

EVALUATION, EVALUATIONS = "/access/v1/evaluation", "/access/v1/evaluations"
PERMIT, DENY, BROKEN = "identity.name", "identity_image", "broken"


@pytest.fixture
def key(world: Any) -> str:
    return create_api_key(name="billing-system", at=datetime(2026, 1, 1, tzinfo=UTC), acting_user="test")


def person(world: Any, item: str) -> dict[str, Any]:
    return {"type": "person", "id": world.hana, "properties": {"items": [item]}}


def batch(world: Any, *items: str, **more: Any) -> dict[str, Any]:
    return {
        "subject": {"type": "staff", "id": world.clerk},
        "action": {"name": "use"},
        "context": {"purpose": "billing"},
        "evaluations": [{"resource": 5} if item == BROKEN else {"resource": person(world, item)} for item in items],
    } | more


def decisions(got: Any) -> list[bool]:
    assert got.status == 200, got.said
    return [one["decision"] for one in got.said["evaluations"]]


def test_every_item_is_answered_in_its_place_and_sealed_in_one_batch(world: Any, key: str, way: Any) -> None:
    got = way(EVALUATIONS, batch(world, PERMIT, DENY, PERMIT), key, **{"X-Request-ID": "r-7"})
    assert decisions(got) == [True, False, True]
    assert got.headers["x-request-id"] == "r-7"
    assert [one["context"]["evidence"].partition("/")[2] for one in got.said["evaluations"]] == ["0", "1", "2"]
    assert (SealedDecision.objects.count(), DecisionBatch.objects.count()) == (3, 1)


def test_an_item_that_cannot_be_read_fails_alone(world: Any, key: str, way: Any) -> None:
    got = way(EVALUATIONS, batch(world, PERMIT, BROKEN, PERMIT), key)
    assert decisions(got) == [True, False, True]
    error = got.said["evaluations"][1]["context"]["error"]
    assert (error["status"], error["code"], error["fields"]) == (400, "decisions.bad-request", ["resource"])
    assert error["message"]
    assert error["remedy"]
    assert SealedDecision.objects.count() == 2
    missing = batch(world, PERMIT) | {"evaluations": [{}, {"resource": person(world, PERMIT)}, 7]}
    assert decisions(way(EVALUATIONS, missing, key)) == [False, True, False]


def test_only_broken_items_leave_nothing_to_seal(world: Any, key: str, quick: Any) -> None:
    assert decisions(quick(EVALUATIONS, batch(world, BROKEN, BROKEN), key)) == [False, False]
    assert SealedDecision.objects.count() == 0


@pytest.mark.parametrize(
    ("semantic", "items", "expected"),
    [
        ("execute_all", (PERMIT, DENY, PERMIT), [True, False, True]),
        ("deny_on_first_deny", (PERMIT, DENY, PERMIT), [True, False]),
        ("deny_on_first_deny", (PERMIT, BROKEN, PERMIT), [True, False]),
        ("deny_on_first_deny", (PERMIT, PERMIT), [True, True]),
        ("permit_on_first_permit", (DENY, PERMIT, DENY), [False, True]),
        ("permit_on_first_permit", (BROKEN, DENY), [False, False]),
    ],
)
def test_a_batch_goes_as_far_as_it_is_told(
    world: Any, key: str, quick: Any, semantic: str, items: tuple[str, ...], expected: list[bool]
) -> None:
    got = quick(EVALUATIONS, batch(world, *items, options={"evaluations_semantic": semantic}), key)
    assert decisions(got) == expected
    asked = sum(item != BROKEN for item in items[: len(expected)])
    assert SealedDecision.objects.count() == asked, "what was not reached is not asked"


def test_a_key_of_an_item_replaces_the_whole_object(world: Any, key: str, quick: Any) -> None:
    body = batch(world, resource=person(world, PERMIT)) | {
        "evaluations": [
            {},
            {"context": {"purpose": "marketing"}},
            {"context": {}},
            {
                "resource": {"type": "person", "id": world.hana, "properties": {}}
            },  # no items: those of the default are gone
            {"subject": {"type": "staff", "id": "nobody"}},
        ]
    }
    got = quick(EVALUATIONS, body, key)
    assert decisions(got) == [True, False, False, False, False]
    first = [{reason["code"] for reason in one["context"]["reasons"]} for one in got.said["evaluations"]]
    assert "gate.unknown-purpose" in first[2]
    assert "gate.unknown-item" in first[3]
    assert "gate.actor-known" in first[4]


def test_a_type_or_id_left_away_is_the_default_s(world: Any, key: str, quick: Any) -> None:
    body = batch(world, resource={"type": "person", "properties": {"items": ["bank"]}}) | {
        "evaluations": [
            {"resource": {"id": world.hana, "properties": {"items": [PERMIT]}}},
            {"resource": {"id": world.hana}},
        ]
    }
    got = quick(EVALUATIONS, body, key)
    assert decisions(got) == [True, False]
    assert "gate.unknown-item" in {reason["code"] for reason in got.said["evaluations"][1]["context"]["reasons"]}


def test_without_evaluations_it_is_a_single_one(world: Any, key: str, way: Any) -> None:
    single = {name: value for name, value in batch(world, PERMIT).items() if name != "evaluations"}
    for body in (
        single | {"resource": person(world, PERMIT)},
        single | {"resource": person(world, PERMIT), "evaluations": []},
    ):
        got = way(EVALUATIONS, body, key)
        assert (got.status, got.said["decision"]) == (200, True)
    assert way(EVALUATIONS, single, key).status == 400
    assert way(EVALUATION, single | {"resource": person(world, PERMIT)}, key).said["decision"] is True


@pytest.mark.parametrize(
    "change",
    [
        {"evaluations": "x"},
        {"evaluations": {}},
        {"subject": None},
        {"context": "billing"},
        {"options": []},
        {"options": {"evaluations_semantic": "all"}},
        {"options": {"evaluations_semantic": ["execute_all"]}},
        {"evaluations": [{}] * 1001},
    ],
)
def test_a_batch_that_is_none_is_refused_whole(world: Any, key: str, quick: Any, change: dict[str, Any]) -> None:
    got = quick(EVALUATIONS, batch(world, PERMIT) | change, key)
    assert (got.status, got.headers["content-type"]) == (400, "application/problem+json")
    assert SealedDecision.objects.count() == 0


def test_sentences_in_the_language_asked_for(world: Any, key: str, way: Any) -> None:
    for accepted, is_english in (("en-GB,en;q=0.9", True), ("ja,en;q=0.5", False), ("", False)):
        got = way(EVALUATIONS, batch(world, DENY, BROKEN), key, **{"Accept-Language": accepted})
        refused, broken = got.said["evaluations"]
        reason, error = refused["context"]["reasons"][0], broken["context"]["error"]
        problem = way(EVALUATION, {}, key, **{"Accept-Language": accepted}).said
        for sentence in (reason["message"], reason["remedy"], error["message"], problem["title"], problem["remedy"]):
            assert sentence.isascii() is is_english, sentence
