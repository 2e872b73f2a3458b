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
    assert refusal.value.code == "retention.plan-overtaken"
    actions.withdraw_plan(plan=plan, at=world.AT, acting_user="sato")
    again = world.propose_and_approve("P-12")
    assert actions.run_plan(plan=again, at=world.AT, acting_user="sato") is PlanStatus.DONE
    assert actions.verify_plan(plan=again, at=world.AT, acting_user="sato") is PlanStatus.VERIFIED


@pytest.mark.parametrize("person", [12, 14])
def test_a_record_of_a_returned_number_is_nobodys_and_stays(world: ModuleType, home: Path, person: int) -> None:
    """What was theirs in their time goes; a call to the number that nobody has since is no residue of them."""
    before, number = calls(world, home), world.number_of(person)
    told = identities.Recorded(happened=PASSED, at=world.AT, document="cancellation", acting_user="sato")
    identities.release(number=number, told=told)
    plan = world.propose_and_approve(f"P-{person}")
    assert actions.run_plan(plan=plan, at=world.AT, acting_user="sato") is PlanStatus.DONE
    assert actions.verify_plan(plan=plan, at=world.AT, acting_user="sato") is PlanStatus.VERIFIED
    after = calls(world, home)
    theirs = [one for one in before.values() if number in (one["caller"], one["callee"])]
    assert {one["started_at"] > "2026-09" for one in theirs} == {True, False}
    for row in theirs:
        now = after[str(row["call_id"])]
        assert (number in (now["caller"], now["callee"])) == (row["started_at"] > "2026-09")


def test_what_is_left_of_their_own_time_is_a_residue_all_the_same(world: ModuleType, home: Path) -> None:
    number = world.number_of(12)
    told = identities.Recorded(happened=PASSED, at=world.AT, document="cancellation", acting_user="sato")
    identities.release(number=number, told=told)
    plan = world.propose_and_approve("P-12")
    assert actions.run_plan(plan=plan, at=world.AT, acting_user="sato") is PlanStatus.DONE
    late = {"ticket_no": "T9999", "received_at": "2026-08-01T00:00:00+00:00", "customer_no": None, "number": number}
    (file, *_) = sorted((home / "systems" / "support").rglob("*.jsonl"))
    with file.open("a", encoding="utf-8") as tickets:
        tickets.write(json.dumps(late | {"body": "番号だけの問い合わせ"}, ensure_ascii=False) + "\n")
    assert actions.verify_plan(plan=plan, at=world.AT, acting_user="sato") is PlanStatus.PARTLY
