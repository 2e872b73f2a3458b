"""Who may ask for somebody who died, with which papers, and who may still ask for a child who grew up."""

from datetime import date
from pathlib import Path

import pytest

from sekisho.casework.subject_requests.rules.papers import (
    OF_AGE,
    About,
    Agency,
    Evidence,
    Need,
    Presented,
    Whose,
    death_shown,
    estate_needs,
    examined,
)
from sekisho.casework.subject_requests.rules.subjects import bar_of, is_promised_to_heirs, require_asker
from sekisho.engine.errors import SekishoError
from sekisho.engine.law.pack import law
from sekisho.engine.policy.load import check, load
from sekisho.engine.policy.model import Heirs, Policy

ROOT = Path(__file__).parents[3]
ON = date(2026, 11, 30)
FOLDERS = ("policies/arlink", "tests/policies/stamps-only", "tests/policies/either-list", "tests/policies/by-web")
KNOWN, UNKNOWN = About(is_dead=True), About(is_dead=False)
LICENCE = Presented(paper="drivers_licence", whose=Whose.HEIR, expires_on=date(2028, 5, 9))
RECORD = Presented(paper="residence_record", whose=Whose.HEIR, issued_on=date(2026, 10, 1))
OLD = date(2019, 2, 1)


def policy(folder: str) -> Policy:
    return load({file.name: file.read_text(encoding="utf-8") for file in (ROOT / folder).glob("*.yaml")})


def estate(key: str, issued_on: date = OLD) -> Presented:
    return Presented(paper=key, whose=Whose.ESTATE, issued_on=issued_on)


def look(one: Policy, *papers: Presented, about: About = KNOWN, agency: Agency = Agency.HEIR) -> Evidence:
    assert one.identity_evidence is not None
    return examined(
        papers, evidence=one.identity_evidence, law=law(ON), on=ON, agency=agency, about=about, heirs=one.heirs
    )


@pytest.mark.parametrize("folder", FOLDERS)
def test_an_heir_shows_themselves_and_that_they_are_the_heir_under_every_policy(folder: str) -> None:
    found = policy(folder)
    assert look(found, LICENCE, RECORD, estate("heirship_certificate")).is_proved
    assert look(found, LICENCE, RECORD, estate("removed_register"), about=UNKNOWN).is_proved
    assert {need.whose for need in look(found).needs} == {Whose.HEIR, Whose.ESTATE}
    assert not look(found, LICENCE, RECORD).is_proved
    assert not look(found, estate("heirship_certificate")).is_proved


def test_a_paper_that_shows_the_death_alone_shows_no_heir() -> None:
    found = policy("policies/arlink")
    own = (LICENCE, RECORD)
    assert not look(found, *own, estate("residence_record_removed")).is_proved
    both = look(found, *own, estate("family_register"), estate("residence_record_removed"), about=UNKNOWN)
    assert both.is_proved
    papers = (*own, estate("residence_record_removed"))
    assert death_shown(papers, look(found, *papers, about=UNKNOWN), law(ON)) == "residence_record_removed"
    assert death_shown(own, look(found, *own), law(ON)) == ""
    before_its_day = Presented(paper="heirship_certificate", whose=Whose.ESTATE, issued_on=date(2027, 1, 1))
    assert death_shown((before_its_day,), look(found, before_its_day), law(ON)) == ""


def test_the_papers_of_the_dead_and_a_mandate_by_them_are_not_asked_for() -> None:
    found = look(policy("policies/arlink"))
    assert not {Whose.PERSON, Whose.AGENT, Whose.AGENCY} & {need.whose for need in found.needs}


@pytest.mark.parametrize(
    ("is_heir", "is_dead", "code"),
    [
        (False, False, ""), (True, True, ""), (True, False, "requests.death-not-recorded"),
        (False, True, "requests.person-has-died"),
    ],
)  # fmt: skip
def test_heirs_ask_for_the_dead_and_nobody_else_does(is_heir: bool, is_dead: bool, code: str) -> None:
    if not code:
        require_asker("K-2026-0001", is_heir=is_heir, is_dead=is_dead)
        return
    with pytest.raises(SekishoError) as told:
        require_asker("K-2026-0001", is_heir=is_heir, is_dead=is_dead)
    assert told.value.code == code


def test_a_policy_may_promise_heirs_more_but_nothing_of_communications() -> None:
    either, plain = policy("tests/policies/either-list"), policy("policies/arlink")
    bar = bar_of(either, "identity", is_deceased=True)
    assert (bar, is_promised_to_heirs(either, "identity", bar)) == ("not_living", True)
    assert not is_promised_to_heirs(plain, "identity", bar)
    text = (ROOT / "tests/policies/either-list/policy.yaml").read_text(encoding="utf-8")
    secret = text.replace("kind: ordinary\n    of: [customer]\n    clause: S-04\n    fields: {name", "kind: communications_secrecy\n    of: [customer]\n    clause: S-04\n    fields: {name")  # fmt: skip
    assert secret != text
    assert "policy.secret-told-to-heirs" in {one.code for one in check({"policy.yaml": secret})[1]}
    licence = text.replace("papers: [family_register, removed", "papers: [drivers_licence, removed")
    assert "policy.paper-shows-no-heir" in {one.code for one in check({"policy.yaml": licence})[1]}


REGISTER = Presented(paper="family_register", whose=Whose.AGENCY, issued_on=date(2026, 11, 1))
GUARDIAN = Presented(paper="guardianship_certificate", whose=Whose.AGENCY, issued_on=date(2026, 11, 1))
THEIRS = (
    Presented(paper="drivers_licence", expires_on=date(2028, 5, 9)),
    Presented(paper="residence_record", issued_on=date(2026, 10, 1)),
    Presented(paper="passport", whose=Whose.AGENT, expires_on=date(2030, 1, 1)),
)


@pytest.mark.parametrize(
    ("paper", "is_minor", "proves"),
    [
        (REGISTER, True, True), (REGISTER, False, False), (REGISTER, None, True),
        (GUARDIAN, True, True), (GUARDIAN, False, True), (GUARDIAN, None, True),
    ],
)  # fmt: skip
def test_a_parent_acts_until_the_child_is_of_age_and_a_guardian_goes_on(
    paper: Presented, is_minor: bool | None, proves: bool
) -> None:
    found = look(policy("policies/arlink"), *THEIRS, paper, about=About(is_minor=is_minor), agency=Agency.STATUTORY)
    assert found.is_proved is proves
    assert [fault.code for fault in found.faults] == ([] if proves else [OF_AGE])
    if not proves:
        (need,) = found.needs
        assert need.any_of == ("guardianship_certificate",)


def test_a_policy_whose_papers_do_not_exist_yet_asks_for_what_the_law_knows() -> None:
    early = date(2016, 1, 1)
    heirs = Heirs(papers=("heirship_certificate",), told=(), clause="S-07")
    (need,) = estate_needs(law(early), early, KNOWN, heirs)
    assert "heirship_certificate" not in need.any_of
    assert "family_register" in need.any_of
    assert estate_needs(law(ON), ON, KNOWN, heirs) == (Need(whose=Whose.ESTATE, any_of=("heirship_certificate",)),)
