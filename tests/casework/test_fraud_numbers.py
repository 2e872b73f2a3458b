"""What a caller learns of a recycled number; who may say that somebody is protected; a mask that a crash cut short."""

import json
from datetime import UTC, datetime
from pathlib import Path

import fraud_world as world
import gatherings
import pytest
from click.testing import CliRunner
from django.conf import LazySettings
from django.test import Client

from sekisho.casework.subject_requests import actions, queries
from sekisho.casework.subject_requests.actions import frauds, marking, scans
from sekisho.casework.subject_requests.models import PageMask
from sekisho.casework.subject_requests.queries.frauds import checks_of, is_protected, number_told
from sekisho.casework.subject_requests.queries.sealed import box
from sekisho.casework.subject_requests.rules.fraud import Result, Showing
from sekisho.casework.subject_requests.rules.intake import ArrivalState, Channel
from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.entrypoints.cli.desk import command
from sekisho.evidence import queries as evidence
from sekisho.registers.identities import queries as identities
from sekisho.web.actions import open_account
from sekisho.web.roles import Role

AT, CLERK, SECOND = world.AT, world.CLERK, world.SECOND
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def carrier(tmp_path: Path, settings: LazySettings) -> None:
    settings.HOME = tmp_path
    gatherings.build(tmp_path)


def test_a_caller_learns_only_when_the_number_changed_hands() -> None:
    told = number_told(gatherings.SHARED, AT)
    assert str(told) == "NumberTold(changed_on=datetime.date(2026, 7, 1))", "and nothing else"
    assert number_told(gatherings.SHARED, datetime(2026, 6, 1, tzinfo=UTC)).changed_on is None, "not yet then"
    said = gatherings.SHARED
    assert number_told(f"{said[:3]}-{said[3:7]}-{said[7:]}", AT) == told
    for wrong in ("12", "", "1" + said, said + "000", "さくら"):
        with pytest.raises(SekishoError, match="no-such-number"):
            number_told(wrong, AT)
    assert number_told(gatherings.HANAS, AT) == number_told("09000009999", AT), "known and unknown tell the same"


def test_the_phone_desk_asks_by_command(monkeypatch: pytest.MonkeyPatch) -> None:
    from contextlib import nullcontext

    monkeypatch.setattr("sekisho.entrypoints.cli.desk.opened", nullcontext)
    run = CliRunner().invoke(command, ["number", "090-0000-0009", "--on", "2026-11-23", "--json"])
    assert json.loads(run.output) == {"changed_on": "2026-07-01"}
    before = CliRunner().invoke(command, ["number", gatherings.SHARED, "--on", "2026-06-30", "--json"])
    assert json.loads(before.output) == {"changed_on": None}


def test_the_phone_desk_asks_on_a_page_and_the_call_is_noted_as_guidance() -> None:
    client = Client()
    clerk = open_account(username="sato", password="x", display_name="佐藤", role=Role.CLERK, at=AT)
    client.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    page = client.post("/console/number/", {"number": "090-0000-0009"}).content.decode()
    assert "2026年7月1日に持ち主が替わりました" in page
    assert not any(name in page for name in ("櫛田", "佐倉", "P-hana", "P-ken"))
    assert "090-0000-0009" not in page
    [call] = queries.arrivals()
    assert (call.channel, call.state) == (Channel.PHONE, ArrivalState.GUIDED)
    assert queries.cases() == (), "a call opens no clock"


def test_protection_binds_desk_and_gate_at_once_and_takes_two_to_lift() -> None:
    frauds.protect(person=gatherings.HANA, showing=Showing.SUPPORT_MEASURE, at=AT, acting_user=CLERK)
    frauds.protect(person=gatherings.HANA, showing=Showing.OWN_WORD, at=AT, acting_user=SECOND)
    assert is_protected(gatherings.HANA, AT)
    assert identities.standing_of(gatherings.HANA, AT).protected
    assert len(evidence.records(kinds=["request.person-protected"])) == 1
    assert gatherings.HANA not in str(evidence.records(kinds=["request.person-protected"])[0].body)
    with pytest.raises(SekishoError, match=r"requests\.nothing-proposed"):
        frauds.lift(person=gatherings.HANA, at=AT, acting_user=CLERK)
    frauds.ask_to_lift(person=gatherings.HANA, at=AT, acting_user=CLERK)
    with pytest.raises(SekishoError, match=r"requests\.same-person"):
        frauds.lift(person=gatherings.HANA, at=AT, acting_user=CLERK)
    frauds.lift(person=gatherings.HANA, at=AT, acting_user=SECOND)
    assert not is_protected(gatherings.HANA, AT)


def test_a_doubt_is_lifted_by_another_and_a_note_says_how() -> None:
    case = actions.open_case(
        person=gatherings.HANA, kind="disclosure", received_on=tokyo_date(AT), at=AT, acting_user=CLERK
    ).reference
    [check] = [one for one in checks_of(case, AT) if one.code == "no-paper"]

    def note(result: Result, how: str, by: str) -> None:
        frauds.record_check(
            reference=case, key=check.seen.key, result=result, how=how, is_officer=False, at=AT, acting_user=by
        )

    with pytest.raises(SekishoError, match=r"requests\.check-how"):
        note(Result.CLEAR, " ", CLERK)
    note(Result.DOUBT, "折り返した", CLERK)
    with pytest.raises(SekishoError, match=r"requests\.same-person"):
        note(Result.CLEAR, "折り返した", CLERK)
    note(Result.CLEAR, "書留で確かめた", SECOND)
    assert [one.state.value for one in checks_of(case, AT) if one.code == "no-paper"] == ["clear"]


def test_a_mask_cut_short_after_its_entry_is_finished_before_anybody_sees_the_page() -> None:
    [ref] = actions.receive(
        pages=[world.picture("card")], channel=Channel.MAIL, arrived_at=AT, at=AT, acting_user=CLERK
    )
    whole = scans.open_pages(ref)
    drawn = marking.Box(page=1, left=100, top=100, right=900, bottom=500, part="my_number")
    marking.black_out(ref=ref, boxes=[drawn], at=AT, acting_user=CLERK)
    [burned] = scans.open_pages(ref)
    # as a crash leaves it: the entry stands, the page without boxes is not destroyed yet
    PageMask.objects.update(is_burned=False)
    scans.seal_pages(ref + marking.NEXT, [burned])
    scans.seal_pages(ref, whole)
    assert actions.show_page(ref=ref, page=1, account=CLERK, at=AT) == burned
    assert not box(ref + marking.NEXT).exists()
    assert queries.arrival(ref).pages == 1
