"""A hold asked for in confidence leaves the traces of any hold, and of a sweep the traces of every sweep (LAW.md 9.1)."""

import hashlib
import json
from typing import Any

import pytest
from django.db.models import Q

from sekisho.engine.errors import SekishoError
from sekisho.engine.merkle.canonical import canonical
from sekisho.evidence import queries as ledger
from sekisho.registers.retention import actions, queries
from sekisho.registers.retention.models import Hold, SweepStep
from sekisho.registers.retention.queries.replaying import sealed_in

SECRET, PLAIN, FREE = "P-13", "P-15", "P-18"  # three people whose rows are alike


def place(world: Any, person: str, *, in_confidence: bool) -> str:
    """Both over the same items; the one by an investigator, the other for a claim."""
    more = {"kind": "preservation", "is_confidential": True} if in_confidence else {"kind": "legal_claim"}
    return actions.place_hold(
        source="令和8年第12号", placed_on=world.ON, at=world.AT, acting_user="hino", approved_by="abe", person=person,
        items=("traffic",), **more,
    )  # fmt: skip


def entries() -> list[tuple[str, dict[str, object]]]:
    return [(one.kind, dict(one.body)) for one in ledger.records(newest=500)][::-1]


def shape(some: list[tuple[str, dict[str, object]]]) -> list[tuple[str, dict[str, int]]]:
    """Kind, keys and lengths: what is left when the values say nothing."""
    return [(kind, {key: len(json.dumps(value)) for key, value in body.items()}) for kind, body in some]


def test_the_ledger_says_the_same_of_either_hold_whatever_becomes_of_it(world: Any) -> None:
    seen = []
    for person, in_confidence in ((SECRET, True), (PLAIN, False)):
        before = len(entries())
        hold = place(world, person, in_confidence=in_confidence)
        actions.review_hold(hold=hold, review_on=world.ON, at=world.AT, acting_user="hino")
        actions.release_hold(hold=hold, at=world.AT, acting_user="hino")
        seen.append(shape(entries()[before:]))
        assert hold not in json.dumps(entries())
    assert seen[0] == seen[1]
    assert [kind for kind, _ in seen[0]] == ["retention.sealed"] * 3
    assert len({ref[:5] for ref in Hold.objects.values_list("ref", flat=True)}) == 1


def test_each_sealed_entry_opens_in_the_register(world: Any) -> None:
    hold = place(world, SECRET, in_confidence=True)
    actions.release_hold(hold=hold, at=world.AT, acting_user="hino")
    (row,) = Hold.objects.all()
    for opening, (_, body) in zip(row.opened, entries()[-2:], strict=True):
        said = opening["salt"].encode() + canonical(opening["body"] | {"what": opening["what"]})
        assert hashlib.sha256(said).hexdigest() == opening["commitment"] == body["commitment"]
        assert sealed_in(str(body["commitment"]))["hold"] == hold
    assert sealed_in("0" * 64) == {}


def test_a_plan_says_the_same_of_either(world: Any) -> None:
    told = []
    for person, in_confidence in ((SECRET, True), (PLAIN, False)):
        place(world, person, in_confidence=in_confidence)
        record = queries.plan(world.propose_and_approve(person))
        told.append(
            (
                [(s.ordinal, s.kind, s.system, s.table, s.columns) for s in record.steps],
                [(o.table, o.item, o.rows, o.says, o.clause, o.article, o.until) for o in record.retained],
                record.unknown,
                [dict(one) for one in record.living],
            )
        )
    assert told[0] == told[1]
    assert any("ほかの理由" in line[3] for line in told[0][1])


def test_an_erasure_that_must_wait_says_the_same_of_either(world: Any) -> None:
    """And the same of one whose person came into something since."""
    said = []
    for person, in_confidence in ((SECRET, True), (PLAIN, False)):
        plan = world.propose_and_approve(person)
        place(world, person, in_confidence=in_confidence)
        with pytest.raises(SekishoError) as refusal:
            actions.run_plan(plan=plan, at=world.AT, acting_user="sato")
        said.append((refusal.value.code, refusal.value.message("ja").replace(plan, "")))
        actions.withdraw_plan(plan=plan, at=world.AT, acting_user="sato")
    assert said[0] == said[1]
    assert said[0][0] == "retention.plan-overtaken"
    assert "指示" not in said[0][1]


def test_a_sweep_that_takes_what_was_kept_in_confidence_leaves_what_every_sweep_leaves(world: Any, home: Any) -> None:
    hold = place(world, SECRET, in_confidence=True)
    actions.sweep(on=world.ON, at=world.AT, acting_user="test")
    actions.release_hold(hold=hold, at=world.AT, acting_user="hino")
    seen = []
    for _ in range(2):  # the first takes what the hold kept, the second takes nothing
        before = len(entries())
        rows = len(world.state(home)["cdr.calls"])
        run = actions.sweep(on=world.ON, at=world.AT, acting_user="test")
        record = queries.sweep(run)
        taken = rows - len(world.state(home)["cdr.calls"])
        seen.append((shape(entries()[before:]), record.examined, record.erased, record.steps, actions.sweep_steps(run)))
        assert bool(taken) is (len(seen) == 1)
    assert seen[0] == seen[1]
    silent = SweepStep.objects.filter(Q(spec__expected=0))
    assert {step.status for step in silent} == {"done"}
    assert [one["what"] for one in silent.order_by("ordinal")[0].spec["opened"]] == ["sweep-begun", "sweep-ended"]


def test_the_steps_that_are_told_are_numbered_without_a_gap(world: Any) -> None:
    """Something new falls due in the sweep that also takes what was kept in confidence."""
    from datetime import timedelta

    hold = place(world, SECRET, in_confidence=True)
    actions.sweep(on=world.ON, at=world.AT, acting_user="test")
    actions.release_hold(hold=hold, at=world.AT, acting_user="hino")
    later = timedelta(days=2)  # a customer, no call
    run = actions.sweep(on=world.ON + later, at=world.AT + later, acting_user="test")
    assert SweepStep.objects.filter(run__ref=run, spec__expected=0).exists()
    told = queries.sweep(run).steps
    assert told
    assert [one.ordinal for one in told] == list(range(1, len(told) + 1))
    done = [body["step"] for kind, body in entries() if kind == "retention.sweep-step-done" and body["sweep"] == run]
    assert done == list(range(1, len(told) + 1))


@pytest.mark.parametrize("in_confidence", [True, False])
def test_a_restore_knows_a_hold_and_its_end_by_what_was_kept_apart(world: Any, *, in_confidence: bool) -> None:
    """The ledger's entries name no hold: what they seal is written apart with them, and replayed without asking a desk."""
    from sekisho.registers.backups.queries.due import bodies_of
    from sekisho.registers.retention.actions.replaying import restore_hold

    kept: list[Any] = []
    hold = place(world, SECRET, in_confidence=in_confidence)
    (entry,) = ledger.records(kinds=["retention.sealed"], newest=1)
    kept += bodies_of(entry)
    standing = queries.standing_holds(world.ON)
    actions.release_hold(hold=hold, at=world.AT, acting_user="hino")
    (entry,) = ledger.records(kinds=["retention.sealed"], newest=1)
    kept += bodies_of(entry)
    Hold.objects.all().delete()
    said: list[Any] = [dict(body) for body in kept]
    assert [body["what"] for body in said] == ["placed", "released"]
    for body, stands in zip(said, (standing, ()), strict=True):
        for is_new in (True, False):
            done = restore_hold(
                hold=body["hold"], written=body["as_written"], at=world.AT, acting_user="restore",
                is_over=body["what"] == "released",
            )  # fmt: skip
            assert done is is_new
        assert [one.id for one in queries.standing_holds(world.ON)] == [one.id for one in stands]
    before = len(entries())
    actions.end_expired_holds(at=world.AT, acting_user="test")
    assert [kind for kind, _ in entries()[before:]] == ["retention.sealed"], "one, though none has ended"
