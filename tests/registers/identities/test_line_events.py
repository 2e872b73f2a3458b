"""Events of lines and names: whose a number was follows from what happened, in whatever order it was heard of."""

import itertools
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.engine.errors import SekishoError
from sekisho.evidence.models import Entry
from sekisho.registers.identities import actions, proofs, queries
from sekisho.registers.identities.models import OwnershipEvent, OwnershipMove
from sekisho.registers.identities.rules import IdentifierInterval, Move, NameInterval, comes_of_age_on, covers, timeline

AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
START = datetime(2020, 4, 1, tzinfo=UTC)
NUMBER = "09001234567"
OTHER = "08001112222"


def day(count: int) -> datetime:
    return START + timedelta(days=count)


def told(days: int, document: str = "transfer_form", *, early: bool = False) -> actions.Recorded:
    return actions.Recorded(happened=day(days), at=AT, document=document, acting_user="clerk", early=early)


def holder(days: int, value: str = NUMBER) -> str | None:
    return queries.person_of("number", value, day(days))


def refused(code: str, **asked: object) -> None:
    action = asked.pop("action")
    before = (OwnershipEvent.objects.count(), Entry.objects.count(), queries.holders_of("number", NUMBER))
    with pytest.raises(SekishoError) as refusal:
        action(**asked)  # type: ignore[operator]
    assert refusal.value.code == code
    assert refusal.value.message()
    assert refusal.value.remedy("en")
    assert (OwnershipEvent.objects.count(), Entry.objects.count(), queries.holders_of("number", NUMBER)) == before


@pytest.fixture(autouse=True)
def people(db: None) -> None:
    actions.import_population(
        people=[
            actions.NewPerson(
                ref=ref,
                kinds=("customer",),
                acquired_on=START.date(),
                names=(NameInterval(name=f"関所 {ref}"),),
                is_corporate=ref == "P-firm",
                born_on=None if ref == "P-firm" else date(1980, 1, 1),
                identifiers=(
                    IdentifierInterval(person=ref, kind="number", value=OTHER, role="contractor", since=START),
                )
                if ref == "P-a"
                else (),
            )
            for ref in ("P-a", "P-b", "P-c", "P-firm")
        ],
        at=AT,
        acting_user="test",
    )


def test_a_line_is_transferred_and_calls_before_stay_the_former_ones() -> None:
    actions.assign(number=NUMBER, person="P-a", told=told(0, "application"))
    ref = actions.transfer(number=NUMBER, to="P-b", told=told(100))
    assert [holder(99), holder(100)] == ["P-a", "P-b"]
    assert [(i.event, i.ended_by) for i in queries.holders_of("number", NUMBER)] == [
        ("assigned", "transferred"),
        ("transferred", ""),
    ]
    assert actions.transfer(number=NUMBER, to="P-b", told=told(100)) == ref, "a repeat is the same event"
    assert OwnershipEvent.objects.count() == 2
    assert queries.event_of(ref) is not None


def test_an_imported_line_takes_part_in_events() -> None:
    actions.transfer(number=OTHER, to="P-b", told=told(10))
    assert [holder(9, OTHER), holder(10, OTHER)] == ["P-a", "P-b"]
    began = next(one for one in queries.events_of("P-a") if one.at == START)
    actions.correct(event=began.ref, happened=day(5), reason="case R-1", at=AT, acting_user="clerk")
    assert [holder(4, OTHER), holder(5, OTHER)] == [None, "P-a"]


def test_a_returned_number_rests_before_somebody_else_gets_it() -> None:
    actions.assign(number=NUMBER, person="P-a", told=told(0, "application"))
    actions.release(number=NUMBER, told=told(50, "cancellation"))
    refused(
        "identities.number-resting", action=actions.assign, number=NUMBER, person="P-b", told=told(109, "application")
    )
    actions.assign(number=NUMBER, person="P-b", told=told(110, "application"))
    assert [holder(49), holder(50), holder(109), holder(110)] == ["P-a", None, None, "P-b"]
    assert queries.holders_of("number", NUMBER)[1].event == "recycled"


def test_numbers_are_ported_in_and_out() -> None:
    actions.assign(number=NUMBER, person="P-a", told=told(0, "port_notice"), ported=True)
    actions.release(number=NUMBER, told=told(30, "port_notice"), ported=True)
    actions.assign(number=NUMBER, person="P-b", told=told(31, "port_notice"), ported=True)
    assert [(i.person, i.event, i.ended_by) for i in queries.holders_of("number", NUMBER)] == [
        ("P-a", "port_in", "port_out"),
        ("P-b", "port_in", ""),
    ]


def test_of_a_family_or_company_line_the_user_has_the_calls_and_the_contractor_the_contract() -> None:
    actions.assign(number=NUMBER, person="P-firm", user="P-a", told=told(0, "application"))
    assert holder(1) == "P-a"
    assert queries.contractor_of(NUMBER, day(1)) == "P-firm"
    assert queries.identifiers_of("P-firm") == (), "no call of the employee is the employer's"
    assert [(i.kind, i.role) for i in queries.intervals_of("P-firm")] == [("contracted_number", "contractor")]
    actions.change_user(number=NUMBER, user="P-b", told=told(20, "user_notice"))
    assert [holder(19), holder(20), queries.contractor_of(NUMBER, day(20))] == ["P-a", "P-b", "P-firm"]
    actions.transfer(number=NUMBER, to="P-b", told=told(40))
    assert [holder(40), queries.contractor_of(NUMBER, day(39)), queries.contractor_of(NUMBER, day(40))] == [
        "P-b",
        "P-firm",
        "P-b",
    ]
    actions.release(number=NUMBER, told=told(60, "cancellation"))
    assert [holder(60), queries.contractor_of(NUMBER, day(60))] == [None, None]


def test_succession_takes_every_contract_and_leaves_users_and_the_past() -> None:
    actions.assign(number=NUMBER, person="P-a", told=told(0, "application"))
    actions.assign(number="09009998888", person="P-a", user="P-c", told=told(0, "application"))
    actions.mark_deceased(person="P-a", on=date(2021, 1, 1), at=AT, document="death_certificate", acting_user="clerk")
    ref = actions.succeed(person="P-a", to="P-b", told=told(400, "family_register"))
    assert actions.succeed(person="P-a", to="P-b", told=told(400, "family_register")) == ref
    assert [holder(399), holder(400)] == ["P-a", "P-b"]
    assert [holder(399, OTHER), holder(400, OTHER)] == ["P-a", "P-b"]
    assert [holder(400, "09009998888"), queries.contractor_of("09009998888", day(400))] == ["P-c", "P-b"]
    assert queries.successors_of("P-a") == ("P-b",)
    assert queries.standing_of("P-a", AT).deceased_on == date(2021, 1, 1)
    refused(
        "identities.nothing-to-succeed-to",
        action=actions.succeed,
        person="P-c",
        to="P-b",
        told=told(401, "family_register"),
    )


def test_a_new_name_is_the_same_person_and_the_old_one_is_found() -> None:
    actions.rename(person="P-a", name="新関 花", kana="ニイゼキ ハナ", told=told(10, "family_register"))
    actions.rename(person="P-a", name="中関 花", kana="ナカゼキ ハナ", told=told(5, "family_register"))
    names = [(one.name, one.since, one.until) for one in queries.names_of("P-a")]
    assert names == [("関所 P-a", None, day(5)), ("中関 花", day(5), day(10)), ("新関 花", day(10), None)]
    ref = next(one.ref for one in queries.events_of("P-a") if one.at == day(5))
    actions.correct(event=ref, happened=day(3), reason="wrong date on the form", at=AT, acting_user="clerk")
    assert [one.since for one in queries.names_of("P-a")] == [None, day(3), day(10)]
    latest = next(one.ref for one in queries.events_of("P-a") if one.at == day(10))
    actions.withdraw(event=latest, reason="another customer's form", at=AT, acting_user="clerk")
    assert [(one.name, one.until) for one in queries.names_of("P-a")] == [("関所 P-a", day(3)), ("中関 花", None)]


def test_a_death_recorded_by_mistake_is_taken_back() -> None:
    ref = actions.mark_deceased(
        person="P-a", on=date(2026, 1, 2), at=AT, document="death_certificate", acting_user="clerk"
    )
    actions.withdraw(event=ref, reason="another person", at=AT, acting_user="clerk")
    assert queries.standing_of("P-a", AT).deceased_on is None
    refused(
        "identities.not-a-natural-person",
        action=actions.mark_deceased, person="P-firm", on=date(2026, 1, 2), at=AT, document="death_certificate", acting_user="c",
    )  # fmt: skip


def test_a_guardian_acts_until_the_day_the_minor_comes_of_age() -> None:
    born = date(2008, 11, 24)
    actions.import_population(
        people=[actions.NewPerson(ref="P-child", kinds=("customer",), acquired_on=date(2024, 1, 1), born_on=born)],
        at=AT,
        acting_user="test",
    )
    actions.appoint_guardian(person="P-child", guardian="P-a", told=told(2000, "family_register"))
    midnight = actions.midnight(date(2026, 11, 24))
    assert queries.guardian_of("P-child", midnight - timedelta(microseconds=1)) == "P-a"
    assert queries.guardian_of("P-child", midnight) is None
    refused(
        "identities.of-age",
        action=actions.appoint_guardian,
        person="P-a",
        guardian="P-b",
        told=told(2000, "family_register"),
    )


@pytest.mark.parametrize(
    ("born", "of_age"),
    [
        (date(2008, 2, 29), date(2026, 3, 1)),
        (date(2002, 4, 1), date(2022, 4, 1)),
        (date(2003, 6, 1), date(2022, 4, 1)),  # 18 already when the law changed
        (date(2001, 6, 1), date(2021, 6, 1)),  # of age at 20, by the law of that day
        (date(2004, 4, 2), date(2022, 4, 2)),
    ],
)
def test_of_age_by_the_law_of_the_day(born: date, of_age: date) -> None:
    assert comes_of_age_on(born) == of_age


def test_what_is_refused_leaves_nothing() -> None:
    actions.assign(number=NUMBER, person="P-a", told=told(0, "application"))
    actions.transfer(number=NUMBER, to="P-b", told=told(100))
    refused(
        "identities.document-not-accepted",
        action=actions.transfer,
        number=NUMBER,
        to="P-c",
        told=told(200, "application"),
    )
    refused("identities.unknown-person", action=actions.transfer, number=NUMBER, to="P-nobody", told=told(200))
    refused("identities.not-held", action=actions.transfer, number="09000000000", to="P-c", told=told(200))
    refused("identities.not-the-holder", action=actions.transfer, number=NUMBER, to="P-c", giver="P-a", told=told(200))
    refused("identities.contradicts", action=actions.release, number=NUMBER, told=told(50, "cancellation"))
    refused(
        "identities.contradicts",
        action=actions.assign,
        number=NUMBER,
        person="P-c",
        told=told(150, "port_notice"),
        ported=True,
    )
    refused("identities.same-instant", action=actions.transfer, number=NUMBER, to="P-c", told=told(100))
    first = queries.events_of("P-a")[-1].ref
    refused("identities.reason-missing", action=actions.withdraw, event=first, reason=" ", at=AT, acting_user="c")
    refused("identities.unknown-event", action=actions.withdraw, event="E-0", reason="r", at=AT, acting_user="c")
    refused(
        "identities.contradicts",
        action=actions.withdraw,
        event=queries.events_of("P-a")[0].ref,
        reason="r",
        at=AT,
        acting_user="c",
    )


def test_an_event_that_arrives_too_early_makes_the_time_before_it_nobodys() -> None:
    actions.assign(number=NUMBER, person="P-a", told=told(0, "application"))
    actions.transfer(number=NUMBER, giver="P-b", to="P-c", told=told(100, early=True))
    assert [holder(50), holder(100)] == [None, "P-c"]
    assert {one.until for one in queries.unclear_of("P-a")} == {day(100)}
    assert queries.unclear_of("P-b")
    assert not queries.unclear_of("P-c")
    assert proofs.intervals_consistent(at=AT, clause=None).verdict == "unproven"  # type: ignore[arg-type]
    actions.transfer(number=NUMBER, giver="P-a", to="P-b", told=told(60, early=True))
    assert [holder(59), holder(60), holder(99), holder(100)] == ["P-a", "P-b", "P-b", "P-c"]
    assert queries.unclear_of("P-a") == ()
    assert proofs.intervals_consistent(at=AT, clause=None).verdict == "kept"  # type: ignore[arg-type]


def test_a_wrong_date_is_corrected_and_what_was_recorded_stays() -> None:
    actions.assign(number=NUMBER, person="P-a", told=told(0, "application"))
    wrong = actions.transfer(number=NUMBER, to="P-b", told=told(100))
    right = actions.correct(event=wrong, happened=day(80), reason="case R-2", at=AT, acting_user="clerk")
    assert [holder(79), holder(80)] == ["P-a", "P-b"]
    replaced = queries.event_of(wrong)
    assert replaced is not None
    assert (replaced.replaced_at, replaced.at) == (AT, day(100))
    actions.withdraw(event=right, reason="case R-3", at=AT, acting_user="clerk")
    assert holder(90) == "P-a"


def test_the_erased_leave_no_trace_and_their_neighbours_keep_theirs() -> None:
    for ref, giver, days in (("P-b", "P-a", 100), ("P-c", "P-b", 200)):
        if days == 100:
            actions.assign(number=NUMBER, person="P-a", told=told(0, "application"))
        actions.transfer(number=NUMBER, to=ref, giver=giver, told=told(days))
    actions.forget(person="P-b", at=AT, acting_user="test", plan="plan-1")
    assert [holder(50), holder(150), holder(250)] == ["P-a", None, "P-c"]
    assert not OwnershipMove.objects.filter(giver="P-b").exists()
    assert not OwnershipMove.objects.filter(taker="P-b").exists()
    actions.release(number=NUMBER, told=told(300, "cancellation"))
    assert [holder(50), holder(150), holder(250), holder(300)] == ["P-a", None, "P-c", None]


def test_what_is_kept_apart_brings_a_restored_register_up_to_date_without_a_number() -> None:
    actions.assign(number=NUMBER, person="P-a", told=told(0, "application"))
    written = queries.as_written(actions.transfer(number=NUMBER, to="P-b", told=told(100)))
    assert NUMBER not in str(written)
    ref = queries.events_of("P-b")[0].ref
    OwnershipMove.objects.filter(event=ref).delete()
    OwnershipEvent.objects.filter(ref=ref).delete()  # as a restore would have it
    values = queries.values_by_digest()
    assert actions.record_again(event=ref, moves=written, values=values, at=AT, acting_user="restore")
    assert [holder(99), holder(100)] == ["P-a", "P-b"]
    assert not actions.record_again(event=ref, moves=written, values=values, at=AT, acting_user="restore")


def test_a_line_that_only_its_contractor_used_is_known_as_contracted_too_after_a_restore() -> None:
    actions.assign(number=NUMBER, person="P-a", told=told(0, "application"))
    digests = {digest for _, digest in queries.values_by_digest()}
    written = queries.as_written(actions.change_user(number=NUMBER, user="P-b", told=told(50, "user_notice")))
    assert {one["kind"] for one in written} == {"number", "contracted_number"}
    assert {str(one["digest"]) for one in written} <= digests


@given(st.data())
def test_the_order_of_arrival_makes_no_difference(data: st.DataObject) -> None:
    people = ["", "A", "B", "C"]
    holders = ["", *data.draw(st.lists(st.sampled_from(people), min_size=1, max_size=8))]
    steps = [(n, a, b) for n, (a, b) in enumerate(itertools.pairwise(holders)) if a != b]
    moves = [Move(at=day(n), giver=a, taker=b, how="x", event=f"E-{n}") for n, a, b in steps]
    shuffled = data.draw(st.permutations(moves))
    told_in_order, told_otherwise = timeline("number", NUMBER, moves), timeline("number", NUMBER, shuffled)
    assert told_in_order == told_otherwise
    assert not told_in_order.unclear
    for n in range(len(holders) + 1):
        truth = next((b for m, _, b in reversed(steps) if m <= n), "")
        held = {i.person for i in told_otherwise.intervals if i.holds_at(day(n))}
        assert held == ({truth} - {""})


@given(st.data())
def test_an_interval_that_ended_is_named_by_both_its_ends(data: st.DataObject) -> None:
    people = ["", "A", "B", "C"]
    holders = ["", *data.draw(st.lists(st.sampled_from(people), min_size=1, max_size=8))]
    steps = [(n, a, b) for n, (a, b) in enumerate(itertools.pairwise(holders)) if a != b]
    heard = data.draw(st.lists(st.sampled_from(steps), unique=True)) if steps else []
    moves = [Move(at=day(n), giver=a, taker=b, how="x", event=f"E-{n}") for n, a, b in heard]
    told_by = timeline("number", NUMBER, moves)
    for one in told_by.intervals:
        assert any((day(n), b) == (one.since, one.person) for n, _, b in heard)
        if one.until is not None:
            assert any((day(n), a) == (one.until, one.person) for n, a, _ in heard), "an event between is missing"
    assert len({one.person for one in told_by.intervals if one.holds_at(day(20))}) <= 1


def test_intervals_without_a_gap_cover_together() -> None:
    first = IdentifierInterval(person="P", kind="number", value=NUMBER, since=day(0), until=day(5))
    second = IdentifierInterval(person="P", kind="number", value=NUMBER, since=day(5), until=day(9))
    later = IdentifierInterval(person="P", kind="number", value=NUMBER, since=day(10))
    assert covers([second, first], day(1), day(8))
    assert not covers([second, first], day(1), day(9)), "the end is no longer theirs"
    assert not covers([first, later], day(1), day(11))
