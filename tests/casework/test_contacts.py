"""Calls, visits, letters without our form: kept always; what they become follows the policy alone."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client

from sekisho.casework.subject_requests import actions, queries
from sekisho.casework.subject_requests.actions.contacts import take_contact
from sekisho.casework.subject_requests.rules.intake import ArrivalState, Channel
from sekisho.engine.errors import SekishoError
from sekisho.evidence import queries as evidence
from sekisho.registers.policies import actions as policies
from sekisho.web.actions import open_account
from sekisho.web.roles import Role

AT = datetime(2026, 11, 20, 3, tzinfo=UTC)
CAME = AT - timedelta(days=2)
FOLDERS = Path(__file__).parents[2] / "policies"
WRITTEN = (Channel.MAIL, Channel.E_MAIL, Channel.SHOP)
pytestmark = pytest.mark.django_db


def adopt(settings: LazySettings, home: Path, name: str) -> None:
    settings.HOME = home
    files = {"policy.yaml": (FOLDERS / name / "policy.yaml").read_text(encoding="utf-8")}
    policies.adopt(files=files, at=datetime(2026, 1, 1, tzinfo=UTC), acting_user="test")


def take(channel: Channel, *, wants_form: bool = True) -> tuple[str, str]:
    return take_contact(
        channel=channel, kind="disclosure", arrived_at=CAME, wants_form=wants_form, at=AT, acting_user="s-1"
    )


@pytest.mark.parametrize("channel", WRITTEN)
def test_without_a_set_method_it_is_the_request(settings: LazySettings, tmp_path: Path, channel: Channel) -> None:
    adopt(settings, tmp_path, "carrier")
    ref, reference = take(channel)
    assert queries.case(reference).received_on == CAME.date()  # counted from the day they turned to us
    assert queries.arrival(ref).state is ArrivalState.CASED


@pytest.mark.parametrize("channel", WRITTEN)
def test_with_a_set_method_the_form_goes_out_and_it_is_kept(
    settings: LazySettings, tmp_path: Path, channel: Channel
) -> None:
    adopt(settings, tmp_path, "arlink")
    ref, reference = take(channel, wants_form=False)
    assert (reference, queries.cases()) == ("", ())
    assert queries.arrival(ref).state is ArrivalState.GUIDED
    assert [one.body["arrival"] for one in evidence.records(kinds=["arrival.form-due"])] == [ref]
    _, book = queries.book(CAME.date())
    assert book.is_balanced


@pytest.mark.parametrize("name", ["arlink", "carrier"])
def test_a_call_is_guidance_under_any_policy(settings: LazySettings, tmp_path: Path, name: str) -> None:
    adopt(settings, tmp_path, name)
    for wants_form in (True, False):
        assert take(Channel.PHONE, wants_form=wants_form)[1] == ""
    assert queries.cases() == ()
    assert len(evidence.records(kinds=["arrival.form-due"])) == 1  # only to who wanted it
    call = actions.record_contact(channel=Channel.PHONE, arrived_at=CAME, at=AT, acting_user="s-1")
    with pytest.raises(SekishoError) as raised:
        actions.open_case_for(ref=call, kind="disclosure", person="", at=AT, acting_user="s-1")
    assert raised.value.code == "requests.phone-is-guidance"


def test_a_right_the_policy_does_not_know_keeps_nothing(settings: LazySettings, tmp_path: Path) -> None:
    adopt(settings, tmp_path, "arlink")
    with pytest.raises(SekishoError) as raised:
        take_contact(channel=Channel.MAIL, kind="wish", arrived_at=CAME, at=AT, acting_user="s-1")
    assert raised.value.code == "requests.no-such-kind"
    assert queries.arrivals() == ()


def test_the_page_keeps_a_call_and_hands_out_the_form(settings: LazySettings, tmp_path: Path) -> None:
    adopt(settings, tmp_path, "arlink")
    open_account(username="clerk", password="tests only", display_name="clerk", role=Role.CLERK, at=CAME)
    client = Client()
    assert client.get("/console/contacts/").status_code == 302  # nobody without an account
    client.post("/console/login/", {"username": "clerk", "password": "tests only"})
    given = {"channel": "phone", "kind": "disclosure", "arrived_at": "2026-11-20T12:00", "wants_form": "yes"}
    shown = client.post("/console/contacts/", given, follow=True).content.decode()
    assert "電話は案内として記録しました" in shown
    assert queries.cases() == ()
    form = client.get("/console/contacts/forms/disclosure.pdf")
    assert form.content.startswith(b"%PDF-")
    assert client.get("/console/contacts/forms/wish.pdf").status_code == 404
