"""Papers: what the policy takes and the law lets live, how old they may be, and what nobody may read on them."""

from datetime import date
from pathlib import Path

import pytest

from sekisho.casework.subject_requests.rules.papers import (
    Agency,
    Evidence,
    OtherWay,
    Presented,
    Whose,
    accepted,
    examined,
)
from sekisho.engine.law.pack import law
from sekisho.engine.policy.load import load
from sekisho.engine.policy.model import IdentityEvidence

ON = date(2026, 11, 30)
LICENCE = Presented(paper="drivers_licence", expires_on=date(2028, 5, 9))
RECORD = Presented(paper="residence_record", issued_on=date(2026, 10, 1))
POWER = Presented(paper="power_of_attorney", whose=Whose.AGENCY, issued_on=date(2026, 11, 1))
SEAL = Presented(paper="seal_certificate", whose=Whose.AGENCY, issued_on=date(2026, 11, 1))
AGENT = Presented(paper="passport", whose=Whose.AGENT, expires_on=date(2030, 1, 1))


@pytest.fixture(scope="module")
def rule() -> IdentityEvidence:
    folder = Path(__file__).parents[3] / "policies" / "arlink"
    policy = load({file.name: file.read_text(encoding="utf-8") for file in folder.glob("*.yaml")})
    assert policy.identity_evidence is not None
    return policy.identity_evidence


def look(
    rule: IdentityEvidence, *papers: Presented, agency: Agency = Agency.NONE, way: OtherWay | None = None
) -> Evidence:
    return examined(papers, evidence=rule, law=law(ON), on=ON, agency=agency, other_way=way)


def test_dead_papers_of_the_policy_are_named_with_the_day_they_died(rule: IdentityEvidence) -> None:
    living, dead = accepted(rule, law(ON), ON)
    assert living == ("drivers_licence", "passport", "special_permanent_resident", "residence_card")
    assert dict(dead) == {
        "resident_register_card": date(2025, 12, 28),
        "health_insurance_card": date(2025, 12, 1),
        "alien_registration": date(2015, 7, 8),
    }
    then, _ = accepted(rule, law(date(2025, 6, 1)), date(2025, 6, 1))
    assert "health_insurance_card" in then  # an old request stays explainable


def test_one_paper_and_the_residence_record(rule: IdentityEvidence) -> None:
    assert look(rule, LICENCE, RECORD).is_proved
    assert [need.any_of for need in look(rule, LICENCE).needs] == [("residence_record",)]
    assert len(look(rule).needs) == 2


@pytest.mark.parametrize(
    ("paper", "code", "day"),
    [
        (Presented(paper="health_insurance_card"), "paper.dead", date(2025, 12, 1)),
        (Presented(paper="drivers_licence", expires_on=date(2026, 11, 29)), "paper.expired", date(2026, 11, 29)),
        (Presented(paper="residence_record", issued_on=date(2026, 7, 2)), "paper.too-old", date(2026, 7, 2)),
        (Presented(paper="residence_record"), "paper.issue-day-unknown", None),
        (Presented(paper="residence_record", issued_on=date(2026, 12, 2)), "paper.issued-in-future", date(2026, 12, 2)),
        (Presented(paper="drivers_licence", matches=False), "paper.does-not-match", None),
        (Presented(paper="my_number_notification_card"), "paper.never", None),
        (Presented(paper="my_number_licence"), "paper.copy-proves-nothing", None),
        (Presented(paper="library_card"), "paper.unknown", None),
    ],
)
def test_papers_that_do_not_count(rule: IdentityEvidence, paper: Presented, code: str, day: date | None) -> None:
    found = look(rule, paper)
    assert [(fault.code, fault.day) for fault in found.faults] == [(code, day)]
    assert not found.is_proved


def test_numbers_nobody_may_ask_for_wait_for_black_ink(rule: IdentityEvidence) -> None:
    showing = Presented(paper="residence_record", issued_on=date(2026, 10, 1), shows=frozenset({"my_number"}))
    found = look(rule, LICENCE, showing)
    assert found.to_mask == ((1, "my_number"),)
    assert not found.is_proved
    masked = Presented(
        paper="residence_record", issued_on=date(2026, 10, 1), shows=frozenset({"my_number"}), masked=frozenset({"my_number"})
    )  # fmt: skip
    assert look(rule, LICENCE, masked).is_proved


def test_agents(rule: IdentityEvidence) -> None:
    both = (LICENCE, RECORD, AGENT)
    assert look(rule, *both, POWER, SEAL, agency=Agency.MANDATED).is_proved
    missing = look(rule, *both, POWER, agency=Agency.MANDATED)
    assert [(need.whose, need.any_of) for need in missing.needs] == [(Whose.AGENCY, ("seal_certificate",))]
    family = Presented(paper="family_register", whose=Whose.AGENCY, issued_on=date(2026, 11, 1))
    assert look(rule, *both, family, agency=Agency.STATUTORY).is_proved
    assert not look(rule, *both, POWER, SEAL, agency=Agency.STATUTORY).is_proved
    assert not look(rule, LICENCE, RECORD, POWER, SEAL, agency=Agency.MANDATED).is_proved  # who is the agent?


def test_another_way_that_two_agreed_on_stands_for_the_person_s_papers(rule: IdentityEvidence) -> None:
    way = OtherWay(reason="本人の番号へかけ直した", found_by="s-1", approved_by="s-2")
    assert look(rule, way=way).is_proved
    assert not look(rule, way=way, agency=Agency.MANDATED).is_proved
