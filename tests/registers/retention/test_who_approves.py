"""An erasure is approved by two people of the register who may: not by two words somebody typed."""

from datetime import UTC, datetime
from types import ModuleType

import pytest

from sekisho.engine.errors import SekishoError
from sekisho.registers.identities import queries as identities
from sekisho.registers.retention import actions, queries


@pytest.fixture
def plan(world: ModuleType) -> str:
    ref: str = actions.propose_plan(person=world.HANA, reason="request", at=world.AT, acting_user="sato")
    return ref


def approve(world: ModuleType, plan: str, by: str) -> None:
    actions.approve_plan(plan=plan, sha256=queries.plan(plan).sha256, by=by, at=world.AT)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("by", "code"),
    [
        ("nobody", "retention.unknown-approver"),
        ("Mori", "retention.unknown-approver"),
        ("mori ", "retention.unknown-approver"),
        ("ｍｏｒｉ", "retention.unknown-approver"),
        ("", "retention.unknown-approver"),
        ("sato", "retention.approver-may-not"),
        ("kato", "retention.approver-not-active"),
        ("robot", "retention.approver-may-not"),
    ],
)
def test_who_is_not_a_person_that_may_approve_is_refused(world: ModuleType, plan: str, by: str, code: str) -> None:
    approve(world, plan, "mori")
    with pytest.raises(SekishoError) as refused:
        approve(world, plan, by)
    assert refused.value.code == code
    assert "abe, mori" in refused.value.remedy("en")
    assert queries.plan(plan).approved_by == ("mori",)
    assert not identities.suppressed(world.HANA, world.AT)


@pytest.mark.django_db
def test_the_day_of_the_approval_decides(world: ModuleType, plan: str) -> None:
    yesterday = datetime(2026, 11, 22, 12, tzinfo=UTC)  # Kato's last day
    queries.require_approver("kato", yesterday)
    with pytest.raises(SekishoError, match=r"retention\.approver-not-active"):
        queries.require_approver("kato", world.AT)


@pytest.mark.django_db
def test_a_hold_is_placed_and_approved_by_two_people_of_the_register(world: ModuleType) -> None:
    for placed_by, approved_by, code in (
        ("sato", "nobody", "retention.unknown-approver"),
        ("Abe", "abe", "retention.unknown-actor"),
        ("abe", "sato", "retention.approver-may-not"),
    ):
        with pytest.raises(SekishoError) as refused:
            actions.place_hold(
                ground="RET-1",
                source="order",
                placed_on=world.ON,
                until=None,
                at=world.AT,
                acting_user=placed_by,
                approved_by=approved_by,
                person=world.HANA,
            )
        assert refused.value.code == code


@pytest.mark.django_db
def test_a_plan_for_somebody_with_a_contract_says_so_and_one_for_a_former_customer_does_not(
    world: ModuleType, plan: str
) -> None:
    assert queries.warnings(queries.plan(plan)) == ()
    other = actions.propose_plan(person="P-20", reason="request", at=world.AT, acting_user="sato")
    told = queries.warnings(queries.plan(other), "en")
    assert {(one["code"], one["system"], one["table"]) for one in told} >= {
        ("erasure.relation-stands", "crm", "customers")
    }
    assert "the end of the contract" in str(told[0]["message"])
    unpaid = actions.propose_plan(person=world.KEN, reason="request", at=world.AT, acting_user="sato")
    codes = {one["code"]: one["rows"] for one in queries.warnings(queries.plan(unpaid))}
    assert codes == {"erasure.claim-stands": 1}
