"""An heir's request from the papers to the letter, and a child who comes of age while a parent's request is open."""

import json
import shutil
from datetime import date, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import answers_world as aw
import pytest

from sekisho.casework.subject_requests import actions, queries
from sekisho.casework.subject_requests.queries import packages
from sekisho.casework.subject_requests.queries.frauds import checks_of
from sekisho.casework.subject_requests.rules.deciding import Answer
from sekisho.casework.subject_requests.rules.papers import Agency, Presented, Whose
from sekisho.engine.errors import SekishoError
from sekisho.evidence import queries as evidence
from sekisho.registers.identities import actions as identities
from sekisho.registers.identities import queries as registered
from sekisho.registers.identities.actions import NewPerson

HEIRS = (
    Presented(paper="drivers_licence", whose=Whose.HEIR, expires_on=date(2028, 5, 9)),
    Presented(paper="residence_record", whose=Whose.HEIR, issued_on=date(2026, 10, 1)),
)
HEIRSHIP = Presented(paper="heirship_certificate", whose=Whose.ESTATE, issued_on=date(2026, 6, 1))
REGISTER = Presented(paper="family_register", whose=Whose.AGENCY, issued_on=date(2026, 11, 1))
PARENTS = (
    Presented(paper="drivers_licence", expires_on=date(2028, 5, 9)),
    Presented(paper="residence_record", issued_on=date(2026, 10, 1)),
    Presented(paper="passport", whose=Whose.AGENT, expires_on=date(2030, 1, 1)),
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[ModuleType, Path]:
    module, home = aw.carrier(), tmp_path_factory.mktemp("heirs")
    module.write_stores(home)
    return module, home


@pytest.fixture
def world(made: tuple[ModuleType, Path], tmp_path: Path, settings: Any, transactional_db: None) -> ModuleType:
    module, home = made
    settings.HOME = tmp_path / "home"
    shutil.copytree(home, settings.HOME)
    module.fill_registers()
    return module


def asked(world: ModuleType, person: str, agency: Agency, *papers: Presented) -> dict[str, Any]:
    """A case with its papers; what every action about it is given."""
    by: dict[str, Any] = {"at": world.AT, "acting_user": aw.CLERK}
    case = actions.open_case(person=person, kind="disclosure", received_on=world.ON, **by)
    by["reference"] = case.reference
    actions.choose(**by, reply="electronic", agency=agency)
    for paper in papers:
        actions.record_paper(**by, paper=paper)
    return by


def code(act: Any, **given: Any) -> str:
    with pytest.raises(SekishoError) as told:
        act(**given)
    return told.value.code


def test_an_heir_is_told_what_passed_to_them_and_nothing_else(world: ModuleType) -> None:
    by = asked(world, world.HANA, Agency.HEIR, *HEIRS)
    case = by["reference"]
    assert code(actions.record_death, **by, on=date(2026, 10, 31)) == "requests.no-death-paper"
    actions.record_paper(**by, paper=HEIRSHIP)
    assert code(actions.record_identity_check, **by) == "requests.death-not-recorded"
    assert code(actions.record_death, **by, on=world.ON + timedelta(days=1)) == "requests.died-in-future"
    for _ in range(2):
        actions.record_death(**by, on=date(2026, 10, 31))
    assert registered.standing_of(world.HANA, world.AT).deceased_on == date(2026, 10, 31)
    assert len(evidence.records(kinds=["request.death-recorded"])) == 1
    actions.record_identity_check(**by)
    aw.go_through(world, case)
    ref = aw.drafted(world, case)
    lines = {(line["item"], line["answer"]) for line in queries.answer(ref).lines}
    assert ("bill", Answer.GRANT.value) in lines
    assert {answer for item, answer in lines if item not in ("bill", "bill_address")} == {Answer.REFUSE.value}
    files = packages.unzipped(actions.open_answer(ref=ref, account=aw.SECOND, at=world.AT))
    letter = aw.flat(files[packages.letter_name(files)])
    assert "亡くなられた方の相続人であるお客さま" in letter
    assert "亡くなった方の情報で、請求する方ご自身の情報ではない" in letter
    told = json.loads(files["2_データ.json"])
    assert [one["id"] for one in told["sections"]] == ["billing.invoices"], "no calls, no name, no register of ours"
    aw.sent(world, ref)


def test_for_the_dead_nobody_asks_but_an_heir_and_for_the_living_no_heir(world: ModuleType) -> None:
    own = asked(world, world.KEN, Agency.NONE, PARENTS[0], PARENTS[1])
    actions.record_identity_check(**own)
    assert code(actions.record_death, **own, on=date(2026, 10, 31)) == "requests.not-an-heir"
    identities.mark_deceased(
        person=world.KEN, on=date(2026, 11, 1), at=world.AT, document="family_register", acting_user="t"
    )
    assert code(aw.drafted, world=world, case=own["reference"]) == "requests.person-has-died"
    mandated = asked(world, world.KEN, Agency.MANDATED)
    assert code(actions.record_identity_check, **mandated) == "requests.person-has-died"


def test_who_comes_of_age_while_a_parent_s_case_is_open_is_asked_themselves(world: ModuleType) -> None:
    """Born on 25 November 2008: a minor on the 23rd and the 24th, of age from the first moment of the 25th."""
    child = NewPerson(ref="P-child", kinds=("customer",), acquired_on=date(2020, 1, 1), born_on=date(2008, 11, 25))
    identities.import_population(people=[child], at=world.AT, acting_user="t")
    early = asked(world, "P-child", Agency.STATUTORY, *PARENTS, REGISTER)
    late = asked(world, "P-child", Agency.STATUTORY, *PARENTS, REGISTER)
    actions.record_identity_check(**early)
    day = next(at for at in (world.AT + timedelta(days=n) for n in range(9)) if at.date() == date(2026, 11, 25))
    assert codes(early["reference"], day - timedelta(days=1)) == set()
    assert codes(early["reference"], day) == {"came-of-age"}
    assert code(actions.record_identity_check, **late | {"at": day}) == "requests.papers-missing"
    (need,) = queries.standing(late["reference"], day).evidence.needs
    assert need.any_of == ("guardianship_certificate",)
    guardian = Presented(paper="guardianship_certificate", whose=Whose.AGENCY, issued_on=date(2026, 11, 2))
    actions.record_paper(**late | {"at": day}, paper=guardian)
    actions.record_identity_check(**late | {"at": day})


def codes(reference: str, at: Any) -> set[str]:
    """What is asked about the agent."""
    return {one.code for one in checks_of(reference, at)} & {
        "came-of-age",
        "agent-unshown",
        "paper-doubted",
        "age-unknown",
    }
