"""Nothing is sent to somebody at a number that is another's by now: not when a list is built, nor when it is sent later."""

from datetime import timedelta
from types import ModuleType

import pyarrow.parquet as pq

from sekisho.registers.lists import actions
from sekisho.registers.lists.models import EligibleList
from sekisho.registers.lists.queries import ListKind, Wanted, file_of


def by_telephone(world: ModuleType) -> EligibleList:
    return actions.build_list(
        Wanted(
            kind=ListKind.MASS_NOTICE, purpose="service_notice", actor=world.ANALYST, at=world.AT, channel="sms",
            items=("identity.phone",),
        )
    )  # fmt: skip


def test_who_gave_a_number_up_is_not_written_to_there(lists: ModuleType) -> None:
    row = by_telephone(lists)
    numbers = {one["person"]: one["identity.phone"] for one in pq.read_table(file_of(row.ref)).to_pylist()}
    assert lists.ref(lists.MOVED_ON) not in numbers
    assert numbers[lists.ref(lists.FOLLOWS)] == lists.phone(lists.FOLLOWS)  # a contact of their own, no line of ours
    assert numbers[lists.ref(lists.MOVES_LATER)] == lists.phone(lists.MOVES_LATER)
    assert row.undeliverable == 1
    assert row.rows + row.undeliverable + sum(one["count"] for one in row.withheld) == lists.PEOPLE - 1


def test_who_gives_it_up_after_the_list_was_built_drops_out_when_it_is_sent(lists: ModuleType) -> None:
    row = by_telephone(lists)
    given = {"path": file_of(row.ref), "manifest": row.manifest, "acting_user": lists.ANALYST}
    assert not actions.recheck(**given, at=lists.AT + timedelta(hours=1)).dropped
    later = actions.recheck(**given, at=lists.AT + timedelta(hours=3))
    assert [(one.person, one.code) for one in later.dropped] == [
        (lists.ref(lists.MOVES_LATER), "lists.number-given-up")
    ]
    assert lists.ref(lists.MOVES_LATER) not in later.rows.column("person").to_pylist()
