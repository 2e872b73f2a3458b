"""Whatever people do after a list was built, a recheck tells exactly those who may no longer be used."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from types import ModuleType
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.registers.consents.actions import import_events
from sekisho.registers.consents.rules import ConsentKind
from sekisho.registers.identities.actions import lift_suppression, suppress
from sekisho.registers.lists import actions
from sekisho.registers.lists.queries import Wanted, file_of

OPENING = (ConsentKind.ACCEPTED_PURPOSE, "*"), (ConsentKind.CHANNEL, "mail")
CLOSING = (ConsentKind.OBJECTION, "campaign"), (ConsentKind.RESTRICTED, "*")
SUPPRESSED = "suppressed"
WHAT = st.sampled_from([*OPENING, *CLOSING, SUPPRESSED])
CHANGES = st.lists(st.tuples(st.integers(0, 39), WHAT, st.booleans()), max_size=12)
SECONDS = count(1)  # every moment is later than all before it


class Everybody:
    """What holds of everybody, by what happened so far: each time at a later moment."""

    def __init__(self, world: ModuleType) -> None:
        self.world = world
        self.now: datetime = world.AT + timedelta(seconds=next(SECONDS))
        self.holds: dict[tuple[int, object], bool] = {}
        opening = [(n, what, what in OPENING) for n in range(world.PEOPLE) for what in (*OPENING, *CLOSING)]
        self.happen([*opening, *((n, SUPPRESSED, False) for n in range(world.PEOPLE))])

    def happen(self, changes: Sequence[tuple[int, Any, bool]]) -> datetime:
        """Let it happen; returns a moment after it."""
        self.now += timedelta(seconds=next(SECONDS))
        for number, what, is_so in changes:
            self.holds[number, what] = is_so
            if what == SUPPRESSED:
                self._suppress(self.world.ref(number), is_so=is_so)
        told = dict.fromkeys((number, what) for number, what, _ in changes if what != SUPPRESSED)
        events = [
            replace(self.world.consent(number, *what, given=self.holds[number, what]), at=self.now)
            for number, what in told
        ]
        import_events(consents=events, at=self.now, acting_user="test")
        return self.now + timedelta(milliseconds=1)

    def permitted(self) -> set[int]:
        """Who may be told of a campaign by mail."""
        never = {self.world.DECEASED, self.world.LEFT}
        return {n for n in range(self.world.PEOPLE) if n not in never and self._is_open(n)}

    def _is_open(self, number: int) -> bool:
        if not all(self.holds[number, what] for what in OPENING):
            return False
        return not any(self.holds[number, what] for what in (*CLOSING, SUPPRESSED))

    def _suppress(self, person: str, *, is_so: bool) -> None:
        if is_so:
            suppress(person=person, reason="erasure", at=self.now, acting_user="test")
        else:
            lift_suppression(person=person, at=self.now, acting_user="test")


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=CHANGES, then=CHANGES)
def test_exactly_who_withdrew_drops_out(lists: ModuleType, first: list[Any], then: list[Any]) -> None:
    everybody = Everybody(lists)
    now = everybody.happen(first)
    before = everybody.permitted()
    row = actions.build_list(Wanted(purpose="campaign", actor=lists.ANALYST, at=now, channel="mail"))
    assert row.rows == len(before)
    now = everybody.happen(then)
    found = actions.recheck(path=file_of(row.ref), manifest=row.manifest, at=now, acting_user=lists.ANALYST)
    gone = before - everybody.permitted()
    assert {one.person for one in found.dropped} == {lists.ref(n) for n in gone}
    assert set(found.rows.column("person").to_pylist()) == {lists.ref(n) for n in before - gone}
