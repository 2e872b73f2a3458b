"""What a person does with their case by number and secret: another way of answering, the request taken back, the slip saved."""

from datetime import UTC, datetime
from pathlib import Path

import pypdfium2
import pytest
import time_machine
from django.conf import LazySettings
from django.contrib.auth import hashers
from django.test import Client
from django.urls import reverse

from sekisho.casework.subject_requests import actions, queries, rules
from sekisho.casework.subject_requests.actions import access
from sekisho.casework.subject_requests.actions.own_hand import PERSON, change_reply, withdraw_request
from sekisho.casework.subject_requests.centre import status
from sekisho.casework.subject_requests.models import CaseAnswer, SubjectRequest
from sekisho.casework.subject_requests.queries.access import looks_at, offers_of, own_acts
from sekisho.casework.subject_requests.queries.slip import acceptance_slip
from sekisho.casework.subject_requests.queries.versions import changed_since
from sekisho.casework.subject_requests.rules import Outcome
from sekisho.casework.subject_requests.rules.access import Use
from sekisho.casework.subject_requests.rules.answering import AnswerState
from sekisho.casework.subject_requests.rules.fees import Tendered
from sekisho.casework.subject_requests.rules.intake import Channel
from sekisho.engine.errors import SekishoError
from sekisho.entrypoints import carrier
from sekisho.evidence import queries as evidence
from sekisho.registers.policies import actions as policies

AT = datetime(2026, 11, 20, 3, tzinfo=UTC)
POLICIES = Path(__file__).parents[2] / "policies"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.HOME = tmp_path
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    monkeypatch.setattr(hashers.PBKDF2PasswordHasher, "iterations", 1)
    access.nobodys_hash.cache_clear()
    status.WINDOW.forget()


def adopt(name: str) -> None:
    files = {"policy.yaml": (POLICIES / name / "policy.yaml").read_text(encoding="utf-8")}
    policies.adopt(files=files, at=datetime(2026, 1, 1, tzinfo=UTC), acting_user="test")


def opened(kind: str = "disclosure") -> tuple[str, str]:
    adopt("arlink")
    case = actions.open_case(person="p-1", kind=kind, received_on=AT.date(), at=AT, acting_user="s-1").reference
    return case, access.issue_access(reference=case, at=AT, acting_user="s-1")


def answer(case: str, state: AnswerState) -> None:
    CaseAnswer.objects.create(
        ref=f"{case}-A1", request=SubjectRequest.objects.get(reference=case), outcome="granted", reply="mail", lines=[],
        sha256="0" * 64, state=state.value, made_by="s-1", made_at=AT,
    )  # fmt: skip


def code(refused: pytest.ExceptionInfo[SekishoError]) -> str:
    return refused.value.code


def test_another_way_of_answering_changes_the_fee_and_the_desk_is_shown() -> None:
    case, _ = opened()
    assert [(one.reply, one.yen, one.is_chosen) for one in offers_of(case, AT)] == [
        ("mail", 660, False), ("fax", 660, False), ("electronic", 0, False),
    ]  # fmt: skip
    assert queries.standing(case, AT).payment.lacking == 660
    before = queries.version_of(case)
    change_reply(reference=case, reply="electronic", at=AT)
    change_reply(reference=case, reply="electronic", at=AT)  # a second press does nothing
    assert queries.standing(case, AT).payment.lacking == 0
    assert [look.what for look in own_acts(case)] == [Use.REPLY]
    (noted,) = evidence.records(kinds=["request.terms-recorded"])
    assert (noted.body["by"], noted.body["reply"]) == (PERSON, "electronic")
    assert "terms" in changed_since(case, before)  # a clerk's page from before is refused what rests on it


def test_only_published_ways_and_not_once_it_is_ready() -> None:
    case, _ = opened()
    with pytest.raises(SekishoError) as refused:
        change_reply(reference=case, reply="pigeon", at=AT)
    assert code(refused) == "requests.no-such-reply"
    answer(case, AnswerState.APPROVED)
    with pytest.raises(SekishoError) as refused:
        change_reply(reference=case, reply="electronic", at=AT)
    assert code(refused) == "requests.answer-is-ready"
    assert own_acts(case) == ()


def test_a_request_is_taken_back_with_the_secret_and_the_money_is_owed() -> None:
    case, secret = opened()
    piece = Tendered(instrument="stamps", yen=660)
    actions.record_payment(reference=case, piece=piece, came_by=Channel.MAIL, at=AT, acting_user="s-1")
    answer(case, AnswerState.APPROVED)
    with pytest.raises(SekishoError) as refused:
        withdraw_request(reference=case, secret="AAAA", at=AT)
    assert code(refused) == "requests.access-refused"
    assert queries.case(case).is_open
    withdraw_request(reference=case, secret=secret, at=AT)
    found = queries.case(case)
    assert (found.is_open, found.outcome) == (False, Outcome.WITHDRAWN.value)
    assert CaseAnswer.objects.get().state == AnswerState.WITHDRAWN.value
    assert queries.money_of(case, AT).owed == 660
    (closed,) = evidence.records(kinds=["request.closed"])
    assert closed.body["by"] == PERSON
    with pytest.raises(SekishoError) as refused:
        change_reply(reference=case, reply="mail", at=AT)
    assert code(refused) == "requests.case-closed"
    with pytest.raises(SekishoError) as refused:
        withdraw_request(reference=case, secret=secret, at=AT)
    assert code(refused) == "requests.case-closed"


def test_nothing_is_taken_back_once_it_was_sent() -> None:
    case, secret = opened()
    answer(case, AnswerState.SENT)
    SubjectRequest.objects.filter(reference=case).update(
        status="closed", outcome="granted", answered_on=AT.date(), closed_at=AT
    )
    with pytest.raises(SekishoError) as refused:
        withdraw_request(reference=case, secret=secret, at=AT)
    assert code(refused) == "requests.case-closed"
    assert CaseAnswer.objects.get().state == AnswerState.SENT.value


@pytest.mark.parametrize("policy", ["arlink", "carrier"])
@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("kind", ["disclosure", "suspension"])
def test_the_slip_says_when_what_and_what_next_and_not_who(policy: str, language: str, kind: str) -> None:
    adopt(policy)
    case = actions.open_case(person="p-1", kind=kind, received_on=AT.date(), at=AT, acting_user="s-1").reference
    pdf = acceptance_slip(case, key=b"k" * 32, at=AT, language=language)
    told = "".join("".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)).split())
    days = {"ja": ("2026年11月20日", "2026年12月5日"), "en": ("20November2026", "5December2026")}[language]
    for word in (case, *days):
        assert word in told, word
    assert "{" not in told
    assert "p-1" not in told


def test_a_policy_that_names_nobody_writes_under_the_name_of_the_installation(tmp_path: Path) -> None:
    adopt("carrier")
    carrier.write(tmp_path, carrier.Carrier(name="試験の事業者", policy=POLICIES / "carrier"))
    case = actions.open_case(person="p-1", kind="disclosure", received_on=AT.date(), at=AT, acting_user="s-1").reference
    pdf = acceptance_slip(case, key=b"k" * 32, at=AT)
    told = "".join("".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)).split())
    assert "試験の事業者" in told
    assert "当社" not in told


def test_without_a_script_and_only_behind_the_secret(client: Client) -> None:
    case, secret = opened()
    pages = [reverse(f"centre:{name}") for name in ("request-reply", "request-withdraw", "request-slip")]
    with time_machine.travel(AT, tick=False):
        for page in pages:  # nobody entered: the same answer, whatever is sent
            assert client.post(page, {"reply": "electronic", "secret": secret}).headers["Location"] == reverse(
                "centre:request-status"
            )
        assert queries.case(case).is_open
        assert own_acts(case) == ()
        client.post(reverse("centre:request-status"), {"number": case, "secret": secret})
        shown = client.get(pages[0]).content.decode()
        assert "手数料 660円" in shown
        assert "手数料はかかりません" in shown
        assert client.post(pages[0], {"reply": "pigeon"}).status_code == 409
        assert client.post(pages[0], {"reply": "electronic"}).status_code == 302
        assert "お答えの方法は、電磁的記録です" in client.get(reverse("centre:request-status")).content.decode()
        assert client.post(pages[2]).content.startswith(b"%PDF")
        assert client.post(pages[1], {"secret": "wrong"}).status_code == 403
        assert queries.case(case).is_open
        assert client.post(pages[1], {"secret": secret.lower()}).status_code == 302
        assert "ご請求の取下げを承りました" in client.get(reverse("centre:request-status")).content.decode()
        assert not queries.case(case).is_open
        assert client.get(pages[0]).status_code == 302  # nothing more can be changed
    whats = [look.what for look in looks_at(case)]
    assert whats == [Use.WITHDRAWAL, Use.REFUSED, Use.SLIP, Use.REPLY, Use.STATUS]


def test_wrong_secrets_close_taking_back_as_they_close_entering(client: Client) -> None:
    case, secret = opened()
    with time_machine.travel(AT, tick=False):
        client.post(reverse("centre:request-status"), {"number": case, "secret": secret})
        page = reverse("centre:request-withdraw")
        told = {client.post(page, {"secret": "wrong"}).status_code for _ in range(rules.limits()["access"]["tries"])}
        assert told == {403}
        assert client.post(page, {"secret": secret}).status_code == 403
        assert queries.case(case).is_open
