"""A case's papers, fee, waits and letters, on a real database: what is missing is said, what is asked for stops our target."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pypdfium2
import pytest
from django.conf import LazySettings

from sekisho.casework.subject_requests import actions, queries
from sekisho.casework.subject_requests.actions import Presented, Recipient
from sekisho.casework.subject_requests.rules.fees import Tendered
from sekisho.casework.subject_requests.rules.intake import Channel
from sekisho.casework.subject_requests.rules.papers import Agency
from sekisho.engine.errors import SekishoError
from sekisho.evidence import queries as evidence
from sekisho.registers.policies import actions as policies

AT = datetime(2026, 11, 20, 3, tzinfo=UTC)
ARLINK = Path(__file__).parents[3] / "policies" / "arlink" / "policy.yaml"
TO = Recipient(name="𠮷田 花子", postal_code="000-0000", address="架空県見本市一丁目2番3号")
LICENCE = Presented(paper="drivers_licence", expires_on=date(2028, 5, 9))
RECORD = Presented(paper="residence_record", issued_on=date(2026, 10, 1))
pytestmark = pytest.mark.django_db


@pytest.fixture
def case(settings: LazySettings, tmp_path: Path) -> str:
    settings.HOME = tmp_path
    files = {"policy.yaml": ARLINK.read_text(encoding="utf-8")}
    policies.adopt(files=files, at=datetime(2026, 1, 1, tzinfo=UTC), acting_user="test")
    return actions.open_case(person="p-1", kind="disclosure", received_on=AT.date(), at=AT, acting_user="s-1").reference


def record(case: str, *papers: Presented) -> None:
    for paper in papers:
        actions.record_paper(reference=case, paper=paper, at=AT, acting_user="s-1")


def code(call: object, **values: object) -> str:
    with pytest.raises(SekishoError) as raised:
        call(**values)  # type: ignore[operator]
    return raised.value.code


def test_nobody_is_identified_before_the_papers_say_so(case: str) -> None:
    assert code(actions.record_identity_check, reference=case, at=AT, acting_user="s-1") == "requests.papers-missing"
    record(case, LICENCE)
    stands = queries.standing(case, AT)
    assert stands.missing == ("person:residence_record", "fee:660")
    record(case, RECORD)
    actions.record_identity_check(reference=case, at=AT, acting_user="s-1")
    assert queries.case(case).identity_checked_at == AT


def test_what_nobody_may_read_is_blacked_out_before_anything_else(case: str) -> None:
    record(
        case, LICENCE, Presented(paper="residence_record", issued_on=date(2026, 10, 1), shows=frozenset({"my_number"}))
    )
    assert code(actions.record_identity_check, reference=case, at=AT, acting_user="s-1") == "requests.papers-missing"
    actions.record_masked(reference=case, at=AT, acting_user="s-1")
    actions.record_masked(reference=case, at=AT, acting_user="s-1")
    assert len(evidence.records(kinds=["request.papers-masked"])) == 1
    actions.record_identity_check(reference=case, at=AT, acting_user="s-1")


def test_the_fee_follows_the_way_of_answering(case: str) -> None:
    assert queries.standing(case, AT).payment.lacking == 660
    actions.choose(reference=case, reply="electronic", agency=Agency.NONE, at=AT, acting_user="s-1")
    assert queries.standing(case, AT).payment.is_enough
    actions.choose(reference=case, reply="mail", agency=Agency.NONE, at=AT, acting_user="s-1")
    for piece in (
        Tendered(instrument="postal_money_order", yen=500, issued_on=date(2026, 11, 1)),
        Tendered(instrument="postal_money_order", yen=150, issued_on=date(2026, 11, 1)),
        Tendered(instrument="stamps", yen=10),
    ):
        actions.record_payment(reference=case, piece=piece, came_by=Channel.MAIL, at=AT, acting_user="s-1")
    assert queries.standing(case, AT).payment.is_enough
    chosen = code(actions.choose, reference=case, reply="pigeon", agency=Agency.NONE, at=AT, acting_user="s-1")
    assert chosen == "requests.no-such-reply"


def test_another_way_takes_two_people(case: str) -> None:
    approve = {"reference": case, "at": AT}
    assert code(actions.approve_other_way, **approve, acting_user="s-1") == "requests.nothing-proposed"
    actions.propose_other_way(reference=case, why="契約の番号へかけ直した", at=AT, acting_user="s-1")
    assert code(actions.approve_other_way, **approve, acting_user="s-1") == "requests.same-person"
    assert not queries.standing(case, AT).evidence.is_proved
    actions.approve_other_way(reference=case, at=AT, acting_user="s-2")
    assert queries.standing(case, AT).evidence.is_proved


def test_a_wait_stops_our_target_until_something_comes_and_never_the_two_weeks(case: str) -> None:
    later = AT + timedelta(days=5)
    actions.ask_for(reference=case, what=queries.standing(case, AT).missing, at=later, acting_user="s-1")
    again = code(actions.ask_for, reference=case, what=["x"], at=later, acting_user="s-1")
    assert again == "requests.waits-already"
    still = queries.standing(case, AT + timedelta(days=8)).clock
    assert (still.is_paused, still.target_on, still.suit_from) == (True, None, date(2026, 12, 5))
    came = AT + timedelta(days=8)
    contact = actions.record_contact(channel=Channel.MAIL, arrived_at=came, at=came, acting_user="s-1")
    actions.link(ref=contact, reference=case, at=came, acting_user="s-1")
    clock = queries.standing(case, AT + timedelta(days=10)).clock
    assert (clock.is_paused, clock.target_on, clock.paused) == (False, date(2026, 12, 3), 3)


def test_an_extension_has_a_reason_and_moves_only_later(case: str) -> None:
    extend = {"reference": case, "at": AT, "acting_user": "s-1"}
    assert code(actions.extend, **extend, to=date(2026, 11, 25), why="x") == "requests.extension-not-later"
    assert code(actions.extend, **extend, to=date(2026, 12, 25), why=" ") == "requests.extension-not-later"
    actions.extend(reference=case, to=date(2026, 12, 3), why="系が一つ止まっている", at=AT, acting_user="s-1")
    clock = queries.standing(case, AT).clock
    assert (clock.target_on, clock.suit_from) == (date(2026, 12, 3), date(2026, 12, 5))


def test_a_letter_asks_for_what_is_missing_and_says_why_what_came_does_not_count(case: str) -> None:
    record(case, LICENCE, Presented(paper="residence_record", issued_on=date(2026, 7, 2)))
    ref = actions.write_letter(reference=case, kind="deficiency", to=TO, at=AT, acting_user="s-1")
    document = pypdfium2.PdfDocument(actions.open_letter(ref=ref, account="s-1", at=AT))
    text = "".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    for part in ("𠮷田 花子　様", "住民票の写し", "2026年7月2日", "手数料 あと660円", "定額小為替証書", case):
        assert part in text, part
    assert "運転免許証" not in text
    [entry] = evidence.records(kinds=["request.letter-made"])
    assert "吉田" not in str(entry.body)
    actions.send_letter(ref=ref, sent_on=AT.date(), registered_no="123-45", at=AT, acting_user="s-1")
    sent = code(actions.send_letter, ref=ref, sent_on=AT.date(), registered_no="", at=AT, acting_user="s-1")
    assert sent == "requests.letter-sent"
    assert queries.letters_of(case)[0].registered_no == "123-45"


def test_a_letter_to_a_name_no_font_has_is_not_made(case: str) -> None:
    strange = Recipient(name="𪚥", postal_code="000-0000", address="x")
    values = {"reference": case, "kind": "acceptance", "to": strange, "at": AT, "acting_user": "s-1"}
    assert code(actions.write_letter, **values) == "connector.sign-missing"
    assert queries.letters_of(case) == ()
