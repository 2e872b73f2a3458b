"""What is folded on is what would be made anew, to the byte, whatever happened and wherever a process died."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings as django
from django.db import connection, transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from sekisho.registers.consents import actions as consents
from sekisho.registers.consents import queries as consent_queries
from sekisho.registers.consents.actions import NewConsent
from sekisho.registers.consents.rules import ConsentKind
from sekisho.registers.identities import actions as identities
from sekisho.registers.identities.actions import NewPerson
from sekisho.registers.identities.rules import IdentifierInterval
from sekisho.registers.populations import queries
from sekisho.registers.populations.queries import Population, as_of, current, flags_of, forget_all, kept, rebuilt

AT = datetime(2026, 11, 23, 3, tzinfo=UTC)
KINDS = (ConsentKind.ACCEPTED_PURPOSE, ConsentKind.OBJECTION, ConsentKind.CHANNEL)
SCOPES = ("*", "billing", "marketing")


class Died(Exception):
    """The process died here."""


class Registers(RuleBasedStateMachine):
    """Everything that can happen to people and their consents, and to the process and its file."""

    def __init__(self) -> None:
        super().__init__()
        forget_all()
        self.people: list[str] = []
        self.born = 0

    @rule(count=st.integers(1, 3), shop=st.sampled_from(["", "shop-1"]))
    def people_come(self, count: int, shop: str) -> None:
        new = [f"p-{id(self)}-{self.born + number}" for number in range(count)]
        self.born += count
        identities.import_population(people=[person(ref, shop) for ref in new], at=AT, acting_user="test")
        self.people += new

    @rule(data=st.data(), given=st.booleans(), days=st.integers(-3, 3))
    def somebody_says(self, data: st.DataObject, given: bool, days: int) -> None:
        consents.record(consent=self.event(data, given, days), at=AT, acting_user="test")

    @rule(data=st.data(), count=st.integers(0, 5))
    def many_say(self, data: st.DataObject, count: int) -> None:
        events = [self.event(data, data.draw(st.booleans()), 0) for _ in range(count)]
        consents.import_events(consents=events, at=AT, acting_user="test")

    @rule(data=st.data(), given=st.booleans())
    def a_process_dies_in_the_middle(self, data: st.DataObject, given: bool) -> None:
        event = self.event(data, given, 0)
        with suppress(Died), transaction.atomic():
            consents.record(consent=event, at=AT, acting_user="test")
            current()  # as it would be read inside what never came to be
            die()
        forget_all()

    @precondition(lambda self: self.people)
    @rule(data=st.data(), lifted=st.booleans())
    def somebody_is_suppressed(self, data: st.DataObject, lifted: bool) -> None:
        who = data.draw(st.sampled_from(self.people))
        identities.suppress(person=who, reason="erasure", at=AT, acting_user="test")
        if lifted:
            identities.lift_suppression(person=who, at=AT + timedelta(days=1), acting_user="test")

    @precondition(lambda self: self.people)
    @rule(data=st.data(), wholly=st.booleans())
    def somebody_is_erased(self, data: st.DataObject, wholly: bool) -> None:
        who = data.draw(st.sampled_from(self.people))
        consents.forget(person=who, at=AT, acting_user="test")
        if wholly:
            identities.forget(person=who, at=AT, acting_user="test", plan="plan")
            self.people.remove(who)

    @rule()
    def a_process_looks(self) -> None:
        current()

    @rule()
    def the_process_starts_anew(self) -> None:
        forget_all()

    @rule(cut=st.integers(1, 200))
    def the_file_is_torn(self, cut: int) -> None:
        file = Path(django.HOME) / "people-sets" / "consents.bitmaps"
        if file.exists():
            file.write_bytes(file.read_bytes()[:-cut])
            forget_all()

    @rule(at=st.integers(0, 10_000))
    def the_file_is_changed(self, at: int) -> None:
        file = Path(django.HOME) / "people-sets" / "consents.bitmaps"
        if file.exists():
            data = bytearray(file.read_bytes())
            data[at % len(data)] ^= 1
            file.write_bytes(data)
            forget_all()

    @invariant()
    def what_is_folded_is_what_would_be_made_anew(self) -> None:
        assert told(current()) == told(rebuilt())

    def event(self, data: st.DataObject, given: bool, days: int) -> NewConsent:
        return NewConsent(
            person=data.draw(st.sampled_from([*self.people, "p-nobody"])),
            kind=data.draw(st.sampled_from(KINDS)),
            scope=data.draw(st.sampled_from(SCOPES)),
            given=given,
            notice_era="arlink@1.0",
            channel="web",
            at=AT + timedelta(days=days),
        )


def test_folded_on_is_made_anew(transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(django, "HOME", tmp_path)
    monkeypatch.setattr("sekisho.registers.populations.queries.folding.KEEP_AFTER", 3)
    monkeypatch.setattr("sekisho.evidence.reading.PORTION", 2)
    run_state_machine_as_test(
        Registers, settings=settings(max_examples=settings().max_examples // 2, stateful_step_count=25, deadline=None)
    )
    forget_all()


def test_a_file_of_another_ledger_is_not_believed(home: None) -> None:
    """A restored database counts on from an earlier epoch: the same numbers then mean other events."""
    identities.import_population(people=[person("p-1", ""), person("p-2", "")], at=AT, acting_user="test")
    consents.record(consent=consent("p-1", "marketing"), at=AT, acting_user="test")
    kept.keep(current())
    with connection.cursor() as cursor:  # as a restore would
        cursor.execute("UPDATE consents_consentevent SET person_ref = 'p-2'")
    forget_all()
    assert told(current()) == told(rebuilt())
    assert holders(current(), "marketing") == ["p-2"]


def test_the_file_holds_no_reference(home: None) -> None:
    identities.import_population(people=[person("p-somebody", "shop-somewhere")], at=AT, acting_user="test")
    consents.record(consent=consent("p-somebody", "marketing"), at=AT, acting_user="test")
    kept.keep(current())
    data = (Path(django.HOME) / "people-sets" / "consents.bitmaps").read_bytes()
    assert b"somebody" not in data
    assert b"somewhere" not in data
    assert b"marketing" in data
    found = kept.kept()
    assert found is not None
    assert found.epoch == consent_queries.epoch()


def test_what_was_not_committed_is_never_remembered(home: None) -> None:
    identities.import_population(people=[person("p-1", "")], at=AT, acting_user="test")
    with suppress(Died), transaction.atomic():
        consents.record(consent=consent("p-1", "marketing"), at=AT, acting_user="test")
        assert holders(current(), "marketing") == ["p-1"]
        die()
    assert holders(current(), "marketing") == []


@pytest.mark.parametrize("wholly", [False, True])
def test_an_erasure_takes_the_bits_along(home: None, wholly: bool) -> None:
    """No event tells of it: the events are gone."""
    identities.import_population(people=[person("p-1", ""), person("p-2", "")], at=AT, acting_user="test")
    for who in ("p-1", "p-2"):
        consents.record(consent=consent(who, "marketing"), at=AT, acting_user="test")
    kept.keep(current())
    consents.forget(person="p-1", at=AT, acting_user="test")
    if wholly:
        identities.forget(person="p-1", at=AT, acting_user="test", plan="plan")
    assert holders(current(), "marketing") == ["p-2"]
    assert told(current()) == told(rebuilt())
    found = kept.kept()
    assert found is not None
    assert (found.change == current().change) is wholly, "whoever is gone is gone from the file too"
    forget_all()
    assert holders(current(), "marketing") == ["p-2"]


def test_an_ask_about_the_past_sees_what_was_said_by_then(home: None) -> None:
    identities.import_population(people=[person("p-1", ""), person("p-2", "")], at=AT, acting_user="test")
    early, late = AT - timedelta(days=10), AT - timedelta(days=1)
    for who, scope, given, at in (
        ("p-1", "*", True, early),
        ("p-1", "*", False, late),
        ("p-2", "marketing", True, late),
    ):
        consents.record(consent=consent(who, scope, given=given, at=at), at=AT, acting_user="test")
    now = current()
    assert holders(now, "marketing") == ["p-2"]
    before = as_of(now, AT - timedelta(days=5))
    assert list(before.bits) == [("accepted_purpose", "*")]
    assert as_of(now, AT) is now.holding


@pytest.fixture
def home(transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(django, "HOME", tmp_path)
    forget_all()
    yield
    forget_all()


def die() -> None:
    raise Died


def told(population: Population) -> tuple[Any, ...]:
    """Everything a population says, with codes put into words."""
    people = population.people
    there = np.flatnonzero(people.exists)
    columns = (people.acquired, people.born, people.deceased, people.is_corporate, people.is_protected)
    return (
        kept.as_bytes(population),
        people.ref.to_pylist(),
        tuple(column.tolist() for column in columns),
        [people.shops[people.shop[place]] for place in there],
        [{name for bit, name in enumerate(people.kind_names) if people.kinds[place] >> bit & 1} for place in there],
        {kind: ends.tolist() for kind, ends in people.ends.items() if (ends != queries.ABSENT).any()},
        people.suppressions,
    )


def holders(population: Population, scope: str) -> list[str]:
    bits = population.holding.bits.get(("accepted_purpose", scope))
    if bits is None:
        return []
    return [population.people.ref[int(place)].as_py() for place in np.flatnonzero(flags_of(bits, population.size))]


def person(ref: str, shop: str) -> NewPerson:
    return NewPerson(
        ref=ref,
        kinds=("customer", "staff") if shop else ("customer",),
        acquired_on=date(2024, 5, 1),
        identifiers=(IdentifierInterval(person=ref, kind="number", value=ref, since=AT, until=None if shop else AT),),
        shop=shop,
    )


def consent(ref: str, scope: str, *, given: bool = True, at: datetime = AT) -> NewConsent:
    return NewConsent(
        person=ref,
        kind=ConsentKind.ACCEPTED_PURPOSE,
        scope=scope,
        given=given,
        notice_era="arlink@1.0",
        channel="web",
        at=at,
    )
