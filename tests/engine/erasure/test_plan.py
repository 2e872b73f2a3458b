"""The plan: order, both parties of a call, recycled numbers, what law keeps, what nobody can tell."""

from dataclasses import replace
from datetime import UTC, date, datetime

from sekisho.engine.catalog.model import DataMap
from sekisho.engine.erasure.due import Past, due
from sekisho.engine.erasure.floors import Hold, RetentionLaw
from sekisho.engine.erasure.plan import Held, Located, Plan, StepKind, plan
from sekisho.engine.policy.model import Policy

TODAY = date(2026, 11, 23)
HELD = (
    Held(kind="customer_no", value="C0000001", since=None, until=None),
    Held(
        kind="number",
        value="09001234567",
        since=datetime(2020, 1, 1, tzinfo=UTC),
        until=datetime(2025, 1, 1, tzinfo=UTC),
        shared=True,
    ),
)
LOCATED = (
    Located(
        system="crm", table="customers", path=0, events={"contract_end": date(2024, 12, 31)}, settled=None, count=1
    ),
    Located(system="billing", table="bills", path=0, events={"due_on": date(2024, 1, 31)}, settled=False, count=2),
    Located(system="billing", table="bills", path=0, events={"due_on": date(2023, 1, 31)}, settled=True, count=9),
    Located(system="cdr", table="calls", path=0, events={"started_at": date(2024, 1, 1)}, settled=None, count=40),
)


def make(datamap: DataMap, policy: Policy, law: RetentionLaw, *holds: Hold) -> Plan:
    kinds = frozenset({"customer_no", "number"})
    return plan(datamap, policy, law, "p-1", kinds, HELD, LOCATED, holds, on=TODAY, target="f" * 64)


def test_leaf_stores_come_first_each_is_purged_and_the_identity_map_is_last(
    datamap: DataMap, policy: Policy, law: RetentionLaw
) -> None:
    steps = make(datamap, policy, law).steps
    assert [step.ordinal for step in steps] == list(range(1, len(steps) + 1))
    assert [step.system for step in steps if step.kind is StepKind.PURGE] == ["cdr", "support", "billing", "crm"]
    assert steps[-1].kind is StepKind.FORGET


def test_a_call_loses_one_party_and_keeps_the_other(datamap: DataMap, policy: Policy, law: RetentionLaw) -> None:
    calls = [step for step in make(datamap, policy, law).steps if step.table == "calls"]
    assert [(step.kind, step.columns) for step in calls] == [
        (StepKind.BLANK, ("caller",)),
        (StepKind.BLANK, ("callee",)),
    ]


def test_what_law_keeps_stays_in_its_row_and_the_rest_of_the_row_goes(
    datamap: DataMap, policy: Policy, law: RetentionLaw
) -> None:
    found = make(datamap, policy, law)
    crm = [step for step in found.steps if step.table == "customers"]
    assert [(step.kind, step.columns, step.past) for step in crm] == [
        (StepKind.DELETE, (), (Past("ended_on", date(2023, 11, 23)),)),
        (StepKind.BLANK, ("name", "mail"), ()),
    ]
    kept = [one for one in found.retained if one.system == "crm"]
    assert [(one.item, one.until, one.count) for one in kept] == [("identity_record.method", date(2027, 12, 31), 1)]


def test_unpaid_bills_stay_and_paid_ones_go(datamap: DataMap, policy: Policy, law: RetentionLaw) -> None:
    found = make(datamap, policy, law)
    assert [(one.table, one.count, one.until) for one in found.retained if one.system == "billing"] == [
        ("bills", 2, None)
    ]
    assert [step.settled for step in found.steps if step.table == "bills"] == [("paid_on",)]


def test_a_hold_over_everything_leaves_no_store_touched_and_is_listed(
    datamap: DataMap, policy: Policy, law: RetentionLaw
) -> None:
    hold = Hold(id="H1", ground="RET-1", placed_on=date(2026, 1, 1))
    found = make(datamap, policy, law, hold)
    assert not [step for step in found.steps if step.kind in {StepKind.DELETE, StepKind.BLANK}]
    assert {one.rule for one in found.retained} <= {"other", "claim", "floor"}  # no plan says that there is a hold
    assert {one.table for one in found.retained} == {"customers", "bills", "calls"}


def test_a_recycled_number_without_an_instant_is_unknown_not_a_guess(
    datamap: DataMap, policy: Policy, law: RetentionLaw
) -> None:
    calls = datamap.systems["cdr"].tables["calls"]
    blind = replace(calls, owners=tuple(replace(owner, at=None) for owner in calls.owners))
    systems = {**datamap.systems, "cdr": replace(datamap.systems["cdr"], tables={"calls": blind})}
    found = make(replace(datamap, systems=systems), policy, law)
    assert {one.code for one in found.unknown} == {"erasure.no-instant"}
    assert not [step for step in found.steps if step.table == "calls" and step.kind is StepKind.BLANK]


def test_the_hash_binds_everything(datamap: DataMap, policy: Policy, law: RetentionLaw) -> None:
    one = make(datamap, policy, law)
    assert one.sha256 == make(datamap, policy, law).sha256
    assert one.sha256 != replace(one, target="e" * 64).sha256
    assert one.sha256 != replace(one, steps=one.steps[1:]).sha256
    assert "09001234567" not in str(one.as_json())


def test_the_sweep_deletes_rows_when_the_last_item_is_past_and_blanks_the_sooner_ones(
    datamap: DataMap, policy: Policy, law: RetentionLaw
) -> None:
    dues, blocked = due(policy, law, "crm", datamap.systems["crm"].tables["customers"], TODAY)
    assert blocked == ()
    assert [(one.columns, one.past) for one in dues] == [
        ((), (Past("ended_on", date(2023, 11, 23)),)),
        (("name", "mail"), (Past("ended_on", date(2025, 11, 23)),)),
    ]


def test_a_derived_column_of_several_items_is_blanked_when_the_last_of_them_is_past(
    datamap: DataMap, policy: Policy, law: RetentionLaw
) -> None:
    table = datamap.systems["crm"].tables["customers"]
    triggers = {"contract_end": "ended_on", "started_at": "since_on"}
    both = replace(table.columns["mail"], also=("traffic.caller",))
    dues, blocked = due(
        policy, law, "crm", replace(table, triggers=triggers, columns={**table.columns, "mail": both}), TODAY
    )
    assert blocked == ()
    name, mail = Past("ended_on", date(2025, 11, 23)), Past("since_on", date(2026, 8, 23))
    assert [(one.columns, set(one.past)) for one in dues] == [
        ((), {Past("ended_on", date(2023, 11, 23)), mail}),
        (("name",), {name}),
        (("method",), {Past("ended_on", date(2023, 11, 23))}),
        (("mail",), {name, mail}),
    ]
    everything = replace(both, also=("traffic.caller", "identity_record.method"))
    dues, _ = due(
        policy, law, "crm", replace(table, triggers=triggers, columns={**table.columns, "mail": everything}), TODAY
    )
    assert [one.columns for one in dues] == [(), ("name",), ("method",)]


def test_a_table_without_the_event_is_reported_never_swept(datamap: DataMap, policy: Policy, law: RetentionLaw) -> None:
    table = replace(datamap.systems["support"].tables["tickets"], triggers={})
    dues, blocked = due(policy, law, "support", table, TODAY)
    assert dues == ()
    assert [(one.item, one.code) for one in blocked] == [("inquiry.content", "erasure.no-trigger")]
