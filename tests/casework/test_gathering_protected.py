"""Where a protected person is, is told to nobody: searched in all that leaves, black until an officer opens it."""

from pathlib import Path
from typing import Any

import answers_world as aw
import gatherings as world
import pytest
from gatherings import AT, CLERK

from sekisho.casework.subject_requests import actions, queries
from sekisho.casework.subject_requests.actions.frauds import protect as set_protected
from sekisho.casework.subject_requests.queries.gathering_protected import guard_for, require_guarded, uncovered
from sekisho.casework.subject_requests.rules.answering_lines import Decision
from sekisho.casework.subject_requests.rules.deciding import Answer
from sekisho.casework.subject_requests.rules.fraud import Showing
from sekisho.casework.subject_requests.rules.gathering import RedactionState
from sekisho.casework.subject_requests.rules.gathering_protected import Guard, address_forms, over, same_place
from sekisho.casework.subject_requests.rules.gathering_text import Span
from sekisho.engine.errors import SekishoError
from sekisho.evidence import queries as evidence
from sekisho.registers.identities import queries as identities

WHERE = "京都府宇治市木幡3-4"
TOLD = (
    "佐倉さんは宇治市木幡３丁目４番地に越しました。電話は０９０ー００００ー０００９です。知り合いの家は木幡3-41です。"
)


@pytest.fixture
def home(tmp_path: Path, settings: Any, db: None) -> Path:
    settings.HOME = tmp_path
    world.build(tmp_path)
    world.write_tickets(tmp_path, [world.ticket(1, "C4", world.TWINS, "柏木 双葉", TOLD)])
    return tmp_path


def protect(person: str = world.KEN) -> None:
    set_protected(person=person, showing=Showing.SUPPORT_MEASURE, at=AT, acting_user=CLERK)


def code(refusing: Any, *given: Any, **more: Any) -> str:
    with pytest.raises(SekishoError) as refusal:
        refusing(*given, **more)
    return refusal.value.code


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("京都府宇治市木幡3-4", "京都府宇治市木幡3-4"), ("宇治市　木幡三丁目四番地", "宇治市　木幡三丁目四"),
        ("木幡３ー４へ", "木幡３ー４"), ("木幡3の4", "木幡3の4"), ("木幡3-41", ""), ("木幡13-4", ""), ("宇治市木幡", ""),
        ("090-0000-0009", "090-0000-0009"), ("+81 90 0000 0009まで", "+81 90 0000 0009"), ("0900000000", ""),
        ("さくら けん様", "さくら けん"), ("ｻｸﾗ ｹﾝ", "ｻｸﾗ ｹﾝ"), ("佐倉健", "佐倉健"), ("佐倉市", ""),
    ],
)  # fmt: skip
def test_however_it_is_written(text: str, found: str) -> None:
    guard = Guard(addresses=[WHERE], phones=["09000000009"], names=["佐倉 健", "サクラ ケン"])
    assert "".join(text[one.start : one.end] for one in guard.spans(text)) == found


def test_addresses_are_one_across_prefecture_numerals_and_old_kanji() -> None:
    assert same_place("東京都新宿区西新宿二丁目8番1号 コーポ若葉203", "西新宿2-8-1")
    assert same_place("茨城県龍ヶ崎市髙﨑町十二番地の3", "竜ケ崎市高崎町12-3")
    assert not same_place("北海道札幌市中央区北一条西3-4", "北海道札幌市中央区北一条西5-6")
    assert address_forms("北山町") == (), "a town tells of thousands"
    assert Guard(addresses=[], phones=[], names=[]).spans("09000000009") == []


def test_what_overlaps_is_one_place_of_the_protected() -> None:
    assert over([Span(4, 8, "protected")], [Span(0, 2, "number"), Span(6, 12, "address")]) == [
        Span(0, 2, "number"), Span(4, 12, "protected"),
    ]  # fmt: skip


def test_only_an_officer_opens_it_and_nothing_of_it_is_written_down(home: Path) -> None:
    protect()
    reference = world.ready(world.TWIN)
    ref = actions.gather(reference=reference, at=AT, acting_user=CLERK)
    found = queries.gathered(ref)
    (section,) = [one for one in found.sections if one.table == "tickets"]
    body = [column.name for column in section.columns].index("body")
    mine = [one for one in found.waiting if one.why == "protected"]
    assert [section.rows[one.row][body][one.start : one.end] for one in mine] == [  # type: ignore[index]
        "宇治市木幡３丁目４", "０９０ー００００ー０００９",
    ]  # fmt: skip
    lift: dict[str, Any] = {
        "ref": ref,
        "number": mine[0].number,
        "keep": False,
        "reason": "consented",
        "at": AT,
        "acting_user": CLERK,
    }
    assert code(actions.decide_redaction, **lift) == "requests.protected-officer"
    actions.decide_redaction(**lift, is_officer=True)
    for one in queries.gathered(ref).waiting:
        actions.decide_redaction(ref=ref, number=one.number, keep=True, at=AT, acting_user=CLERK)
    require_guarded(reference, [])
    again = queries.gathered(actions.gather(reference=reference, at=AT, acting_user=CLERK))
    assert [one.state for one in again.redactions if one.why == "protected"] == [
        RedactionState.LIFTED, RedactionState.KEPT,
    ]  # fmt: skip
    told = str([(entry.kind, entry.body) for entry in evidence.records(newest=1000)])
    assert "木幡" not in told
    assert "0009" not in told


def test_who_is_protected_after_the_gathering_stops_the_answer(home: Path) -> None:
    reference = world.ready(world.TWIN)
    ref = actions.gather(reference=reference, at=AT, acting_user=CLERK)
    found = queries.gathered(ref)
    for one in found.waiting:  # a clerk takes it for harmless
        actions.decide_redaction(
            ref=ref, number=one.number, keep=False, reason="not_personal", at=AT, acting_user=CLERK
        )
    assert not guard_for(reference).is_needed
    require_guarded(reference, [WHERE])
    protect()
    assert uncovered(queries.gathered(ref), guard_for(reference)) == 2
    assert code(require_guarded, reference, []) == "requests.protected-found"
    again = queries.gathered(actions.gather(reference=reference, at=AT, acting_user=CLERK))
    assert {one.state for one in again.redactions if one.why == "protected"} == {RedactionState.PROPOSED}
    require_guarded(reference, [])
    assert code(require_guarded, reference, ["木幡3-4には送れないため"]) == "requests.protected-found"


def test_an_answer_waits_for_a_store_that_may_hold_the_address(home: Path) -> None:
    protect()
    reference = world.ready(world.TWIN)
    actions.gather(reference=reference, at=AT, acting_user=CLERK)
    (home / "systems" / "crm.sqlite3").write_bytes(b"no database at all" * 100)
    actions.gather(reference=reference, at=AT, acting_user=CLERK)
    assert code(require_guarded, reference, []) == "requests.protected-unread"


def test_ones_own_is_told_but_not_to_who_asks_for_them(home: Path) -> None:
    """Mother and daughter live at one address; the mother is protected, and somebody asks for the daughter."""
    from sekisho.casework.subject_requests.models import SubjectRequest

    protect(world.HANA)
    reference = world.ready(world.MIO)
    assert guard_for(reference).spans("瀬戸市北山町1-2") == []
    SubjectRequest.objects.filter(reference=reference).update(agency="statutory")
    assert len(guard_for(reference).spans("瀬戸市北山町1-2")) == 1
    assert guard_for(world.ready(world.HANA)).is_needed is False


def test_an_answer_on_its_way_is_stopped(tmp_path: Path, settings: Any, db: None) -> None:
    settings.HOME = tmp_path
    small = aw.carrier()
    small.write_stores(tmp_path)
    small.fill_registers()
    case = aw.ready(small, "purpose_notice")
    number = next(one.value for one in identities.intervals_of(small.KEN) if one.kind == "number")
    line = queries.open_lines(case, small.AT)[0]
    ground = queries.refusals_of("purpose_notice", small.AT)[0].id
    words = Decision(
        item=line.item, place=line.place, answer=Answer.REFUSE, ground=ground, reason=f"{number}の方のため"
    )
    ref = aw.drafted(small, case, [words])
    set_protected(person=small.KEN, showing=Showing.OWN_WORD, at=small.AT, acting_user=CLERK)
    approval = {"ref": ref, "sha256": queries.answer(ref).sha256, "at": small.AT, "acting_user": aw.SECOND}
    actions.open_answer(ref=ref, account=aw.SECOND, at=small.AT)
    assert code(actions.approve_answer, **approval) == "requests.protected-found"
    actions.withdraw_answer(ref=ref, at=small.AT, acting_user=CLERK)
    assert code(aw.drafted, small, case, [words]) == "requests.protected-found"
