"""Consents: the last word counts, epochs are gapless, an erasure takes the events along."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.engine.gate.stops import EVERYTHING
from sekisho.evidence.models import Entry
from sekisho.registers.consents import actions, queries, rules
from sekisho.registers.consents.rules import ConsentKind, Event

AT = datetime(2026, 11, 1, tzinfo=UTC)


def event(kind: ConsentKind, scope: str, *, given: bool) -> Event:
    return Event(kind=kind, scope=scope, given=given, notice_era="arlink@1.0", at=AT)


def consent(person: str, kind: ConsentKind, scope: str, *, given: bool = True, at: datetime = AT) -> actions.NewConsent:
    return actions.NewConsent(
        person=person, kind=kind, scope=scope, given=given, notice_era="arlink@1.0", channel="web", at=at
    )


def test_everything_speaks_for_every_scope() -> None:
    standing = rules.standing([event(ConsentKind.ACCEPTED_PURPOSE, EVERYTHING, given=True)], epoch=1)
    assert standing.has(ConsentKind.ACCEPTED_PURPOSE, "billing")
    assert not standing.has(ConsentKind.SPECIFIC, "billing")


def test_withdrawing_everything_withdraws_every_scope_of_that_kind_only() -> None:
    standing = rules.standing(
        [
            event(ConsentKind.PROVISION, "arrears_assignment", given=True),
            event(ConsentKind.OBJECTION, "marketing", given=True),
            event(ConsentKind.PROVISION, EVERYTHING, given=False),
        ],
        epoch=3,
    )
    assert not standing.has_any(ConsentKind.PROVISION)
    assert standing.has(ConsentKind.OBJECTION, "marketing")


@given(
    st.lists(st.tuples(st.sampled_from(list(ConsentKind)), st.sampled_from(["billing", "marketing"]), st.booleans()))
)
def test_the_last_word_on_a_scope_counts(words: list[tuple[ConsentKind, str, bool]]) -> None:
    standing = rules.standing([event(kind, scope, given=yes) for kind, scope, yes in words], epoch=len(words))
    last = {(kind, scope): yes for kind, scope, yes in words}
    for (kind, scope), yes in last.items():
        assert standing.has(kind, scope) is yes


@pytest.mark.django_db
def test_epochs_are_gapless_over_single_and_bulk_writes() -> None:
    actions.record(consent=consent("P-1", ConsentKind.SPECIFIC, "analysis"), at=AT, acting_user="s")
    many = [consent(f"P-{n}", ConsentKind.ACCEPTED_PURPOSE, EVERYTHING) for n in range(5)]
    assert actions.import_events(consents=many, at=AT, acting_user="s") == 6
    assert [epoch for epoch, _, _ in queries.all_events()] == [1, 2, 3, 4, 5, 6]
    assert queries.epoch() == 6


@pytest.mark.django_db
def test_a_withdrawal_holds_from_its_instant_and_leaves_one_evidence_entry_without_the_person_s_data() -> None:
    actions.record(consent=consent("P-1", ConsentKind.SPECIFIC, "analysis"), at=AT, acting_user="s")
    later = AT + timedelta(days=1)
    before = Entry.objects.count()
    actions.record(
        consent=consent("P-1", ConsentKind.SPECIFIC, "analysis", given=False, at=later), at=later, acting_user="s"
    )
    assert queries.standing_of("P-1", AT).has(ConsentKind.SPECIFIC, "analysis")
    assert not queries.standing_of("P-1", later).has(ConsentKind.SPECIFIC, "analysis")
    assert Entry.objects.count() == before + 1


@pytest.mark.django_db
def test_forgetting_removes_every_event_and_moves_the_epoch() -> None:
    actions.record(consent=consent("P-1", ConsentKind.SPECIFIC, "analysis"), at=AT, acting_user="s")
    epoch = queries.epoch()
    assert actions.forget(person="P-1", at=AT, acting_user="s") == 1
    assert queries.epoch() == epoch + 1
    assert actions.forget(person="P-1", at=AT, acting_user="s") == 0
    assert queries.epoch() == epoch + 1, "a repeat is a no-op"
