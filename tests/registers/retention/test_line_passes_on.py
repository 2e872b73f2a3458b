"""A line passes on while an erasure waits: what is the next holder's by then is not touched, nor taken for a residue."""

import json
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest

from sekisho.engine.errors import SekishoError
from sekisho.registers.identities import actions as identities
from sekisho.registers.identities import queries
from sekisho.registers.retention import actions
from sekisho.registers.retention.rules import PlanStatus

PASSED = datetime(2026, 9, 1, tzinfo=UTC)


def calls(world: ModuleType, home: Path) -> dict[str, dict[str, str]]:
    found = [json.loads(row) for row in world.state(home)["cdr.calls"]]
    return {str(row["call_id"]): row for row in found}


def test_calls_after_the_line_passed_on_stay(world: ModuleType, home: Path) -> None:
    before = calls(world, home)
    plan = world.propose_and_approve("P-12")
    number = world.number_of(12)
    told = identities.Recorded(happened=PASSED, at=world.AT, document="transfer_form", acting_user="sato")
    identities.transfer(number=number, to="P-13", told=told)
    assert actions.run_plan(plan=plan, at=world.AT, acting_user="sato") is PlanStatus.DONE
    assert actions.verify_plan(plan=plan, at=world.AT, acting_user="sato") is PlanStatus.VERIFIED
    after = calls(world, home)
    later = [
        one for one in before.values() if number in (one["caller"], one["callee"]) and one["started_at"] > "2026-09"
    ]
    earlier = [
        one for one in before.values() if number in (one["caller"], one["callee"]) and one["started_at"] < "2026-09"
    ]
    assert later
    assert earlier
    for row in later:
        assert after[str(row["call_id"])] == row, "the next holder's call is whole"
    for row in earlier:
        assert number not in (after[str(row["call_id"])]["caller"], after[str(row["call_id"])]["callee"])
    assert queries.person_of("number", number, world.AT) == "P-13"
    assert not queries.is_person("P-12")


@pytest.mark.parametrize("how", ["line", "name"])
def test_whoever_came_into_more_since_the_approval_is_planned_anew(world: ModuleType, how: str) -> None:
    plan = world.propose_and_approve("P-12")
    document = {"line": "transfer_form", "name": "family_register"}[how]
    told = identities.Recorded(happened=PASSED, at=world.AT, document=document, acting_user="sato")
    if how == "line":
        identities.transfer(number=world.number_of(13), to="P-12", told=told)
    else:
        identities.rename(person="P-12", name="新関 花", kana="ニイゼキ ハナ", told=told)
    with pytest.raises(SekishoError) as refusal:
        actions.run_plan(plan=plan, at=world.AT, acting_user="sato")
    assert refusal.value.code == "retention.plan-outgrown"
    actions.withdraw_plan(plan=plan, at=world.AT, acting_user="sato")
    again = world.propose_and_approve("P-12")
    assert actions.run_plan(plan=again, at=world.AT, acting_user="sato") is PlanStatus.DONE
    assert actions.verify_plan(plan=again, at=world.AT, acting_user="sato") is PlanStatus.VERIFIED
