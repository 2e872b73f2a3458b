"""Two people say what a derived column is, on real stores of the demo carrier; the gate sees what holds."""

import json
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from django.db import IntegrityError
from pytest_django.fixtures import Settings

from sekisho.connectors.documents import read_folder
from sekisho.demo import derived
from sekisho.demo.building import build
from sekisho.engine.errors import DocumentRefused, SekishoError
from sekisho.entrypoints.cli import datamap_reclassify
from sekisho.entrypoints.cli.refusing import refusing
from sekisho.evidence.models import Entry
from sekisho.registers.datamap import actions, queries, rules
from sekisho.registers.datamap.models import Reclassification
from sekisho.registers.datamap.rules import Signatory, Standing
from sekisho.registers.people.actions import NewStaff, enrol
from sekisho.registers.policies import actions as policy_actions
from sekisho.registers.policies.queries import in_force
from sekisho.registers.projections.queries.seeing import seen_by

AT = datetime(2026, 11, 23, 3, tzinfo=UTC)
FOLDER = Path(__file__).resolve().parents[3] / "policies" / "arlink"
OFFICER = Signatory(ref="kanri", role="privacy_officer", is_active=True)
DEPUTY = Signatory(ref="hosa", role="deputy_officer", is_active=True)
ANALYST = Signatory(ref="bunseki", role="analyst", is_active=True)
LEFT = Signatory(ref="moto", role="privacy_officer", is_active=False)
CALLS = {"system": "billing", "table": "call_volume", "column": "calls"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("carrier")
    build(path, AT, subscribers=100, calls_count=300)
    return path


@pytest.fixture
def adopted(db: None, settings: Settings, home: Path) -> Path:
    settings.HOME = home
    files = read_folder(FOLDER)
    policy_actions.adopt(files=files, at=AT, acting_user="test")
    actions.adopt(files=files, at=AT, acting_user="test")
    return home


def propose(by: Signatory = OFFICER, items: tuple[str, ...] = (), reason: str = "月ごとの総数だけを見る") -> str:
    return actions.propose_reclassification(**CALLS, items=items, reason=reason, by=by, at=AT)


def standings() -> dict[str, Standing]:
    return {one.ref: one.standing for one in queries.reclassifications()}


def document(*changes: tuple[str, str]) -> dict[str, str]:
    files = dict(read_folder(FOLDER))
    for old, new in changes:
        assert old in files[rules.FILE]
        files[rules.FILE] = files[rules.FILE].replace(old, new, 1)
    return files


NARROW = ("calls: {item: traffic, type: integer}", "calls: {item: none, type: integer, reason: 月ごとの総数}")
OTHER_SQL = ("GROUP BY n.customer_no, CAST", "HAVING count(*) > 1\n          GROUP BY n.customer_no, CAST")


def code_of(refused: "pytest.ExceptionInfo[SekishoError]") -> str:
    assert refused.value.message()
    assert refused.value.remedy("en")
    return refused.value.code


def test_nothing_changes_until_a_second_person_approves(adopted: Path) -> None:
    ref = propose()
    assert standings() == {ref: Standing.PROPOSED}
    with pytest.raises(DocumentRefused) as narrow:
        actions.adopt(files=document(NARROW), at=AT, acting_user="test")
    assert [fault.code for fault in narrow.value.faults] == ["catalog.narrower-than-lineage"]
    actions.approve_reclassification(ref=ref, by=DEPUTY, at=AT)
    assert standings() == {ref: Standing.HOLDS}
    actions.adopt(files=document(NARROW), at=AT, acting_user="test")
    table = queries.effective_table("billing", "call_volume")
    assert {name: column.items for name, column in table.columns.items()} == {
        "customer_no": ("traffic",),
        "month_on": ("traffic",),
        "calls": (),
        "seconds": ("traffic",),
    }


def test_another_definition_ends_it(adopted: Path) -> None:
    ref = propose()
    actions.approve_reclassification(ref=ref, by=DEPUTY, at=AT)
    actions.adopt(files=document(NARROW), at=AT, acting_user="test")
    changed = ("count(*) AS calls", "sum(c.seconds % 7) AS calls")
    with pytest.raises(DocumentRefused) as lapsed:
        actions.adopt(files=document(NARROW, changed), at=AT, acting_user="test")
    assert [fault.code for fault in lapsed.value.faults] == ["catalog.release-lapsed"]
    actions.adopt(files=document(changed), at=AT, acting_user="test")
    assert standings() == {ref: Standing.LAPSED}
    assert queries.effective_table("billing", "call_volume").columns["calls"].items == ("traffic",)


@pytest.mark.parametrize(
    ("by", "code"),
    [(OFFICER, "datamap.same-person"), (ANALYST, "datamap.role-may-not"), (LEFT, "datamap.not-registered")],
)
def test_who_may_not_approve(adopted: Path, by: Signatory, code: str) -> None:
    ref = propose()
    with pytest.raises(SekishoError) as refused:
        actions.approve_reclassification(ref=ref, by=by, at=AT)
    assert code_of(refused) == code
    assert standings() == {ref: Standing.PROPOSED}


def test_what_may_not_be_proposed(adopted: Path) -> None:
    for by, items, reason, code in (
        (ANALYST, (), "r", "datamap.role-may-not"),
        (LEFT, (), "r", "datamap.not-registered"),
        (OFFICER, (), "  ", "datamap.no-reason"),
        (OFFICER, ("shoe.size",), "r", "datamap.unknown-item"),
        (OFFICER, ("traffic.caller", "traffic.started_at"), "r", "datamap.nothing-to-reclassify"),
    ):
        with pytest.raises(SekishoError) as refused:
            propose(by, items, reason)
        assert code_of(refused) == code
    for place in ("billing.invoices.charge_yen", "billing.call_volume.nothing", "nowhere.at.all"):
        system, table, column = place.split(".")
        with pytest.raises(SekishoError) as refused:
            actions.propose_reclassification(
                system=system, table=table, column=column, items=(), reason="r", by=OFFICER, at=AT
            )
        assert code_of(refused) == "datamap.unknown-derived-column"


def test_it_is_not_approved_on_another_definition_than_was_proposed(adopted: Path) -> None:
    ref = propose()
    actions.adopt(files=document(("count(*) AS calls", "count(c.cell) AS calls")), at=AT, acting_user="test")
    with pytest.raises(SekishoError) as refused:
        actions.approve_reclassification(ref=ref, by=DEPUTY, at=AT)
    assert code_of(refused) == "datamap.definition-changed"


def test_the_roles_are_the_carriers(adopted: Path) -> None:
    actions.adopt(
        files=document(("map: {id: demo}", "map: {id: demo, reclassified_by: [analyst]}")), at=AT, acting_user="t"
    )
    assert propose(ANALYST)
    with pytest.raises(SekishoError) as refused:
        propose(OFFICER)
    assert code_of(refused) == "datamap.role-may-not"


def test_one_person_takes_it_back_and_a_later_one_replaces_it(adopted: Path) -> None:
    first, second = propose(), propose(items=("traffic.duration",))
    actions.approve_reclassification(ref=first, by=DEPUTY, at=AT)
    actions.approve_reclassification(ref=second, by=DEPUTY, at=AT)
    assert standings() == {second: Standing.HOLDS, first: Standing.REPLACED}
    actions.withdraw_reclassification(ref=second, by=DEPUTY, at=AT)
    assert standings() == {second: Standing.WITHDRAWN, first: Standing.HOLDS}
    for act in (actions.withdraw_reclassification, actions.approve_reclassification):
        with pytest.raises(SekishoError) as refused:
            act(ref=second, by=DEPUTY, at=AT)
        assert code_of(refused) == "datamap.unknown-reclassification"


def test_the_evidence_names_both_and_not_the_reason(adopted: Path) -> None:
    ref = propose(reason="山田さんの依頼")
    actions.approve_reclassification(ref=ref, by=DEPUTY, at=AT)
    leaves = [bytes(leaf).decode() for leaf in Entry.objects.order_by("id").values_list("leaf", flat=True)]
    told = [json.loads(leaf) for leaf in leaves if ref in leaf]
    assert [one["kind"] for one in told] == ["datamap.reclassification-proposed", "datamap.reclassified"]
    assert (told[1]["body"]["proposed_by"], told[1]["body"]["by"]) == ("kanri", "hosa")
    assert "山田" not in "".join(leaves)


def test_the_database_refuses_one_person_twice(adopted: Path) -> None:
    row = Reclassification.objects.get(ref=propose())
    row.approved_by, row.approved_at = row.proposed_by, AT
    with pytest.raises(IntegrityError):
        row.save()


def test_the_gate_reads_views_with_what_they_inherit(adopted: Path) -> None:
    governed = queries.governed()
    assert governed.systems["crm"].tables["contact_sheet"].columns["number"].item == "identity.phone"
    assert governed.systems["billing"].tables["monthly_usage"].columns["invoices"].item == "none"
    for name in ("crm", "billing"):
        assert set(queries.current().systems[name].tables).isdisjoint(governed.systems[name].views)
    with pytest.raises(SekishoError) as refused:
        queries.effective_table("billing", "nothing")
    assert code_of(refused) == "datamap.unknown-table"


def test_what_is_made_of_calls_is_seen_where_calls_may_be_seen(adopted: Path) -> None:
    shown = {}
    for purpose in in_force(AT).purposes:
        table = seen_by(purpose, at=AT).schema.tables["billing.call_volume"]
        shown[purpose] = [column.name for column in table.columns.values() if column.shown]
    assert {purpose for purpose, columns in shown.items() if columns} == {"fault", "misuse"}


def test_by_commands(adopted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datamap_reclassify, "opened", refusing)  # the registers stand already
    day = AT.date()
    staff = [
        ("kanri", "privacy_officer", "officer"),
        ("hosa", "deputy_officer", "employee"),
        ("bot", "deputy_officer", "system"),
    ]
    enrol(
        staff=[NewStaff(ref=r, display_name=r, role=role, employment=kind, joined_on=day) for r, role, kind in staff],
        at=AT,
        acting_user="test",
    )

    def sekisho(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(datamap_reclassify.command, [*arguments, "--at", AT.isoformat()])
        return done.exit_code, done.stdout + done.stderr

    asked = ("propose", "billing.call_volume.calls", "--to", "none", "--reason", "総数だけを見る")
    assert "datamap.not-registered" in sekisho(*asked, "--by", "nobody")[1]
    assert "datamap.not-registered" in sekisho(*asked, "--by", "bot")[1]
    code, told = sekisho(*asked, "--by", "kanri", "--json")
    proposed = json.loads(told)
    assert (code, proposed["standing"], proposed["items"]) == (0, "proposed", [])
    ref = proposed["reclassification"]
    code, told = sekisho("approve", ref, "--by", "kanri")
    assert (code, "datamap.same-person" in told) == (1, True)
    code, told = sekisho("approve", ref, "--by", "hosa")
    assert (code, "有効" in told, "traffic.caller" in told) == (0, True, True)
    assert (
        json.loads(CliRunner().invoke(datamap_reclassify.command, ["list", "--json"]).stdout)[0]["approved_by"]
        == "hosa"
    )


def test_a_view_changed_in_its_store_counts_at_once(adopted: Path) -> None:
    file = adopted / "systems" / "billing.duckdb"
    secret = "SELECT customer_no, month_on, calls AS charge_yen, 1 AS unpaid_yen, 1 AS invoices FROM call_volume"
    try:
        with duckdb.connect(str(file)) as connection:
            connection.execute(f"CREATE OR REPLACE VIEW monthly_usage AS {secret}")
        columns = queries.effective_table("billing", "monthly_usage").columns
        assert set(columns["charge_yen"].items) == {"bill.charge", "traffic"}
        assert set(columns["invoices"].items) == {"traffic.caller", "traffic.started_at"}
        assert queries.governed().systems["billing"].tables["monthly_usage"].columns["charge_yen"].item == "unknown"
        assert {fault.code for fault in queries.compare().derived} >= {"catalog.narrower-than-lineage"}
    finally:
        with duckdb.connect(str(file)) as connection:
            connection.execute(f"CREATE OR REPLACE VIEW monthly_usage AS {derived.MONTHLY_USAGE}")


def test_a_store_that_cannot_be_opened_leaves_only_what_the_map_says(adopted: Path) -> None:
    path = adopted / "systems" / "crm.sqlite3"
    path.rename(path.with_suffix(".away"))
    try:
        assert queries.effective_table("crm", "contact_sheet").columns["name"].items == ("identity.name",)
    finally:
        path.with_suffix(".away").rename(path)
