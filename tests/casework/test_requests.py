"""Requests and the person's page, on a real database."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client

from sekisho.casework.subject_requests import actions, proofs, queries
from sekisho.casework.subject_requests.rules import PAGE_OPEN_FOR, Outcome
from sekisho.engine.errors import Place, SekishoError
from sekisho.engine.policy.model import Clause, Text
from sekisho.evidence import queries as evidence
from sekisho.evidence.proof import Verdict
from sekisho.registers.policies import actions as policies
from sekisho.web.actions import open_account
from sekisho.web.roles import Role

NOW = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)
TODAY = date(2026, 11, 30)
CLERK = "account:1"
CLAUSE = Clause(
    id="S-07",
    heading="",
    says=Text("文"),
    proof=None,
    never=False,
    place=Place(path="policy.yaml", line=1, column=1),
)
CARRIER = Path(__file__).parents[2] / "policies" / "carrier" / "policy.yaml"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def policy(db: None) -> None:
    """A policy that names no papers: the desk judges."""
    files = {"policy.yaml": CARRIER.read_text(encoding="utf-8")}
    policies.adopt(files=files, at=datetime(2026, 1, 1, tzinfo=UTC), acting_user="test")


def opened(*, received_on: date = TODAY) -> str:
    return actions.open_case(
        person="P-1", kind="disclosure", received_on=received_on, at=NOW, acting_user=CLERK
    ).reference


def test_cases_are_numbered_one_after_the_other_and_leave_evidence_without_the_person() -> None:
    assert [opened(), opened()] == ["K-2026-0001", "K-2026-0002"]
    entries = evidence.records(kinds=["request.opened"])
    assert len(entries) == 2
    assert all("P-1" not in str(entry.body) for entry in entries)


def test_an_unknown_kind_and_a_day_to_come_are_refused() -> None:
    for kind, day, code in (
        ("gossip", TODAY, "law.unknown-key"),
        ("disclosure", TODAY + timedelta(days=1), "requests.received-in-future"),
    ):
        with pytest.raises(SekishoError) as error:
            actions.open_case(person="P-1", kind=kind, received_on=day, at=NOW, acting_user=CLERK)
        assert error.value.code == code
    assert queries.cases() == ()


def test_a_page_opens_for_one_account_for_a_while() -> None:
    reference = opened()
    until = actions.open_page(reference=reference, account=CLERK, at=NOW)
    assert queries.open_until(reference, CLERK, NOW) == until == NOW + PAGE_OPEN_FOR
    assert queries.open_until(reference, "account:2", NOW) is None
    assert queries.open_until(reference, CLERK, until) is None
    assert evidence.records(kinds=["person-page.opened"])[0].body["by"] == CLERK


def test_closing_a_case_closes_its_pages_and_no_page_opens_under_it_again() -> None:
    reference = opened()
    actions.open_page(reference=reference, account=CLERK, at=NOW)
    actions.record_identity_check(reference=reference, at=NOW, acting_user=CLERK)
    actions.close_case(reference=reference, outcome=Outcome.ANSWERED, answered_on=TODAY, at=NOW, acting_user=CLERK)
    assert queries.open_until(reference, CLERK, NOW) is None
    with pytest.raises(SekishoError) as error:
        actions.open_page(reference=reference, account=CLERK, at=NOW)
    assert error.value.code == "requests.case-closed"


def test_the_page_of_a_case_is_closed_until_somebody_opens_it() -> None:
    reference = opened()
    client = Client()
    clerk = open_account(username="sato", password="x", display_name="佐藤", role=Role.CLERK, at=NOW)
    client.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(f"/console/cases/{reference}/person/").content.decode()
    assert "本人の台帳は閉じています" in page
    assert "P-1" not in page
    assert evidence.records(kinds=["person-page.viewed"]) == ()


def test_late_answers_and_answers_before_identification_break_their_promises() -> None:
    late = opened(received_on=TODAY - timedelta(days=15))
    assert proofs.answered_in_time(at=NOW, clause=CLAUSE).verdict is Verdict.BROKEN
    actions.close_case(reference=late, outcome=Outcome.WITHDRAWN, answered_on=None, at=NOW, acting_user=CLERK)
    in_time = opened(received_on=TODAY - timedelta(days=14))
    proof = proofs.answered_in_time(at=NOW, clause=CLAUSE)
    assert (proof.verdict, proof.looked_at) == (Verdict.KEPT, 1)

    actions.record_identity_check(reference=in_time, at=NOW + timedelta(days=1), acting_user=CLERK)
    actions.close_case(
        reference=in_time, outcome=Outcome.ANSWERED, answered_on=TODAY, at=NOW + timedelta(days=1), acting_user=CLERK
    )
    assert proofs.identity_checked_first(at=NOW, clause=CLAUSE).verdict is Verdict.BROKEN


def test_an_erasure_granted_without_a_certificate_breaks_its_promise() -> None:
    reference = actions.open_case(
        person="P-1", kind="suspension", received_on=TODAY, at=NOW, acting_user=CLERK
    ).reference
    actions.record_identity_check(reference=reference, at=NOW, acting_user=CLERK)
    actions.close_case(reference=reference, outcome=Outcome.GRANTED, answered_on=TODAY, at=NOW, acting_user=CLERK)
    proof = proofs.answered_in_time(at=NOW, clause=CLAUSE)
    assert proof.verdict is Verdict.BROKEN
    assert reference in proof.why
