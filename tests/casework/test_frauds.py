"""Scripted frauds are refused and honest requests served, over the whole desk with real stores, under both policies."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fraud_world as world
import gatherings
import pytest
from django.conf import settings
from django.db import transaction
from pytest_django import DjangoDbBlocker

pytestmark = pytest.mark.django_db
FRAUDS, HONEST = world.scripts("frauds"), world.scripts("honest")


@pytest.fixture(scope="module", params=["arlink", "carrier"])
def policy(
    request: pytest.FixtureRequest,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """One carrier for all scripts of a policy; what a script does is taken back."""
    before, home = (settings.HOME, gatherings.POLICY), tmp_path_factory.mktemp("frauds")
    settings.HOME = home
    with django_db_blocker.unblock(), transaction.atomic():
        world.build(home, request.param)
        yield request.param
        transaction.set_rollback(True)
    settings.HOME, gatherings.POLICY = before


def played(script: dict[str, Any]) -> str:
    with transaction.atomic():
        came = world.played(script)
        transaction.set_rollback(True)
    for folder in ("scans", "keys/scans"):
        for left in (Path(settings.HOME) / folder).glob("[FK]-*"):
            left.unlink()
    return came


@pytest.mark.parametrize("script", FRAUDS, ids=lambda one: one["id"])
def test_a_fraud_does_not_get_what_it_wants(policy: str, script: dict[str, Any]) -> None:
    expected = script["ends"]
    assert played(script) == (expected[policy] if isinstance(expected, dict) else expected), script["says"]


@pytest.mark.parametrize("script", HONEST, ids=lambda one: one["id"])
def test_an_honest_request_is_served(policy: str, script: dict[str, Any]) -> None:
    expected = script.get("ends", "served:granted")
    assert played(script) == (expected[policy] if isinstance(expected, dict) else expected), script["says"]


def test_there_are_forty_of_each_and_no_two_alike() -> None:
    for found in (FRAUDS, HONEST):
        assert len({one["id"] for one in found}) == len(found) >= 40
        assert all(one["says"] for one in found)
    assert not any(str(one.get("ends", "")).startswith("check:") for one in HONEST)
    assert all(one["never"] for one in FRAUDS if str(one["ends"]).startswith("served")), "what it was after is named"
