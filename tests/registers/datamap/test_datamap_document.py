"""The carrier's own maps against their policies, and a map against systems that are not what it says."""

from pathlib import Path

import pytest

from sekisho.connectors.documents import read_folder
from sekisho.engine.policy.load import load as load_policy
from sekisho.registers.datamap import rules
from sekisho.registers.datamap.rules import Difference

POLICIES = Path(__file__).resolve().parents[3] / "policies"


def text(name: str = "arlink") -> str:
    return (POLICIES / name / rules.FILE).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["arlink", "carrier"])
def test_every_column_has_a_class_a_rule_and_its_event_under_both_policies(name: str) -> None:
    files = read_folder(POLICIES / name)
    datamap, faults = rules.check(files[rules.FILE], load_policy(files))
    assert [f"{fault.place} {fault.code} {dict(fault.values)}" for fault in faults] == []
    assert datamap is not None
    assert set(datamap.systems) == {"crm", "billing", "cdr", "support"} | ({"hr"} if name == "arlink" else set())


def test_a_policy_that_publishes_nothing_of_staff_cannot_map_them() -> None:
    files = read_folder(POLICIES / "carrier")
    _, faults = rules.check(text("arlink"), load_policy(files))
    assert {fault.code for fault in faults} == {"catalog.unknown-subject-kind", "catalog.unknown-item"}
    assert {fault.values["found"] for fault in faults if fault.code.endswith("subject-kind")} >= {
        "staff",
        "job_applicant",
        "shareholder",
    }


def test_what_both_carriers_map_they_map_alike() -> None:
    left, right = rules.load(text("arlink")), rules.load(text("carrier"))
    for id_, system in right.systems.items():
        for name, table in system.tables.items():
            assert list(table.columns) == list(left.systems[id_].tables[name].columns)


def test_two_faults_are_both_named_with_their_lines() -> None:
    broken = text().replace("name: identity.name\n", "name: identity.shoe\n", 1).replace("[ticket_no]", "[ticket]", 1)
    files = read_folder(POLICIES / "arlink")
    _, faults = rules.check(broken, load_policy(files))
    lines = broken.splitlines()
    assert [(fault.code, lines[fault.place.line - 1].strip()) for fault in faults] == [
        ("catalog.unknown-item", "name: identity.shoe"),
        ("catalog.no-such-column", "key: [ticket]"),
    ]


def test_what_codes_mean_is_read_and_said_only_of_codes() -> None:
    column = rules.load(text("arlink")).systems["support"].tables["tickets"].columns["channel"]
    assert column.values["shop"] == ("店舗", "shop")
    said = "values: {a: 甲, b: ''}"
    broken = (
        text()
        .replace("reply: {item: inquiry.note, free_text: true}", f"reply: {{item: inquiry.note, free_text: true, {said}}}")
        .replace("amount_yen: {item: bill.charge, type: integer}", f"amount_yen: {{item: bill.charge, type: integer, {said}}}")
    )  # fmt: skip
    _, faults = rules.check(broken, load_policy(read_folder(POLICIES / "arlink")))
    assert sorted(fault.code for fault in faults) == [
        "catalog.no-codes", "catalog.unnamed-code", "catalog.unnamed-code",
    ]  # fmt: skip
    assert {said in broken.splitlines()[fault.place.line - 1] for fault in faults} == {True}


def test_an_unknown_key_is_refused_by_the_reader() -> None:
    datamap, faults = rules.check(text().replace("erase_order: 40", "erase_ordre: 40", 1), None)
    assert datamap is None
    assert [fault.code for fault in faults] == ["policy.unknown-key"]


def test_what_nobody_declared_and_what_is_gone_are_both_told() -> None:
    datamap = rules.load(text())
    real: dict[str, dict[str, dict[str, str]] | str] = {
        system.id: {
            table.name: {column.name: column.type for column in table.columns.values()}
            for table in system.tables.values()
        }
        for system in datamap.systems.values()
    }
    assert rules.compare(datamap, real).differences == ()
    crm = real["crm"]
    assert isinstance(crm, dict)
    crm["subscribers"] = {**crm["subscribers"], "blood_type": "text"}
    del crm["subscribers"]["memo"]
    crm["shadow_export"] = {"phone": "text"}
    del crm["guardians"]
    real["hr"] = "connector.unreachable"
    found = rules.compare(datamap, real)
    assert set(found.differences) == {
        Difference(
            code="datamap.undeclared-column", system="crm", table="subscribers", column="blood_type", type="text"
        ),
        Difference(code="datamap.missing-column", system="crm", table="subscribers", column="memo"),
        Difference(code="datamap.undeclared-table", system="crm", table="shadow_export"),
        Difference(code="datamap.missing-table", system="crm", table="guardians"),
    }
    assert found.unread == {"hr": "connector.unreachable"}
