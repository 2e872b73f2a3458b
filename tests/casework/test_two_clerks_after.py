"""Two clerks beside an answer: what the later one sends is not written over the earlier, and not lost; arrivals that complain."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from sekisho.casework.subject_requests import actions, queries
from sekisho.casework.subject_requests.rules.complaints import About
from sekisho.casework.subject_requests.rules.effects import Correction
from sekisho.casework.subject_requests.rules.fees import Tendered
from sekisho.casework.subject_requests.rules.intake import ArrivalState, Channel
from sekisho.connectors.documents import read_folder
from sekisho.engine.errors import SekishoError
from sekisho.evidence import queries as evidence
from sekisho.registers.datamap import actions as datamap
from sekisho.registers.policies import actions as policies
from sekisho.web.actions import open_account
from sekisho.web.roles import Role

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
FOLDER = Path(__file__).parents[2] / "policies" / "arlink"
NAME = Correction(item="identity.name", wrong="山田 花子", right="山田 華子")
TYPED = {"item": "identity.kana", "wrong": "ヤマダハナコ", "right": "ヤマダハナヨ"}
pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(client: Client, settings: LazySettings, tmp_path: Path) -> Client:
    settings.HOME = tmp_path
    for room in (policies, datamap):
        room.adopt(files=read_folder(FOLDER), at=SINCE, acting_user="test")
    open_account(username="clerk", password="tests only", display_name="clerk", role=Role.CLERK, at=SINCE)
    client.post("/console/login/", {"username": "clerk", "password": "tests only"})
    return client


def opened(kind: str, person: str = "p-1") -> str:
    at = timezone.now()
    told = {"person": person, "kind": kind, "received_on": at.date() - timedelta(days=1)}
    return actions.open_case(**told, at=at, acting_user="s-2").reference  # type: ignore[arg-type]


def seen(clerk: Client, case: str) -> str:
    found = re.search(r'name="version" value="([^"]+)"', clerk.get(f"/console/cases/{case}/after/").content.decode())
    assert found is not None
    return found[1]


def test_a_correction_typed_beside_anothers_is_kept_in_the_form(clerk: Client) -> None:
    case = opened("correction")
    version = seen(clerk, case)
    actions.record_correction(reference=case, correction=NAME, at=timezone.now(), acting_user="s-2")
    page = clerk.post(f"/console/cases/{case}/corrections/", TYPED | {"version": version})
    assert page.status_code == 409
    assert "ほかの人が変えました：直す内容" in page.content.decode()
    assert 'value="ヤマダハナヨ"' in page.content.decode()
    assert len(queries.corrections_of(case)) == 1
    assert clerk.post(f"/console/cases/{case}/corrections/{case}-C1/drop/", {"version": version}).status_code == 409
    assert clerk.post(f"/console/cases/{case}/corrections/", TYPED | {"version": seen(clerk, case)}).status_code == 302
    assert len(queries.corrections_of(case)) == 2


def test_money_goes_back_once(clerk: Client) -> None:
    case, at = opened("disclosure"), timezone.now()
    piece = Tendered(instrument="stamps", yen=1000)
    actions.record_payment(reference=case, piece=piece, came_by=Channel.MAIL, at=at, acting_user="s-2")
    version = seen(clerk, case)
    given: dict[str, Any] = {"yen": 100, "why": "excess", "instrument": "stamps", "proof": "1", "paid_on": at.date()}
    sent = given | {"version": version}
    assert clerk.post(f"/console/cases/{case}/fee/refund/", sent).status_code == 302
    again = clerk.post(f"/console/cases/{case}/fee/refund/", sent)
    assert again.status_code == 409
    assert "返還、督促" in again.content.decode()
    assert len(queries.refunds_of(case)) == 1


@pytest.mark.parametrize("channel", [Channel.MAIL, Channel.E_MAIL, Channel.PHONE])
def test_an_arrival_ends_as_a_complaint_and_the_book_balances(clerk: Client, channel: Channel) -> None:
    came = timezone.now() - timedelta(minutes=1)
    ref = actions.record_contact(channel=channel, arrived_at=came, at=came, acting_user="s-2")
    page = clerk.get(f"/console/inbox/{ref}/")
    day = page.context["complaint_form"].initial["received_on"]
    told = {
        "choice": "complaint",
        "about": "handling",
        "words": "勧誘の電話が続く",
        "received_on": day,
        "reference": "",
    }
    assert clerk.post(f"/console/inbox/{ref}/decide/", told | {"words": ""}).status_code == 302
    assert queries.arrival(ref).state is ArrivalState.WAITING, "nothing is lost by half a form"
    assert clerk.post(f"/console/inbox/{ref}/decide/", told).url.endswith("/complaints/Q-2026-0001/")  # type: ignore[attr-defined]
    assert (queries.arrival(ref).state, queries.arrival(ref).complaint) == (ArrivalState.COMPLAINT, "Q-2026-0001")
    _, book = queries.book(day)
    assert (book.is_balanced, book.by_state) == (True, {ArrivalState.COMPLAINT: 1})
    assert b"Q-2026-0001" in clerk.get(f"/console/inbox/{ref}/").content
    with pytest.raises(SekishoError, match=r"requests\.arrival-stays"):
        actions.reconsider(ref=ref, at=timezone.now(), acting_user="s-2")
    with pytest.raises(SekishoError, match=r"requests\.arrival-decided"):
        actions.open_complaint(
            about=About.OTHER, words="x", received_on=day, arrival=ref, at=timezone.now(), acting_user="s-2"
        )
    assert len(queries.complaints(timezone.now())) == 1
    assert "勧誘" not in str([one.body for one in evidence.records(newest=100)])
