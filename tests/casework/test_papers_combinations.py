"""Which combination of papers is nearest, what would do instead, and what no combination is made of."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.casework.subject_requests.rules.papers import (
    Agency,
    Evidence,
    Need,
    Presented,
    Whose,
    combinations,
    examined,
)
from sekisho.engine.law.pack import law
from sekisho.engine.policy.load import load
from sekisho.engine.policy.model import Combination, IdentityEvidence

ON = date(2026, 11, 20)
FOLDER = Path(__file__).parents[1] / "policies" / "either-list"
RULE = load({"policy.yaml": (FOLDER / "policy.yaml").read_text(encoding="utf-8")}).identity_evidence
A, B, C = (
    "passport",
    ("eligibility_certificate", "pension_book", "driving_history"),
    ("residence_record", "seal_certificate"),
)


def paper(key: str, whose: Whose = Whose.PERSON) -> Presented:
    return Presented(
        paper=key, whose=whose, issued_on=date(2026, 10, 1) if key in C or key == "power_of_attorney" else None
    )


def look(
    *keys: str, agency: Agency = Agency.NONE, rule: IdentityEvidence | None = RULE, agent: tuple[str, ...] = ()
) -> Evidence:
    assert rule is not None
    papers = [paper(key) for key in keys] + [paper(key, Whose.AGENT) for key in agent]
    return examined(papers, evidence=rule, law=law(ON), on=ON, agency=agency)


@pytest.mark.parametrize("keys", [(A,), (B[0], *C), (B[1], *C), B[:2], B[1:], (A, B[0]), (*B, *C)])
def test_what_is_enough(keys: tuple[str, ...]) -> None:
    found = look(*keys)
    assert found.is_proved
    assert found.instead == ()


@pytest.mark.parametrize("keys", [(), (B[0],), C, (B[0], C[0]), (B[0], B[0])])
def test_what_is_not(keys: tuple[str, ...]) -> None:
    assert not look(*keys).is_proved


def test_the_nearest_way_is_asked_for_and_the_others_named() -> None:
    nothing = look()
    assert [need.any_of for need in nothing.needs] == [
        ("drivers_licence", "passport", "residence_card", "my_number_card_front")
    ]
    one = look(B[0], C[0])
    assert len(one.instead) == 2
    assert [len(way) for way in (one.needs, *one.instead)] == [1, 1, 1]  # A; C's second; another of B
    two = look(*C)
    assert two.needs == (Need(whose=Whose.PERSON, any_of=RULE.any_of[0].one_of if RULE else ()),)


def test_two_of_a_list_are_two_different_ones() -> None:
    rule = IdentityEvidence(any_of=(Combination(one_of=B, how_many=2),), other_ways=False, agent_papers=(), clause="x")
    assert look(B[0], B[0], rule=rule).needs == (Need(whose=Whose.PERSON, any_of=B[1:], how_many=1),)
    assert look(rule=rule).needs == (Need(whose=Whose.PERSON, any_of=B, how_many=2),)
    assert look(B[0], B[2], rule=rule).is_proved


def test_an_agent_shows_who_they_are_without_the_papers_that_go_with_it() -> None:
    found = look(A, agency=Agency.MANDATED, agent=(B[0],))
    assert {need.whose for need in found.needs} == {Whose.AGENCY}
    assert not look(A, agency=Agency.MANDATED).is_proved
    assert {need.whose for need in look(A, agency=Agency.MANDATED).needs} == {Whose.AGENT, Whose.AGENCY}


def test_dead_papers_close_a_way_and_never_open_one() -> None:
    dead = ("health_insurance_card", "resident_register_card")
    rule = IdentityEvidence(
        any_of=(Combination(one_of=dead), Combination(one_of=("passport", "health_insurance_card"), how_many=2)),
        other_ways=False,
        agent_papers=(),
        clause="x",
    )
    assert combinations(rule, law(ON), ON) == rule.any_of  # nothing can be brought: they stay as they were published
    assert not look(rule=rule).is_proved
    assert not look("passport", *dead, rule=rule).is_proved


@given(st.lists(st.sampled_from((A, *B, *C)), max_size=6))
def test_more_papers_never_prove_less(keys: list[str]) -> None:
    proved = [look(*keys[:count]).is_proved for count in range(len(keys) + 1)]
    assert proved == sorted(proved)
