"""What our own database keeps of the erased in its files is gone too, on PostgreSQL as on SQLite."""

from types import ModuleType

import pytest
from django.db import connection, transaction

from sekisho.connectors import residue
from sekisho.engine.catalog.model import SystemKind
from sekisho.registers.identities import actions as identities
from sekisho.registers.identities.models import Identifier, PersonName
from sekisho.registers.retention import actions, queries
from sekisho.registers.retention.queries.checking import _own_places
from sekisho.registers.retention.rules import PlanStatus


def left(world: ModuleType) -> list[residue.Residue]:
    """What stands of the person in our own database; a database in memory is on no disk."""
    needles = {"number": (world.NUMBER,), "name": (world.NAME,), "mail": (world.MAIL,)}
    return [
        hit
        for _, kind, url in _own_places()
        if kind is SystemKind.POSTGRESQL
        for hit in residue.find(kind, url, needles)
    ]


def test_no_byte_of_the_forgotten_stays_in_our_own_files(world: ModuleType) -> None:
    assert bool(left(world)) == (connection.vendor == "postgresql")
    plan = world.propose_and_approve(world.HANA)
    assert actions.run_plan(plan=plan, at=world.AT, acting_user="sato") is PlanStatus.DONE
    assert left(world) == []
    assert actions.verify_plan(plan=plan, at=world.AT, acting_user="sato") is PlanStatus.VERIFIED


@pytest.mark.parametrize("everybody", [False, True])
def test_sample_values_of_an_emptied_table_go_too(world: ModuleType, everybody: bool) -> None:
    identities.purge()  # the planner has its sample values now
    for model in (Identifier, PersonName):
        (model.objects.all() if everybody else model.objects.filter(person_ref=world.HANA)).delete()
    identities.purge()
    assert left(world) == []


def test_what_was_left_in_our_files_is_rewritten_with_the_next_try(world: ModuleType) -> None:
    """Where the rewriting came to nothing the verification says so, and the next try does it again."""
    plan = world.propose_and_approve(world.HANA)
    with transaction.atomic():  # nothing can be rewritten in here
        actions.run_plan(plan=plan, at=world.AT, acting_user="sato")
    first = actions.verify_plan(plan=plan, at=world.AT, acting_user="sato")
    if connection.vendor == "postgresql":
        assert first is PlanStatus.PARTLY
        assert queries.plan(plan).why == ("retention.residue-found",)
        assert actions.run_plan(plan=plan, at=world.AT, acting_user="sato") is PlanStatus.DONE
        first = actions.verify_plan(plan=plan, at=world.AT, acting_user="sato")
    assert first is PlanStatus.VERIFIED
