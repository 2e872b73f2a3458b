"""Identities: a number is somebody's over an interval, and forgetting a person leaves only a tombstone."""

import itertools
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from sekisho.engine.errors import SekishoError
from sekisho.registers.identities import actions, proofs, queries
from sekisho.registers.identities.models import Identifier
from sekisho.registers.identities.rules import IdentifierInterval, NameInterval, PersonStanding, holder_at

AT = datetime(2026, 11, 1, tzinfo=UTC)
NUMBER = "09001234567"


def held(person: str, since: datetime | None, until: datetime | None, value: str = NUMBER) -> IdentifierInterval:
    return IdentifierInterval(person=person, kind="number", value=value, since=since, until=until)


def person(ref: str, *intervals: IdentifierInterval) -> actions.NewPerson:
    return actions.NewPerson(
        ref=ref,
        kinds=("customer",),
        acquired_on=date(2024, 4, 1),
        identifiers=intervals,
        names=(NameInterval(name="𠮷野 髙子", kana="ヨシノ タカコ"),),
    )


@given(st.lists(st.integers(min_value=0, max_value=1000), min_size=2, max_size=8, unique=True), st.integers(-5, 1005))
def test_successive_holders_never_share_an_instant(days: list[int], asked: int) -> None:
    bounds = [AT + timedelta(days=day) for day in sorted(days)]
    intervals = [held(f"P-{n}", start, end) for n, (start, end) in enumerate(itertools.pairwise(bounds))]
    at = AT + timedelta(days=asked)
    expected = [i.person for i in intervals if i.since and i.until and i.since <= at < i.until]
    assert holder_at(intervals, at) == (expected[0] if expected else None)


def test_two_holders_at_once_is_unknown_not_a_guess() -> None:
    assert holder_at([held("P-1", None, None), held("P-2", AT, None)], AT) is None


def test_somebody_born_on_29_february_comes_of_age_on_1_march() -> None:
    standing = PersonStanding(known=True, born_on=date(2008, 2, 29))
    assert standing.age_on(date(2026, 2, 28)) == 17
    assert standing.age_on(date(2026, 3, 1)) == 18


@pytest.mark.django_db
def test_a_recycled_number_is_found_by_instant_only() -> None:
    handed_on = AT - timedelta(days=100)
    former = person("P-1", held("P-1", None, handed_on - timedelta(days=180)))
    actions.import_population(people=[former, person("P-2", held("P-2", handed_on, None))], at=AT, acting_user="s")
    assert queries.person_of("number", NUMBER, AT) == "P-2"
    assert queries.person_of("number", NUMBER, handed_on - timedelta(days=200)) == "P-1"
    assert queries.person_of("number", NUMBER, handed_on - timedelta(days=1)) is None, "nobody's in between"
    assert queries.person_of("number", NUMBER, None) is None, "without an instant it is two people's"


@pytest.mark.django_db
def test_forgetting_leaves_a_tombstone_and_no_value_in_any_table() -> None:
    actions.import_population(people=[person("P-1", held("P-1", None, AT))], at=AT, acting_user="s")
    actions.salt_of("P-1", "entry")
    actions.forget(person="P-1", at=AT, acting_user="s", plan="plan-1")
    actions.forget(person="P-1", at=AT, acting_user="s", plan="plan-1")
    assert queries.tombstones() == ("P-1",)
    assert queries.identifiers_of("P-1") == ()
    assert queries.names_of("P-1") == ()
    assert queries.salt("P-1", "entry") is None
    assert not queries.standing_of("P-1", AT).known
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            assert all(NUMBER not in str(row) and "髙子" not in str(row) for row in cursor.fetchall()), table


@pytest.mark.django_db
def test_the_proof_sees_two_holders_at_one_instant() -> None:
    actions.import_population(people=[person("P-1", held("P-1", None, AT))], at=AT, acting_user="s")
    assert proofs.intervals_consistent(at=AT, clause=None).verdict == "kept"  # type: ignore[arg-type]
    overlapping = person("P-2", held("P-2", AT - timedelta(days=1), None))
    with pytest.raises(SekishoError) as refusal:
        actions.import_population(people=[overlapping], at=AT, acting_user="s")
    assert refusal.value.code == "identities.two-holders"
    assert not queries.is_person("P-2"), "nothing of a refused import stays"
    Identifier.objects.create(person_ref="P-2", kind="number", value=NUMBER, since=AT - timedelta(days=1))
    assert proofs.intervals_consistent(at=AT, clause=None).verdict == "broken"  # type: ignore[arg-type]


@pytest.mark.django_db
def test_a_suppression_binds_at_once_and_can_be_lifted() -> None:
    actions.import_population(people=[person("P-1")], at=AT, acting_user="s")
    actions.suppress(person="P-1", reason="erasure_planned", at=AT, acting_user="s")
    assert queries.suppressed("P-1", AT)
    actions.lift_suppression(person="P-1", at=AT + timedelta(hours=1), acting_user="s")
    assert not queries.suppressed("P-1", AT + timedelta(hours=2))


@pytest.mark.parametrize("portion", [1, 2, 3, 5, 100])
def test_every_interval_is_met_once_whatever_the_portion(
    db: None, monkeypatch: pytest.MonkeyPatch, portion: int
) -> None:
    monkeypatch.setattr("sekisho.registers.identities.queries.one.PORTION", portion)
    held_by = [("P-1", "1"), ("P-2", "2"), ("P-3", "2"), ("P-4", "2"), ("P-5", "3"), ("P-6", "4"), ("P-7", "4")]
    actions.import_population(
        people=[
            person(ref, held(ref, AT + timedelta(days=n), AT + timedelta(days=n + 1), value))
            for n, (ref, value) in enumerate(held_by)
        ],
        at=AT,
        acting_user="test",
    )
    assert [(i.person, i.value) for i in queries.all_intervals("number")] == held_by
    assert list(queries.people_of_kind("customer")) == [ref for ref, _ in held_by]
