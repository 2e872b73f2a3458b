"""What is gathered for a request: every system's word, nobody else's values, and redactions somebody decides."""

from hashlib import sha256
from pathlib import Path
from typing import Any

import gatherings as world
import pytest
from gatherings import AT, CLERK

from sekisho.casework.subject_requests import actions, queries
from sekisho.casework.subject_requests.queries import Gathered, answering
from sekisho.casework.subject_requests.queries.gathering_images import with_attached
from sekisho.casework.subject_requests.queries.sealed import box
from sekisho.casework.subject_requests.rules.deciding import Answer
from sekisho.casework.subject_requests.rules.gathering import Closed, RedactionState, SystemState
from sekisho.casework.subject_requests.rules.gathering_codes import Coding, coded, coding_of
from sekisho.casework.subject_requests.rules.gathering_images import Attached
from sekisho.engine.errors import SekishoError
from sekisho.engine.policy.model import Text
from sekisho.evidence import queries as evidence
from sekisho.registers.consents import actions as consents
from sekisho.registers.consents.queries import ConsentKind
from sekisho.registers.policies import queries as policies

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(tmp_path: Path, settings: Any, db: None) -> Path:
    settings.HOME = tmp_path
    world.build(tmp_path)
    return tmp_path


def gather(person: str, *, in_full: bool = False) -> Gathered:
    reference = world.ready(person)
    return queries.gathered(actions.gather(reference=reference, at=AT, acting_user=CLERK, in_full=in_full))


def rows(found: Gathered, table: str) -> list[dict[str, Any]]:
    """The rows of a table by column name."""
    return [
        dict(zip((column.name for column in section.columns), row, strict=True))
        for section in found.sections
        if section.table == table
        for row in section.rows
    ]


def told(found: Gathered) -> str:
    """Every value as one text."""
    return "\n".join(str(value) for section in found.sections for row in section.rows for value in row)


def test_every_system_says_how_it_answered(home: Path) -> None:
    found = gather(world.HANA)
    assert {one.system: one.state for one in found.systems} == dict.fromkeys(
        ("crm", "billing", "support", "cdr", "registers"), SystemState.ANSWERED
    )
    assert found.is_complete
    assert (
        found.statement()[0]
        == "2026年11月23日に、お客さまの情報を保管している4つの仕組みと当社の台帳のすべてを調べ、すべてから結果を得ました。"
    )
    empty = {one.system: one.state for one in gather(world.TWIN).systems}
    assert empty["support"] is SystemState.EMPTY


def test_a_system_that_does_not_answer_is_named_and_asked_again(home: Path) -> None:
    store = home / "systems" / "cdr.sqlite3"
    kept = store.read_bytes()
    store.write_bytes(b"no database at all" * 100)
    reference = world.ready(world.HANA)
    first = queries.gathered(actions.gather(reference=reference, at=AT, acting_user=CLERK))
    (failed,) = [one for one in first.systems if one.state is SystemState.FAILED]
    assert (failed.system, failed.rows, first.is_complete) == ("cdr", 0, False)
    assert failed.code
    assert any("cdr" in one and failed.code in one for one in first.statement("en"))
    for one in first.waiting:
        actions.decide_redaction(ref=first.ref, number=one.number, keep=True, at=AT, acting_user="account:2")
    store.write_bytes(kept)
    again = queries.gathered(actions.gather(reference=reference, at=AT, acting_user=CLERK))
    assert again.is_complete
    assert again.is_reviewed
    assert [(one.column, one.start, one.end, one.decided_by) for one in again.redactions] == [
        (one.column, one.start, one.end, "account:2") for one in first.redactions
    ]
    assert not box(first.ref).exists(), "what was found stands in one place"


def test_a_text_that_changed_is_looked_at_again(home: Path) -> None:
    reference = world.ready(world.HANA)
    first = queries.gathered(actions.gather(reference=reference, at=AT, acting_user=CLERK))
    for one in first.waiting:
        actions.decide_redaction(ref=first.ref, number=one.number, keep=False, reason="own", at=AT, acting_user=CLERK)
    world.write_tickets(home, [world.ticket(1, "C1", world.HANAS, "櫛田 真澄", world.BODY + "追記。")])
    assert not queries.gathered(actions.gather(reference=reference, at=AT, acting_user=CLERK)).is_reviewed


def test_calls_leave_as_on_the_bill(home: Path) -> None:
    calls = rows(gather(world.HANA), "calls")
    outgoing = [one for one in calls if one["caller"] == world.HANAS]
    incoming = [one for one in calls if one["callee"] == world.HANAS]
    assert (len(outgoing), len(incoming)) == (3, 4)
    assert {one["callee"] for one in outgoing} == {"0800000＊＊＊＊"}
    assert {one["charged_yen"] for one in outgoing} == {30}
    assert {(one["charged_yen"], one["cell"]) for one in incoming} == {(Closed("other_party"),) * 2}
    assert {one["caller"] for one in incoming} == {Closed("other_party"), None}, "None: withheld (184)"
    whole = rows(gather(world.HANA, in_full=True), "calls")
    assert {one["callee"] for one in whole if one["caller"] == world.HANAS} == {world.FRIENDS}
    assert {one["caller"] for one in whole if one["callee"] == world.HANAS} == {Closed("other_party"), None}


def test_a_number_used_again_shows_each_holder_their_own_time(home: Path) -> None:
    before, after = gather(world.HANA, in_full=True), gather(world.KEN, in_full=True)
    assert "08000001111" in told(before)
    assert "08000002222" not in told(before)
    assert "08000002222" in told(after)
    assert "08000001111" not in told(after)


def test_a_line_the_family_uses_needs_the_users_consent(home: Path) -> None:
    without = gather(world.HANA)
    assert without.lines == 1
    assert any("同意がない" in one for one in without.statement())
    assert world.MIOS not in {one["caller"] for one in rows(without, "calls")}
    assert [one["seconds"] for one in rows(without, "line_totals")] == [11, Closed("users_line")]
    agreed = consents.NewConsent(
        person=world.MIO, kind=ConsentKind.SECRECY, scope="subject_request", given=True, notice_era="1.0", channel="paper",
        at=AT,
    )  # fmt: skip
    consents.record(consent=agreed, at=AT, acting_user="test")
    given = gather(world.HANA)
    assert given.lines == 0
    assert world.MIOS in {one["caller"] for one in rows(given, "calls")}
    assert [one["seconds"] for one in rows(given, "line_totals")] == [11, 999]


def test_who_only_stands_in_anothers_row_sees_their_own_columns(home: Path) -> None:
    (child,) = rows(gather(world.MIO), "guardians")
    assert (child["guardian_name"], child["guardian_customer_no"]) == (Closed("other_party"),) * 2
    assert child["relation"] == "母"
    (other,) = rows(gather(world.TWIN), "guardians")
    assert (other["guardian_name"], other["guardian_customer_no"]) == (Closed("other_party"), None)
    (mother,) = rows(gather(world.HANA), "guardians")
    assert mother["guardian_name"] == "櫛田 真澄"
    assert mother["customer_no"] == mother["relation"] == Closed("other_party")


def test_safeguards_and_what_the_policy_does_not_disclose_stay(home: Path) -> None:
    found = gather(world.HANA)
    assert not any(column.name == "is_protected" for section in found.sections for column in section.columns)
    assert {one["cell"] for one in rows(found, "calls") if one["caller"] == world.HANAS} == {Closed("not_stated")}


def test_others_in_a_text_are_proposed_and_the_person_is_not(home: Path) -> None:
    found = gather(world.HANA)
    (section,) = [one for one in found.sections if one.table == "tickets"]
    spans = [one for one in found.redactions if one.section == section.number]
    black = {world.BODY[one.start : one.end] for one in spans if one.column == "body"}
    assert any("山口太郎" in one for one in black)
    assert any("080-0000-1234" in one for one in black)
    assert any("yamaguchi@example.jp" in one for one in black)
    assert not any(own in one for one in black for own in ("櫛田", "090-0000-0001", "瀬戸市"))


def test_an_account_of_somebody_else_is_asked_about(home: Path) -> None:
    assert not [one for one in gather(world.HANA).redactions if one.column == "holder_kana"]
    (other,) = [one for one in gather(world.KEN).redactions if one.column == "holder_kana"]
    assert other.why == "may_be_others"


def test_nothing_leaves_before_every_redaction_is_decided(home: Path) -> None:
    found = gather(world.HANA)
    with pytest.raises(SekishoError) as error:
        queries.redacted(found.ref)
    assert error.value.code == "requests.not-reviewed"
    kept, *lifted = found.waiting
    actions.decide_redaction(ref=found.ref, number=kept.number, keep=True, at=AT, acting_user=CLERK)
    for one in lifted:
        actions.decide_redaction(ref=found.ref, number=one.number, keep=False, reason="consented", at=AT, acting_user=CLERK)  # fmt: skip
    (ticket,) = rows(queries.redacted(found.ref), "tickets")
    assert ticket["body"] == world.BODY[: kept.start] + "■■■" + world.BODY[kept.end :]
    assert queries.redacted(found.ref).fingerprint != found.fingerprint


def test_a_lift_needs_a_reason_and_no_decision_is_overwritten_unseen(home: Path) -> None:
    found = gather(world.HANA)
    number = found.waiting[0].number
    decide: dict[str, Any] = {"ref": found.ref, "number": number, "at": AT}
    with pytest.raises(SekishoError) as error:
        actions.decide_redaction(**decide, keep=False, acting_user=CLERK)
    assert error.value.code == "requests.lifting-reason"
    actions.decide_redaction(**decide, keep=True, acting_user="account:2", seen=RedactionState.PROPOSED)
    with pytest.raises(SekishoError) as error:
        actions.decide_redaction(**decide, keep=False, reason="own", acting_user=CLERK, seen=RedactionState.PROPOSED)
    assert error.value.code == "requests.redaction-decided"
    with pytest.raises(SekishoError) as error:
        actions.decide_redaction(ref=found.ref, number=999, keep=True, at=AT, acting_user=CLERK)
    assert error.value.code == "requests.unknown-redaction"


def test_a_clerk_blacks_out_what_no_rule_saw(home: Path) -> None:
    found = gather(world.HANA)
    (section,) = [one for one in found.sections if one.table == "tickets"]
    start = world.BODY.index("着信")
    mark: dict[str, Any] = {
        "ref": found.ref,
        "section": section.number,
        "row": 0,
        "column": "body",
        "at": AT,
        "acting_user": CLERK,
    }
    number = actions.add_redaction(**mark, start=start, end=start + 2)
    assert number == len(found.redactions) + 1
    assert actions.add_redaction(**mark, start=start, end=start + 2) == number
    wrongs: list[dict[str, Any]] = [{"start": 5, "end": 5}, {"start": 0, "end": 9_999}]
    for wrong in wrongs:
        with pytest.raises(SekishoError) as error:
            actions.add_redaction(**mark, **wrong)
        assert error.value.code == "requests.nothing-marked"
    again = queries.gathered(actions.gather(reference=found.reference, at=AT, acting_user=CLERK))
    assert [one.why for one in again.redactions if one.state is RedactionState.KEPT] == ["clerk"]


def test_nothing_is_gathered_before_the_person_is_known_and_checked(home: Path) -> None:
    for person, code in (("", "requests.person-unknown"), (world.HANA, "requests.identity-not-checked")):
        case = actions.open_case(
            person=person, kind="disclosure", received_on=AT.date(), at=AT, acting_user=CLERK
        )  # fmt: skip
        with pytest.raises(SekishoError) as error:
            actions.gather(reference=case.reference, at=AT, acting_user=CLERK)
        assert error.value.code == code


def test_no_value_stands_outside_the_seal(home: Path) -> None:
    found = gather(world.HANA)
    entries = evidence.records(kinds=["request.gathered"])
    assert len(entries) == 1
    seen = str(entries[0].body).encode() + box(found.ref).read_bytes()
    for value in ("櫛田", world.HANAS, world.FRIENDS, "瀬戸"):
        assert value.encode() not in seen


def test_our_own_registers_are_gathered_as_a_system(home: Path) -> None:
    objection = consents.NewConsent(
        person=world.HANA, kind=ConsentKind.OBJECTION, scope="analysis", given=True, notice_era="arlink@1.0",
        channel="paper", at=AT,
    )  # fmt: skip
    consents.record(consent=objection, at=AT, acting_user="test")
    earlier = world.ready(world.HANA, kind="correction")
    found = gather(world.HANA)
    assert [one["name"] for one in rows(found, "names")] == ["櫛田 真澄"]
    numbers = {one["value"]: one["until"] for one in rows(found, "numbers")}
    assert numbers[world.SHARED] == world.PASSED_ON
    assert numbers[world.HANAS] is None
    assert Closed("users_line") in numbers, "the line that her daughter uses"
    assert world.MIOS not in told(found)
    assert [one["reference"] for one in rows(found, "requests")] == [earlier], "not the one that asks"
    (said,) = rows(found, "consents")
    assert (said["on"], said["channel"], said["notice"]) == (AT.date(), "paper", "arlink@1.0")
    (section,) = [one for one in found.sections if one.table == "consents"]
    words = {one.name: coded(said[one.name], coding_of(one)) for one in section.columns}
    assert words["consent"] == Text("利用のお断り", "objection to use")
    assert words["channel"] == Text("書面", "paper")
    assert words["notice"] == Text("1.0版", "version 1.0")
    assert words["scope"] == policies.in_force(AT).purposes["analysis"].label
    assert any("当社の台帳" in one for one in found.statement())
    (line,) = [one for one in queries.open_lines(found.reference, AT) if one.item == "registers"]
    assert line.weighed.answer is Answer.GRANT


def test_a_code_is_said_in_words_or_said_to_be_a_code() -> None:
    how = Coding(labels={"shop": Text("店頭", "shop")}, many=True)
    assert coded("shop", how) == Text("店頭", "shop")
    assert coded("shop、postal", how) == Text("店頭、postal（システム内の符号）", "shop, postal (a code of the system)")
    assert coded("postal", Coding()) == Text("postal（システム内の符号）", "postal (a code of the system)")
    assert coded("K-2026-0001", Coding()) is None
    assert coded("taro", Coding(items=("identity.name",))) is None
    assert coded("shop", Coding(is_free_text=True)) is None
    assert coded(2, Coding(labels={"2": Text("女性")})) == Text("女性", "女性")


def test_a_picture_is_looked_at_inside_the_case_and_goes_as_a_file_or_stays_black(home: Path) -> None:
    reference = world.ready(world.KEN)
    ref = actions.gather(reference=reference, at=AT, acting_user=CLERK)
    found = queries.gathered(ref)
    (section,) = [one for one in found.sections if one.table == "identity_images"]
    good, bad = [one for one in found.waiting if one.section == section.number]
    place: dict[str, Any] = {
        "reference": reference,
        "section": good.section,
        "row": good.row,
        "column": good.column,
        "page": 1,
    }
    with pytest.raises(SekishoError, match="image-page-closed"):
        actions.show_image(**place, account=CLERK, at=AT)
    actions.open_page(reference=reference, account=CLERK, at=AT)
    png, count = actions.show_image(**place, account=CLERK, at=AT)
    assert (png[:8], count) == (b"\x89PNG\r\n\x1a\n", 1)
    entry = evidence.records(newest=1)[0]
    assert (entry.kind, entry.body["column"], entry.body["by"]) == ("request.image-viewed", "image", CLERK)
    with pytest.raises(SekishoError, match="scan-unreadable"):
        actions.show_image(**(place | {"row": bad.row}), account=CLERK, at=AT)
    with pytest.raises(SekishoError, match="no-such-image"):
        actions.show_image(**(place | {"column": "image_no"}), account=CLERK, at=AT)
    for one in found.waiting:
        lifted = {"keep": False, "reason": "own"} if one.number == good.number else {"keep": True}
        actions.decide_redaction(ref=ref, number=one.number, **lifted, at=AT, acting_user=CLERK)
    told = answering.told_of_case(
        reference, answer=f"{reference}-A1", lines=answering.lines_of(reference, (), AT), corrections=(),
        to=actions.Recipient(name="佐倉 健", postal_code="000-0000", address="架空県"), reply="electronic", language="ja", at=AT,
    )  # fmt: skip
    sheets, files = with_attached(told)
    assert list(files.values()) == [world.PICTURE], "the black one goes nowhere"
    (name,) = files
    assert name.startswith("5_画像/")
    assert name.endswith("_crm.identity_images_0001_image.png")
    (sheet,) = [one for one in sheets.sheets if one.id == "crm.identity_images"]
    assert [row[-1] for row in sheet.rows] == [
        Attached(name=name, size=len(world.PICTURE), sha256=sha256(world.PICTURE).hexdigest()), Closed("redacted"),
    ]  # fmt: skip
