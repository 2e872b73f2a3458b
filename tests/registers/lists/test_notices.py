"""A notice to everybody: whoever refuses marketing is told too, and each person it concerns is accounted for."""

from pathlib import Path
from types import ModuleType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.engine.errors import SekishoError
from sekisho.registers.identities.actions import lift_suppression, suppress
from sekisho.registers.lists import actions
from sekisho.registers.lists.actions import building
from sekisho.registers.lists.models import EligibleList
from sekisho.registers.lists.queries import Account, ListKind, Wanted, file_of
from sekisho.registers.lists.rules import require_balance

COUNT = st.integers(0, 50)


def notice(world: ModuleType, **told: Any) -> Wanted:
    usual: dict[str, Any] = {"purpose": "service_notice", "actor": world.ANALYST, "at": world.AT}
    return Wanted(kind=ListKind.MASS_NOTICE, **(usual | told))


def test_whoever_refuses_marketing_is_told_and_has_an_address(lists: ModuleType) -> None:
    row = actions.build_list(notice(lists))
    told = pq.read_table(file_of(row.ref)).to_pylist()
    by_person = {one["person"]: one for one in told}
    assert lists.ref(lists.OBJECTS) in by_person
    assert lists.ref(lists.RESTRICTED) in by_person  # a notice reaches everybody affected
    assert all(one["identity.address"] for one in told)
    assert by_person[lists.ref(9)]["identity.address"] == "架空県見本市9"  # never the guardian's
    assert {one["why"]: one["count"] for one in row.withheld} == {"rule": 1, "deceased": 1, "protected": 1}
    assert row.undeliverable == 1


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moved=st.sets(st.integers(0, 39), max_size=6), erased=st.sets(st.integers(0, 39), max_size=6))
def test_everybody_is_printed_withheld_or_undeliverable(lists: ModuleType, moved: set[int], erased: set[int]) -> None:
    for number in moved:
        actions.record_returned(person=lists.ref(number), on=lists.AT.date(), at=lists.AT, acting_user=lists.OFFICER)
    for number in erased:
        suppress(person=lists.ref(number), reason="erasure", at=lists.AT, acting_user="test")
    row = actions.build_list(notice(lists))
    concerned = set(range(lists.PEOPLE)) - {lists.LEFT}
    why: dict[str, set[int]] = {"erasure": (erased & concerned)}
    rest = concerned - why["erasure"]
    for name, numbers in (
        ("rule", {lists.NEVER_ACCEPTED}),
        ("deceased", {lists.DECEASED}),
        ("protected", {lists.PROTECTED}),
        ("moved", moved),
    ):
        why[name] = numbers & rest
        rest -= numbers
    assert {one["why"]: one["count"] for one in row.withheld} == {
        name: len(found) for name, found in why.items() if found
    }
    assert row.undeliverable == len(rest & {lists.NO_ADDRESS})
    printed = set(pq.read_table(file_of(row.ref)).column("person").to_pylist())
    assert printed == {lists.ref(n) for n in rest - {lists.NO_ADDRESS}}
    assert row.people == len(concerned) == row.rows + sum(one["count"] for one in row.withheld) + row.undeliverable
    for number in moved:
        actions.clear_returned(person=lists.ref(number), at=lists.AT, acting_user=lists.OFFICER)
    for number in erased:
        lift_suppression(person=lists.ref(number), at=lists.AT, acting_user="test")


@given(rows=COUNT, withheld=st.dictionaries(st.text(), COUNT), undeliverable=COUNT, lost=st.integers(-5, 5))
def test_an_account_that_does_not_balance_is_refused(
    rows: int, withheld: dict[str, int], undeliverable: int, lost: int
) -> None:
    people = rows + sum(withheld.values()) + undeliverable + lost
    account = Account(people=people, rows=rows, withheld=withheld, undeliverable=undeliverable)
    if lost or people < 0:
        with pytest.raises(SekishoError, match=r"lists\.out-of-balance"):
            require_balance(account, rows)
    else:
        require_balance(account, rows)
        with pytest.raises(SekishoError, match=r"lists\.out-of-balance"):
            require_balance(account, rows + 1)


def test_a_row_lost_on_the_way_stops_the_list(
    lists: ModuleType, list_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = building._table

    def one_short(*given_: Any) -> pa.Table:
        return whole(*given_).slice(1)

    monkeypatch.setattr(building, "_table", one_short)
    with pytest.raises(SekishoError, match=r"lists\.out-of-balance"):
        actions.build_list(notice(lists))
    assert not EligibleList.objects.exists()
    assert not list((list_home / "lists").glob("*")) if (list_home / "lists").exists() else True


def test_a_purpose_that_is_no_notice_is_refused(lists: ModuleType) -> None:
    with pytest.raises(SekishoError, match=r"lists\.no-notice"):
        actions.build_list(notice(lists, purpose="campaign"))


def test_a_notice_to_those_affected_counts_them_alone(lists: ModuleType) -> None:
    affected = (lists.customer(20), lists.customer(21), lists.customer(lists.DECEASED), "C-unheard-of")
    row = actions.build_list(notice(lists, affected=affected))
    assert (row.people, row.rows, row.undeliverable) == (4, 2, 1)
