"""A time for which nobody knows whose a line was: its erasure is never called done, until the register knows."""

from datetime import UTC, datetime
from types import ModuleType

import pytest

from sekisho.engine.errors import SekishoError
from sekisho.registers.identities import actions as identities
from sekisho.registers.identities import queries as register
from sekisho.registers.retention import actions, queries
from sekisho.registers.retention.rules import PlanStatus

UNCLEAR = "erasure.unclear-time"


def recorded(world: ModuleType, month: int) -> identities.Recorded:
    happened = datetime(2026, month, 1, tzinfo=UTC)
    return identities.Recorded(happened=happened, at=world.AT, document="transfer_form", acting_user="sato", early=True)


def gave_it_on_unheard(world: ModuleType) -> str:
    """P-12's line went by somebody else's hand in September: how it came there nobody has told yet."""
    number: str = world.number_of(12)
    identities.transfer(number=number, giver="P-14", to="P-13", told=recorded(world, 9))
    assert register.unclear_of("P-12")
    return number


def run(world: ModuleType, plan: str) -> queries.PlanRecord:
    actions.run_plan(plan=plan, at=world.AT, acting_user="sato")
    return queries.plan(plan)


def test_the_plan_says_so_and_is_never_done(world: ModuleType) -> None:
    gave_it_on_unheard(world)
    plan = world.propose_and_approve("P-12")
    record = queries.plan(plan)
    assert [one["code"] for one in record.unknown] == [UNCLEAR]
    (said,) = queries.unknowns(record)
    assert "2026-09-01" in said
    assert world.number_of(12) not in said
    for _ in range(2):
        ran = run(world, plan)
        assert ran.status is PlanStatus.PARTLY
        assert UNCLEAR in ran.why
        assert register.is_person("P-12"), "the register forgets nobody of whom something may be left"
    with pytest.raises(SekishoError) as refusal:
        actions.withdraw_plan(plan=plan, at=world.AT, acting_user="sato")
    assert refusal.value.code == "retention.wrong-state"


def test_unclear_since_the_approval_is_the_same(world: ModuleType) -> None:
    plan = world.propose_and_approve("P-12")
    assert queries.plan(plan).unknown == ()
    gave_it_on_unheard(world)
    ran = run(world, plan)
    assert (ran.status, UNCLEAR in ran.why) == (PlanStatus.PARTLY, True)


def test_once_the_register_knows_the_plan_ends(world: ModuleType) -> None:
    """The line left before the plan's time: nothing comes to the person, so the plan as approved covers everything."""
    plan = world.propose_and_approve("P-12")
    number = gave_it_on_unheard(world)
    assert run(world, plan).status is PlanStatus.PARTLY
    identities.transfer(number=number, giver="P-12", to="P-14", told=recorded(world, 7))
    assert run(world, plan).status is PlanStatus.DONE
    assert actions.verify_plan(plan=plan, at=world.AT, acting_user="sato") is PlanStatus.VERIFIED


def test_what_turns_out_to_be_theirs_is_planned_anew(world: ModuleType) -> None:
    """Planned while the time was unclear: with the missing event the person has more than two people approved."""
    number = gave_it_on_unheard(world)
    plan = world.propose_and_approve("P-12")
    assert run(world, plan).status is PlanStatus.PARTLY
    identities.transfer(number=number, giver="P-12", to="P-14", told=recorded(world, 7))
    ran = run(world, plan)
    assert (ran.status, ran.why) == (PlanStatus.PARTLY, ("retention.plan-overtaken", "retention.step-waits"))
    actions.withdraw_plan(plan=plan, at=world.AT, acting_user="sato")
    again = world.propose_and_approve("P-12")
    assert run(world, again).status is PlanStatus.DONE
    assert actions.verify_plan(plan=again, at=world.AT, acting_user="sato") is PlanStatus.VERIFIED
