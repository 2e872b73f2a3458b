"""An erasure plan tells nobody that an authority asked in confidence to keep something: no paper, ground or day."""

import json
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner

from sekisho.engine.errors import SekishoError
from sekisho.entrypoints.cli import erase
from sekisho.entrypoints.cli.refusing import refusing
from sekisho.registers.retention import actions, queries
from sekisho.registers.retention.rules import PlanStatus

PAPER = "HOZEN-4711"


def place(world: ModuleType, person: str) -> str:
    return actions.place_hold(
        kind="preservation", source=PAPER, placed_on=world.ON, at=world.AT, acting_user="hino", approved_by="abe",
        person=person, is_confidential=True,
    )  # fmt: skip


def test_a_plan_names_neither_paper_nor_ground_nor_day(world: ModuleType, home: Path) -> None:
    hold = place(world, "P-12")
    calls = world.state(home)["cdr.calls"]
    plan = world.propose_and_approve("P-12")
    record = queries.plan(plan)
    assert record.retained
    untold = [one for one in record.retained if not one.clause and not one.article]
    assert untold
    assert {one.until for one in untold} == {None}
    said = json.dumps([[one.says, one.clause, one.article, str(one.until)] for one in record.retained])
    assert not any(word in said for word in (PAPER, "RET-1", hold))
    actions.run_plan(plan=plan, at=world.AT, acting_user="sato")
    assert world.state(home)["cdr.calls"] == calls, "told or not, it binds"


def test_what_is_kept_anyway_is_told_as_of_anybody(world: ModuleType) -> None:
    """Ken's records stay by law with or without the hold: they are told with the law's own day."""
    plain = queries.plan(world.propose_and_approve(world.KEN))
    actions.withdraw_plan(plan=plain.ref, at=world.AT, acting_user="sato")
    place(world, world.KEN)
    again = queries.plan(world.propose_and_approve(world.KEN))
    by_law = {(one.table, one.item, one.says, one.until) for one in plain.retained}
    assert by_law
    assert by_law <= {(one.table, one.item, one.says, one.until) for one in again.retained}


@pytest.mark.parametrize("command", ["approve", "run", "verify", "certify", "withdraw"])
def test_no_hold_window_ends_by_naming_a_later_instant(
    world: ModuleType, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--at` next year is no way around 30 days."""
    plan = actions.propose_plan(person="P-12", reason="request", at=world.AT, acting_user="sato")
    for by in ("mori", "abe"):
        sha256 = queries.plan(plan).sha256
        actions.approve_plan(plan=plan, sha256=sha256, by=by, at=world.AT, hold_window=timedelta(days=30))
    monkeypatch.setattr(erase, "opened", refusing)  # the registers are the test's own
    args = [command, plan, "--at", "2999-01-01T00:00"] + (["--by", "mori"] if command == "approve" else [])
    ran = CliRunner().invoke(erase.command, args)
    assert ran.exit_code == 1
    assert "erasure.ahead" in ran.stderr
    assert queries.plan(plan).status is PlanStatus.APPROVED


@pytest.mark.parametrize("reason", ["山田太郎の依頼 090-1111-2222", "hanako@example.jp より"])
def test_the_reason_of_a_plan_names_nobody(world: ModuleType, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erase, "opened", refusing)
    ran = CliRunner().invoke(erase.command, ["plan", world.KEN, "--reason", reason])
    assert ran.exit_code == 1
    assert "retention.personal-reason" in ran.stderr
    assert reason not in ran.output
    with pytest.raises(SekishoError, match=r"retention\.personal-reason"):
        actions.propose_plan(person=world.KEN, reason=reason, at=world.AT, acting_user="sato")
    assert queries.plans(person=world.KEN) == ()
