"""Lists on real stores: who is on them, what goes with them, who dropped out since, and that each is given out once."""

import os
import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pyarrow.parquet as pq
import pytest

from sekisho.engine.errors import SekishoError
from sekisho.registers.consents.actions import import_events
from sekisho.registers.consents.rules import ConsentKind
from sekisho.registers.identities.actions import NewPerson, import_population
from sekisho.registers.identities.models import Identifier
from sekisho.registers.lists import actions
from sekisho.registers.lists.models import EligibleList
from sekisho.registers.lists.queries import Wanted, asking, file_of


def wanted(world: ModuleType, **told: Any) -> Wanted:
    usual: dict[str, Any] = {"purpose": "campaign", "actor": world.ANALYST, "at": world.AT, "channel": "mail"}
    return Wanted(**(usual | told))


def on_list(path: Path) -> set[str]:
    return set(pq.read_table(path).column("person").to_pylist())


def test_a_list_holds_exactly_those_the_gate_permits(lists: ModuleType) -> None:
    row = actions.build_list(wanted(lists))
    out = {lists.NEVER_ACCEPTED, lists.RESTRICTED, lists.OBJECTS, lists.DECEASED, lists.LEFT}
    assert on_list(file_of(row.ref)) == {lists.ref(n) for n in range(lists.PEOPLE) if n not in out}
    assert row.people == lists.PEOPLE - 1  # whoever left holds no number of ours any more
    assert row.people - sum(lost["count"] for lost in row.waterfall) == row.rows == lists.PEOPLE - len(out)
    assert pq.read_table(file_of(row.ref)).column_names == ["person", "customer_no"]
    assert file_of(row.ref).stat().st_mode & 0o077 == 0


def test_values_are_the_persons_own_and_as_coarse_as_the_policy_says(lists: ModuleType) -> None:
    row = actions.build_list(wanted(lists, purpose="marketing", carried=("identity.name", "identity.birth_date")))
    told = pq.read_table(file_of(row.ref))
    assert set(told.column("identity.birth_date").to_pylist()) == {1980}
    names = dict(zip(told.column("customer_no").to_pylist(), told.column("identity.name").to_pylist(), strict=True))
    assert names[lists.customer(9)] == "見本 9"
    assert row.tables == ["crm.subscribers"]


def test_who_withdraws_after_the_list_was_built_is_told_and_left_out(lists: ModuleType) -> None:
    row = actions.build_list(wanted(lists))
    stops = (
        (11, "*"),
        (12, "campaign/identity"),
        (13, "campaign/bill"),
        (14, "survey/identity"),
    )  # two of which are of this
    events = [lists.consent(n, ConsentKind.RESTRICTED, scope) for n, scope in stops]
    import_events(consents=events, at=lists.AT, acting_user="test")
    later = lists.AT + timedelta(hours=1)
    found = actions.recheck(path=file_of(row.ref), manifest=row.manifest, at=later, acting_user=lists.ANALYST)
    assert {one.person for one in found.dropped} == {lists.ref(11), lists.ref(12)}
    assert found.rows.num_rows == row.rows - 2
    assert not {lists.ref(11), lists.ref(12)} & set(found.rows.column("person").to_pylist())
    assert EligibleList.objects.get(ref=row.ref).dropped_out == 2


def test_a_changed_file_or_manifest_is_refused(lists: ModuleType) -> None:
    row = actions.build_list(wanted(lists))
    path, later = file_of(row.ref), lists.AT + timedelta(hours=1)
    forged = row.manifest.replace('"purpose": "campaign"', '"purpose": "marketing"')
    assert forged != row.manifest
    with pytest.raises(SekishoError, match=r"lists\.manifest-not-signed"):
        actions.recheck(path=path, manifest=forged, at=later, acting_user=lists.ANALYST)
    pq.write_table(pq.read_table(path).slice(1), path)
    with pytest.raises(SekishoError, match=r"lists\.file-changed"):
        actions.recheck(path=path, manifest=row.manifest, at=later, acting_user=lists.ANALYST)
    with pytest.raises(SekishoError, match=r"lists\.file-changed"):
        take(lists, row.ref)


def test_a_list_expires(lists: ModuleType) -> None:
    row = actions.build_list(wanted(lists))
    with pytest.raises(SekishoError, match=r"lists\.expired"):
        actions.recheck(path=file_of(row.ref), manifest=row.manifest, at=row.expires_at, acting_user=lists.ANALYST)
    with pytest.raises(SekishoError, match=r"lists\.expired"):
        take(lists, row.ref, at=row.expires_at)
    assert actions.expire(at=row.expires_at) == 1
    assert not file_of(row.ref).exists()


def test_a_list_is_given_out_once(lists: ModuleType) -> None:
    row = actions.build_list(wanted(lists))
    told = file_of(row.ref).read_bytes()
    assert take(lists, row.ref) == told
    assert not file_of(row.ref).exists()
    with pytest.raises(SekishoError, match=r"lists\.taken"):
        take(lists, row.ref)


def test_whoever_is_erased_takes_their_lists_along(lists: ModuleType) -> None:
    row = actions.build_list(wanted(lists))
    other = actions.build_list(wanted(lists, affected=(lists.customer(20),)))
    assert actions.drop_for(person=lists.ref(11), at=lists.AT) == 1
    assert not file_of(row.ref).exists()
    assert file_of(other.ref).exists()
    with pytest.raises(SekishoError, match=r"lists\.dropped"):
        take(lists, row.ref)


def test_what_a_killed_build_left_goes_with_the_person_or_when_it_is_old(lists: ModuleType, list_home: Path) -> None:
    row = actions.build_list(wanted(lists, affected=(lists.customer(20),)))
    left, half = list_home / "lists" / "left.part", list_home / "lists" / "half.part"
    shutil.copy(file_of(row.ref), left)
    half.write_bytes(b"PAR1 and no more")
    actions.expire(at=lists.AT)
    assert left.exists()  # as young as this it may be a build under way
    actions.drop_for(person=lists.ref(21), at=lists.AT)
    assert left.exists()
    assert not half.exists()
    os.utime(left, (0, 0))
    actions.expire(at=lists.AT)
    assert not left.exists()
    assert file_of(row.ref).exists()


def test_rows_erased_in_a_table_take_the_lists_with_their_values_along(lists: ModuleType) -> None:
    bare = actions.build_list(wanted(lists))
    row = actions.build_list(wanted(lists, carried=("identity.name",)))
    assert actions.drop_of(tables={("crm", "subscribers")}, at=lists.AT) == 1
    assert file_of(bare.ref).exists()
    assert not file_of(row.ref).exists()


def test_a_purpose_of_groups_has_no_list(lists: ModuleType) -> None:
    with pytest.raises(SekishoError, match=r"lists\.only-groups"):
        actions.build_list(wanted(lists, purpose="research", items=("identity.sex",)))


@pytest.mark.parametrize("purpose", ["analysis", "research"])
def test_a_purpose_of_groups_is_told_before_anybody_is_decided(
    lists: ModuleType, purpose: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("sekisho.registers.lists.actions.building.decide_many")
    with pytest.raises(SekishoError, match=r"lists\.only-groups") as refused:
        actions.build_list(wanted(lists, purpose=purpose, channel=""))
    assert refused.value.values["size"] == "10"


def test_what_the_policy_forbids_is_not_told_as_a_gap_of_the_data_map(lists: ModuleType) -> None:
    with pytest.raises(SekishoError, match=r"lists\.nobody") as refused:
        actions.build_list(wanted(lists, purpose="marketing", carried=("traffic.caller",)))
    assert "B-03" in refused.value.message()
    assert "通信の秘密" in refused.value.message()


def test_where_nobody_is_left_the_rule_is_told(lists: ModuleType) -> None:
    with pytest.raises(SekishoError, match=r"lists\.nobody") as refused:
        actions.build_list(wanted(lists, items=("traffic.callee",)))
    assert refused.value.values["clause"] == "B-61"
    assert refused.value.values["rule"].startswith("gate.")


def take(world: ModuleType, ref: str, **told: Any) -> bytes:
    usual: dict[str, Any] = {"at": world.AT, "acting_user": world.ANALYST}
    with actions.hand_over(ref=ref, **(usual | told)) as handed:
        return handed.file.read()


@pytest.mark.parametrize(
    ("items", "channel"),
    [((), "mail"), (("identity.address",), "post"), (("identity",), "mail"), (("usage.plan",), "mail")],
)
def test_where_nobody_says_how_people_are_solicited_the_items_do(
    lists: ModuleType, items: tuple[str, ...], channel: str
) -> None:
    asked = asking(wanted(lists, channel="", items=items))
    assert asked.ask.channel == channel
    assert asking(wanted(lists, purpose="billing", channel="", items=("bill",))).ask.channel is None


def test_a_number_that_two_hold_at_once_is_nobodys(lists: ModuleType) -> None:
    since = lists.AT - timedelta(days=90)
    both = ("p-first", "p-second")
    people = [
        NewPerson(ref=ref, kinds=("customer",), acquired_on=since.date(), born_on=date(1980, 1, 1)) for ref in both
    ]
    import_population(people=people, at=lists.AT, acting_user="test")
    for ref in both:  # no action writes such a thing any more; a register of before may hold it
        Identifier.objects.create(person_ref=ref, kind="customer_no", value="C-shared", role="contractor", since=since)
    agreed = [lists.consent(9, ConsentKind.ACCEPTED_PURPOSE, "*"), lists.consent(9, ConsentKind.CHANNEL, "mail")]
    events = [replace(one, person=ref) for ref in both for one in agreed]
    import_events(consents=events, at=lists.AT, acting_user="test")
    row = actions.build_list(wanted(lists))
    assert row.undeliverable == len(both)
    assert not set(both) & on_list(file_of(row.ref))
