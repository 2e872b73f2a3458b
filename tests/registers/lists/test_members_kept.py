"""Who was on a list that left for somebody else: known as long as a record of provision is kept, and of nobody else."""

from datetime import timedelta
from pathlib import Path
from types import ModuleType

import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st

from sekisho.registers.lists import actions, queries
from sekisho.registers.lists.models import EligibleList
from sekisho.registers.lists.queries import Wanted, file_of
from sekisho.registers.lists.queries.members import key_of, marks_of
from sekisho.registers.lists.rules.members import SIZE, holds, marks

NAMES = st.text(alphabet="abcdef0123", min_size=1, max_size=6)


@given(people=st.sets(NAMES), asked=NAMES, key=st.binary(min_size=32, max_size=32))
def test_everybody_on_it_is_found_and_nobody_else(people: set[str], asked: str, key: bytes) -> None:
    content = marks(key, people)
    assert len(content) == SIZE * len(people)
    assert holds(content, key, asked) == (asked in people)
    assert all(holds(content, key, one) for one in people)


def handed(world: ModuleType, recipient: str) -> tuple[EligibleList, list[str]]:
    row = actions.build_list(Wanted(purpose="campaign", actor=world.ANALYST, at=world.AT, channel="mail"))
    EligibleList.objects.filter(pk=row.pk).update(recipient=recipient, act="third_party_provision")
    people = pq.read_table(file_of(row.ref)).column("person").to_pylist()
    with actions.hand_over(ref=row.ref, at=world.AT, acting_user=world.ANALYST) as found:
        assert found.file.read()
    return row, people


def test_a_list_that_left_is_known_to_hold_whom_it_held(lists: ModuleType) -> None:
    row, people = handed(lists, "r-assignee")
    others = {lists.ref(number) for number in range(lists.PEOPLE)} - set(people)
    assert people
    assert others
    assert [one.ref for person in people for one in queries.handed_with(person)] == [row.ref] * len(people)
    assert [one for person in others for one in queries.handed_with(person)] == []
    content = marks_of(row.ref).read_bytes() + key_of(row.ref).read_bytes()
    assert not any(person.encode() in content for person in people)
    actions.drop_for(person=people[0], at=lists.AT)
    assert [one.ref for one in queries.handed_with(people[0])] == [row.ref], "a record of provision outlives the file"


def test_a_list_of_our_own_leaves_no_marks(lists: ModuleType) -> None:
    row, people = handed(lists, "")
    assert not marks_of(row.ref).exists()
    assert list(queries.handed_with(people[0])) == []
    assert queries.handed_unknown() == ()


def test_after_three_years_nobody_can_say_and_says_so(lists: ModuleType) -> None:
    row, people = handed(lists, "r-assignee")
    almost = lists.AT.replace(year=lists.AT.year + 3)
    assert actions.expire_members(at=almost) == 0
    assert queries.handed_unknown() == ()
    assert actions.expire_members(at=almost + timedelta(days=1)) == 1
    assert list(queries.handed_with(people[0])) == []
    assert [one.ref for one in queries.handed_unknown()] == [row.ref]
    assert not Path(key_of(row.ref)).exists()


def test_marks_of_a_list_that_never_left_are_swept(lists: ModuleType) -> None:
    from sekisho.registers.lists.actions.members import keep_members

    row = actions.build_list(Wanted(purpose="campaign", actor=lists.ANALYST, at=lists.AT, channel="mail"))
    keep_members(row.ref, file_of(row.ref))
    assert actions.expire_members(at=lists.AT) == 0, "it may still leave"
    actions.expire(at=lists.AT + timedelta(days=30))
    assert actions.expire_members(at=lists.AT + timedelta(days=30)) == 1
