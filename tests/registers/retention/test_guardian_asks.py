"""Who may ask for an erasure: the person, and until they are 18 whoever acts for them."""

from datetime import UTC, date, datetime
from types import ModuleType

import pytest

from sekisho.engine.errors import SekishoError
from sekisho.evidence import queries as ledger
from sekisho.registers.identities.actions import NewPerson, import_population
from sekisho.registers.identities.rules import NameInterval
from sekisho.registers.retention import actions

CHILD = "P-child"
LAST_DAY = datetime(2026, 11, 23, 14, 59, tzinfo=UTC)  # in Tokyo the 23rd still, the day before they are 18
OF_AGE = datetime(2026, 11, 23, 15, 1, tzinfo=UTC)


@pytest.fixture
def child(world: ModuleType) -> ModuleType:
    new = NewPerson(
        ref=CHILD, kinds=("customer",), acquired_on=date(2020, 1, 1), identifiers=(),
        names=(NameInterval(name="試験 子", kana="シケン コ"),), born_on=date(2008, 11, 24), guardian=world.HANA,
    )  # fmt: skip
    import_population(people=(new,), at=world.AT, acting_user="test")
    return world


def test_a_guardian_asks_until_the_child_is_of_age(child: ModuleType) -> None:
    plan = actions.propose_plan(person=CHILD, reason="request", at=LAST_DAY, acting_user="sato", asked_by=child.HANA)
    (entry,) = ledger.records(kinds=["retention.plan-proposed"], newest=5)
    assert (entry.body["plan"], entry.body["asked_by"]) == (plan, "guardian")
    actions.withdraw_plan(plan=plan, at=LAST_DAY, acting_user="sato")
    with pytest.raises(SekishoError, match=r"retention\.may-not-ask"):
        actions.propose_plan(person=CHILD, reason="request", at=OF_AGE, acting_user="sato", asked_by=child.HANA)
    assert actions.propose_plan(person=CHILD, reason="request", at=OF_AGE, acting_user="sato", asked_by=CHILD)


def test_nobody_else_asks(child: ModuleType) -> None:
    for asker in (child.KEN, "P-nobody"):
        with pytest.raises(SekishoError, match=r"retention\.may-not-ask"):
            actions.propose_plan(person=CHILD, reason="request", at=child.AT, acting_user="sato", asked_by=asker)
    assert not ledger.records(kinds=["retention.plan-proposed"], newest=5)
