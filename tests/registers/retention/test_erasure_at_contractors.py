"""Contractors are ordered to erase, answer or are chased; without every receipt an erasure is 一部未了."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sekisho.engine.errors import SekishoError
from sekisho.registers.contractors import actions as contractors
from sekisho.registers.contractors import queries as held
from sekisho.registers.contractors.proofs import receipts_in_time
from sekisho.registers.identities import queries as identities
from sekisho.registers.policies import queries as policies
from sekisho.registers.recipients.actions import NewRecipient, register
from sekisho.registers.retention import actions, jobs, proofs, queries
from sekisho.registers.retention.rules import PlanStatus

CENTRE = "contractor-call-centre"


@pytest.fixture
def world(world: ModuleType) -> ModuleType:
    """Its contractors stand in the register of recipients."""
    new = [NewRecipient(ref=ref, kind="contractor", label=ref) for ref in (CENTRE, "contractor-shares")]
    register(recipients=new, at=world.AT, acting_user="sato")
    return world


@pytest.fixture
def entrusted(world: ModuleType) -> ModuleType:
    contractors.record_holding(
        contractor=CENTRE,
        what="受付の記録の写し",
        items=["inquiry"],
        kinds=["number"],
        since=date(2024, 4, 1),
        at=world.AT,
        acting_user="sato",
    )
    contractors.record_holding(
        contractor="contractor-shares",
        what="株主名簿の写し",
        items=["shareholder"],
        kinds=["shareholder_no"],
        since=date(2024, 4, 1),
        at=world.AT,
        acting_user="sato",
    )
    return world


def partly(world: ModuleType) -> str:
    plan: str = world.propose_and_approve(world.HANA)
    assert actions.run_plan(plan=plan, at=world.AT, acting_user="sato") is PlanStatus.PARTLY
    return plan


def test_the_order_goes_out_first_and_the_plan_waits_for_the_receipt(entrusted: ModuleType, home: Path) -> None:
    world = entrusted
    plan = partly(world)
    record = queries.plan(plan)
    assert record.why == ("retention.receipt-waits",)
    assert record.retry_at is not None
    assert [step.kind for step in record.steps][:2] == ["copies", "order"]
    assert [step.kind for step in record.steps][-2:] == ["forget", "receipt"]
    assert not identities.identifiers_of(world.HANA)  # what is ours does not wait for others
    with pytest.raises(SekishoError, match=r"retention\.wrong-state"):
        actions.verify_plan(plan=plan, at=world.AT, acting_user="sato")
    (order,) = held.orders(plan=plan)
    assert (order.contractor, order.due_on) == (CENTRE, date(2026, 12, 7))
    contractors.record_receipt(
        order=order.ref,
        sealed_sha256=order.sealed_sha256,
        done_on=world.ON,
        method="deleted",
        at=world.AT,
        acting_user="sato",
    )
    assert jobs.resume(record.retry_at) == (plan,)
    assert queries.plan(plan).status is PlanStatus.VERIFIED
    actions.certify_plan(plan=plan, at=record.retry_at, acting_user="sato")
    (said,) = queries.certificate(plan)["contractors"]
    assert (said["order"], said["done_on"], said["method"]) == (order.ref, "2026-11-23", "deleted")


def test_the_order_names_nobody_and_the_list_opens_only_under_its_key(entrusted: ModuleType, tmp_path: Path) -> None:
    world = entrusted
    (order,) = held.orders(plan=partly(world))
    key = contractors.hand_over(order=order.ref, folder=tmp_path / "out", at=world.AT, acting_user="sato")
    files = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    for data in files.values():
        for value in (world.NUMBER, world.AGAIN, world.NAME, world.HANA):
            assert value.encode() not in data
    sealed = files[f"{order.ref}.sealed"]
    opened = json.loads(AESGCM(bytes.fromhex(key)).decrypt(sealed[:12], sealed[12:], order.ref.encode()))
    assert sorted(opened) == sorted([["number", world.NUMBER], ["number", world.AGAIN]])  # no kind it does not know


def test_a_receipt_must_answer_this_order_on_a_day_that_was(entrusted: ModuleType, home: Path) -> None:
    world = entrusted
    (order,) = held.orders(plan=partly(world))

    def receipt(sealed: str, done_on: date) -> None:
        contractors.record_receipt(
            order=order.ref, sealed_sha256=sealed, done_on=done_on, method="deleted", at=world.AT, acting_user="sato"
        )

    with pytest.raises(SekishoError, match=r"contractors\.not-named"):
        receipt("0" * 64, world.ON)
    for day in (world.ON - timedelta(days=1), world.ON + timedelta(days=1)):
        with pytest.raises(SekishoError, match=r"contractors\.receipt-early"):
            receipt(order.sealed_sha256, day)
    assert (home / "keys" / "orders" / f"{order.ref}.key").exists()
    receipt(order.sealed_sha256, world.ON)
    assert not list((home / "keys" / "orders").iterdir())
    with pytest.raises(SekishoError, match=r"contractors\.already-received"):
        receipt(order.sealed_sha256, world.ON)


def test_who_is_late_is_chased_and_stands_on_the_board(entrusted: ModuleType) -> None:
    world = entrusted
    plan = partly(world)
    clause = policies.in_force(world.AT).clauses["B-29"]
    for day, chased, late in ((14, 0, 0), (15, 1, 1), (16, 1, 1), (22, 2, 1)):
        at: datetime = world.AT + timedelta(days=day)
        jobs.resume(at)
        (order,) = held.orders(plan=plan)
        assert len(order.chased) == chased, day
        assert len(held.overdue(at.date())) == late
        proof = receipts_in_time(at=at, clause=clause)
        assert (proof.verdict, bool(proof.why)) == (("broken", True) if late else ("kept", False))
        assert queries.plan(plan).status is PlanStatus.PARTLY
    actions.sweep(on=at.date(), at=at, acting_user="test")
    proof = proofs.nothing_overdue(at=at, clause=clause)
    assert proof.verdict == "broken"
    assert "委託先" in str(proof.why)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"kinds": ["custmer_no"]}, "contractors.unknown-kind"),
        ({"items": ["inquiry", "identty"]}, "contractors.unknown-class"),
        ({"until": date(2023, 1, 1)}, "contractors.holding-backwards"),
        ({"contractor": "contractor-nobody-knows"}, "contractors.unknown-contractor"),
        ({"what": "山田花子 090-1111-2222 の写し"}, "contractors.personal-words"),
    ],
)
def test_a_holding_no_order_could_be_made_from_is_refused(world: ModuleType, wrong: dict[str, Any], code: str) -> None:
    right: dict[str, Any] = {"items": ["inquiry"], "kinds": ["number"], "since": date(2024, 4, 1)}
    right |= {"contractor": CENTRE, "what": "写し"}
    with pytest.raises(SekishoError) as refusal:
        contractors.record_holding(at=world.AT, acting_user="sato", **right | wrong)
    assert refusal.value.code == code
    assert not held.holders(frozenset({"number"}), world.ON)


def test_a_holding_that_ended_is_waited_for_no_more(world: ModuleType) -> None:
    ref = contractors.record_holding(
        contractor=CENTRE, what="写し", items=["inquiry"], kinds=["number"], since=date(2024, 4, 1), at=world.AT,
        acting_user="sato",
    )  # fmt: skip
    contractors.end_holding(holding=ref, until=date(2026, 11, 1), at=world.AT, acting_user="sato")
    plan = world.propose_and_approve(world.HANA)
    assert actions.run_plan(plan=plan, at=world.AT, acting_user="sato") is PlanStatus.DONE
    with pytest.raises(SekishoError) as refusal:
        contractors.end_holding(holding="holding-0", until=date(2026, 11, 1), at=world.AT, acting_user="sato")
    assert refusal.value.code == "contractors.unknown-holding"
