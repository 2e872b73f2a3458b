"""Fees that stay unpaid, money that goes back, a day's money that balances; alarms and complaints: on a real database."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from hypothesis import given
from hypothesis import strategies as st

from sekisho.casework.subject_requests import actions, proofs, queries, rules
from sekisho.casework.subject_requests.actions import Presented
from sekisho.casework.subject_requests.rules import Outcome
from sekisho.casework.subject_requests.rules.alarms import Alarm
from sekisho.casework.subject_requests.rules.complaints import About, ComplaintEnd
from sekisho.casework.subject_requests.rules.fees import Tendered
from sekisho.casework.subject_requests.rules.intake import Channel
from sekisho.casework.subject_requests.rules.refunds import Moved, RefundWhy, Unpaid, day_book, unpaid_state
from sekisho.engine.errors import Place, SekishoError
from sekisho.engine.policy.model import Clause, Text
from sekisho.evidence import queries as evidence
from sekisho.evidence.proof import Verdict
from sekisho.registers.policies import actions as policies

AT = datetime(2026, 11, 20, 3, tzinfo=UTC)
ARLINK = Path(__file__).parents[2] / "policies" / "arlink" / "policy.yaml"
CLAUSE = Clause(
    id="B-74", heading="", says=Text("文"), proof=None, never=False, place=Place(path="p", line=1, column=1)
)
FEES = rules.limits()["fees"]
ASKED_TO_REMIND = timedelta(days=FEES["remind_after_days"] + 1)
TERM = timedelta(days=FEES["close_after_days"])


@pytest.fixture
def case(settings: LazySettings, tmp_path: Path, db: None) -> str:
    settings.HOME = tmp_path
    files = {"policy.yaml": ARLINK.read_text(encoding="utf-8")}
    policies.adopt(files=files, at=datetime(2026, 1, 1, tzinfo=UTC), acting_user="test")
    return actions.open_case(person="p-1", kind="disclosure", received_on=AT.date(), at=AT, acting_user="s-1").reference


def prove(case: str) -> None:
    for paper in (
        Presented(paper="drivers_licence", expires_on=date(2028, 5, 9)),
        Presented(paper="residence_record", issued_on=date(2026, 11, 1)),
    ):
        actions.record_paper(reference=case, paper=paper, at=AT, acting_user="s-1")
    actions.record_identity_check(reference=case, at=AT, acting_user="s-1")


def pay(case: str, yen: int, at: datetime = AT, instrument: str = "stamps") -> None:
    issued = at.date() if instrument == "postal_money_order" else None
    piece = Tendered(instrument=instrument, yen=yen, issued_on=issued)
    actions.record_payment(reference=case, piece=piece, came_by=Channel.MAIL, at=at, acting_user="s-1")


def ask(case: str) -> None:
    actions.ask_for(reference=case, what=queries.standing(case, AT).missing, at=AT, acting_user="s-1")


def code(call: object, **values: object) -> str:
    with pytest.raises(SekishoError) as raised:
        call(**values)  # type: ignore[operator]
    return raised.value.code


def refund(case: str, yen: int, **more: object) -> dict[str, object]:
    return {
        "reference": case, "yen": yen, "why": RefundWhy.EXCESS, "instrument": "postal_money_order",
        "proof": "書留 123-45", "paid_on": AT.date(), "at": AT, "acting_user": "s-1",
    } | more  # fmt: skip


def test_nothing_ends_unpaid_before_a_reminder_and_its_term(case: str) -> None:
    prove(case)
    close = {"reference": case, "acting_user": "s-1"}
    assert queries.unpaid(case, AT) is Unpaid.ASK
    ask(case)
    assert code(actions.remind_of_fee, reference=case, at=AT, acting_user="s-1") == "requests.no-reminder-due"
    assert code(actions.close_unpaid, **close, at=AT) == "requests.not-unpaid"
    reminded = AT + ASKED_TO_REMIND
    due = actions.remind_of_fee(reference=case, at=reminded, acting_user="s-1")
    assert due == (reminded + TERM).date()
    assert code(actions.remind_of_fee, reference=case, at=reminded, acting_user="s-1") == "requests.no-reminder-due"
    assert code(actions.close_unpaid, **close, at=reminded + TERM) == "requests.not-unpaid"
    actions.close_unpaid(**close, at=reminded + TERM + timedelta(days=1))
    assert queries.case(case).outcome == Outcome.UNPAID


def test_a_fee_that_comes_within_the_term_ends_nothing(case: str) -> None:
    prove(case)
    ask(case)
    reminded = AT + ASKED_TO_REMIND
    actions.remind_of_fee(reference=case, at=reminded, acting_user="s-1")
    pay(case, 660, reminded)
    later = reminded + TERM + timedelta(days=1)
    assert queries.unpaid(case, later) is Unpaid.NOTHING_DUE
    assert code(actions.close_unpaid, reference=case, at=later, acting_user="s-1") == "requests.not-unpaid"


def test_where_papers_are_missing_too_no_request_ends_over_money(case: str) -> None:
    ask(case)
    reminded = AT + ASKED_TO_REMIND
    actions.remind_of_fee(reference=case, at=reminded, acting_user="s-1")
    later = reminded + TERM + timedelta(days=1)
    assert queries.unpaid(case, later) is Unpaid.MAY_CLOSE
    assert code(actions.close_unpaid, reference=case, at=later, acting_user="s-1") == "requests.not-unpaid"


def test_who_was_asked_in_time_is_not_answered_late_while_they_are_silent(case: str) -> None:
    prove(case)
    late = AT + timedelta(days=40)
    assert proofs.answered_in_time(at=late, clause=CLAUSE).verdict is Verdict.BROKEN
    ask(case)
    assert proofs.answered_in_time(at=late, clause=CLAUSE).verdict is Verdict.KEPT
    actions.remind_of_fee(reference=case, at=AT + ASKED_TO_REMIND, acting_user="s-1")
    actions.close_unpaid(reference=case, at=AT + ASKED_TO_REMIND + TERM + timedelta(days=1), acting_user="s-1")
    assert proofs.answered_in_time(at=late, clause=CLAUSE).verdict is Verdict.KEPT


def test_too_late_an_ask_is_late(case: str) -> None:
    asked = AT + timedelta(days=15)
    actions.ask_for(reference=case, what=["fee:660"], at=asked, acting_user="s-1")
    assert proofs.answered_in_time(at=asked, clause=CLAUSE).verdict is Verdict.BROKEN


def test_what_is_over_goes_back_once_with_what_shows_it(case: str) -> None:
    pay(case, 1000)
    assert queries.money_of(case, AT).owed == 340
    assert code(actions.record_refund, **refund(case, 341)) == "requests.refund-too-much"
    assert code(actions.record_refund, **refund(case, 340, instrument="cash")) == "law.unknown-key"
    assert code(actions.record_refund, **refund(case, 340, proof=" ")) == "requests.refund-without-proof"
    actions.record_refund(**refund(case, 340))  # type: ignore[arg-type]
    assert queries.money_of(case, AT).owed == 0
    assert code(actions.record_refund, **refund(case, 1)) == "requests.refund-too-much"


def test_all_of_it_goes_back_where_the_person_withdrew(case: str) -> None:
    pay(case, 660)
    assert queries.money_of(case, AT).owed == 0
    actions.close_case(reference=case, outcome=Outcome.WITHDRAWN, answered_on=None, at=AT, acting_user="s-1")
    assert queries.money_of(case, AT).owed == 660
    assert [one.reference for one in queries.owing(AT)] == [case]


def test_the_book_of_a_day_balances_by_instrument(case: str) -> None:
    pay(case, 1000, instrument="postal_money_order")
    pay(case, 10)
    tomorrow = AT + timedelta(days=1)
    actions.record_refund(**refund(case, 350, at=tomorrow, paid_on=tomorrow.date()))  # type: ignore[arg-type]
    today, next_day = queries.money_book(AT.date(), tomorrow), queries.money_book(tomorrow.date(), tomorrow)
    assert (today.after, today.fees, today.owed, today.is_balanced) == (1010, 660, 350, True)
    drawers = {one.instrument: (one.before, one.came, one.went, one.after) for one in next_day.drawers}
    assert drawers == {"postal_money_order": (1000, 0, 350, 650), "stamps": (10, 0, 0, 10)}
    assert (next_day.fees, next_day.owed, next_day.is_balanced) == (660, 0, True)


MOVES = st.lists(
    st.builds(
        lambda day, name, yen, out: Moved(
            on=date(2026, 11, day), reference="K", instrument=name, came=0 if out else yen, went=yen if out else 0
        ),
        st.integers(1, 28), st.sampled_from(["stamps", "postal_money_order"]), st.integers(1, 1000), st.booleans(),
    ),
    max_size=20,
)  # fmt: skip


@given(MOVES, st.integers(2, 28))
def test_every_evening_is_the_next_morning(moves: list[Moved], day: int) -> None:
    yesterday, today = (day_book(moves, date(2026, 11, one), fees=0, owed=0) for one in (day - 1, day))
    evening = {one.instrument: one.after for one in yesterday.drawers if one.after}
    assert evening == {one.instrument: one.before for one in today.drawers if one.before}
    assert today.is_balanced is (today.after == 0)


@given(
    lacking=st.integers(0, 2000),
    asked=st.none() | st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    due=st.none() | st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    on=st.dates(date(2026, 1, 1), date(2026, 12, 31)),
)
def test_an_end_without_pay_needs_a_lack_an_ask_a_reminder_and_its_term(
    lacking: int, asked: date | None, due: date | None, on: date
) -> None:
    if unpaid_state(lacking=lacking, asked_on=asked, reminder_due=due, on=on) is Unpaid.MAY_CLOSE:
        assert lacking
        assert asked
        assert due
        assert on > due


def test_alarms_ring_before_our_target_and_before_the_two_weeks_and_warn_once(case: str) -> None:
    assert queries.alarms(AT) == ()
    near = AT + timedelta(days=8)
    assert [one.alarm for one in queries.alarms(near)] == [Alarm.TARGET_NEAR]
    assert (actions.warn(at=near, acting_user="job"), actions.warn(at=near, acting_user="job")) == (1, 0)
    over = AT + timedelta(days=11)
    assert [one.alarm for one in queries.alarms(over)] == [Alarm.TARGET_OVER, Alarm.SUIT_NEAR]
    ask(case)
    assert [one.alarm for one in queries.alarms(over)] == [Alarm.SUIT_NEAR]
    assert [one.alarm for one in queries.alarms(AT + timedelta(days=15))] == [Alarm.SUIT_OVER]
    assert len(evidence.records(kinds=["request.warned"])) == 1


def test_a_complaint_has_its_own_clock_and_answer_and_its_words_stay_sealed(case: str) -> None:
    told = {"about": About.ANSWER, "words": "回答がおかしい　山田", "received_on": AT.date(), "at": AT}
    ref = actions.open_complaint(**told, reference=case, acting_user="s-1")  # type: ignore[arg-type]
    (record,) = queries.complaints(AT, request=case)
    assert record.clock is not None
    assert (record.ref, record.clock.left, record.clock.is_overdue) == (
        ref,
        rules.limits()["complaints"]["days"],
        False,
    )
    (late,) = queries.complaints(AT + timedelta(days=30), open_only=True)
    assert late.clock is not None
    assert late.clock.is_overdue
    answer = {"ref": ref, "end": ComplaintEnd.EXPLAINED, "words": "ご説明", "acting_user": "s-2"}
    before = code(actions.answer_complaint, **answer, answered_on=AT.date() - timedelta(days=1), at=AT)
    assert before == "requests.answered-before-arrival"
    actions.answer_complaint(**answer, answered_on=AT.date(), at=AT)  # type: ignore[arg-type]
    again = code(actions.answer_complaint, **answer, answered_on=AT.date(), at=AT)
    assert again == "requests.complaint-answered"
    assert actions.read_complaint(ref=ref, account="s-1", at=AT) == ("回答がおかしい　山田", "ご説明")
    assert "山田" not in str([entry.body for entry in evidence.records()])
    assert queries.complaints(AT, open_only=True) == ()


def test_the_words_of_a_complaint_go_on_their_day_and_the_line_stays(case: str) -> None:
    told = {"about": About.STAFF, "words": "言葉", "received_on": AT.date(), "at": AT, "acting_user": "s-1"}
    waiting, answered = (actions.open_complaint(**told) for _ in range(2))  # type: ignore[arg-type]
    actions.answer_complaint(
        ref=answered, end=ComplaintEnd.UPHELD, words="答え", answered_on=AT.date(), at=AT, acting_user="s-2"
    )
    assert actions.destroy_files(at=AT + timedelta(days=365), acting_user="job") == ()
    later = AT + timedelta(days=365 * 4)
    assert actions.destroy_files(at=later, acting_user="job") == (answered,)
    assert actions.destroy_files(at=later, acting_user="job") == ()
    assert actions.read_complaint(ref=answered, account="s-1", at=later) == ("", "")
    assert actions.read_complaint(ref=waiting, account="s-1", at=later) == ("言葉", "")
    assert [one.ref for one in queries.complaints(later)] == [waiting, answered]
