"""Who only stands in contract for a line that somebody else uses can be planned and erased; the user's calls stay."""

from datetime import date
from pathlib import Path
from types import ModuleType

import pytest

from sekisho.engine.errors import SekishoError
from sekisho.registers.identities import queries as register
from sekisho.registers.identities.actions import NewPerson, import_population
from sekisho.registers.identities.rules import CONTRACTED, IdentifierInterval, NameInterval
from sekisho.registers.retention import actions, queries
from sekisho.registers.retention.rules import PlanStatus

FIRM = "P-firm"


def test_a_contractor_of_anothers_line_is_erased(world: ModuleType, home: Path) -> None:
    line = IdentifierInterval(person=FIRM, kind=CONTRACTED, value=world.number_of(12), role="contractor")
    firm = NewPerson(
        ref=FIRM, kinds=("customer",), acquired_on=date(2020, 1, 1), identifiers=(line,),
        names=(NameInterval(name="株式会社 関所守", kana="カブシキガイシャ セキショモリ"),),
    )  # fmt: skip
    import_population(people=(firm,), at=world.AT, acting_user="test")
    assert not register.identifiers_of(FIRM)
    before = world.state(home)
    plan = world.propose_and_approve(FIRM)
    forgetting = [step for step in queries.plan(plan).steps if step.kind == "forget"]
    assert actions.run_plan(plan=plan, at=world.AT, acting_user="sato") is PlanStatus.DONE
    assert actions.verify_plan(plan=plan, at=world.AT, acting_user="sato") is PlanStatus.VERIFIED
    (forgotten,) = (step for step in queries.plan(plan).steps if step.ordinal == forgetting[0].ordinal)
    assert (forgotten.before, forgotten.after) == (2, 0), "the line and the name"
    assert not register.intervals_of(FIRM)
    assert register.is_erased(FIRM)
    assert world.state(home) == before, "the line's calls are its user's"
    assert register.person_of("number", world.number_of(12), world.AT) == "P-12"


def test_nobody_is_planned_whom_the_register_does_not_know(world: ModuleType) -> None:
    with pytest.raises(SekishoError) as refusal:
        world.propose_and_approve("P-nobody")
    assert refusal.value.code == "retention.unknown-person"
