"""A map is complete or refused with the whole list: every column, every reference; columns of several classes count for each."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from pytest_django.fixtures import Settings

from sekisho.connectors.documents import read_folder
from sekisho.demo.building import build
from sekisho.engine.catalog.flows import Kind, Origin
from sekisho.engine.catalog.inheriting import Inherited
from sekisho.engine.catalog.lineage import UNKNOWN
from sekisho.engine.errors import Fault
from sekisho.engine.policy.load import load as load_policy
from sekisho.engine.policy.model import Policy
from sekisho.entrypoints.cli.datamap import command
from sekisho.evidence.proof import Verdict
from sekisho.registers.datamap import actions, proofs, queries, rules
from sekisho.registers.policies import actions as policy_actions
from sekisho.registers.policies.queries import in_force

AT = datetime(2026, 11, 23, 3, tzinfo=UTC)
FOLDER = Path(__file__).resolve().parents[3] / "policies" / "arlink"
TABLE = """\
sekisho_datamap: 1
map: {id: small}
systems:
  shop:
    label: 店
    kind: csv
    url: file:///x
    tables:
      お客様:
        label: 名簿
        subject: customer
        key: [番号]
        acquired: 登録日
        triggers: {contract_end: 終了日}
        owners: [{by: customer_no, column: 番号, role: contractor}]
        columns:
          番号: {item: none, reason: 社内の番号}
          氏名 (カナ): identity.kana
          氏名: {item: identity.name, references: [{table: お客様, column: 番号}]}
          登録日: {item: none, reason: 日付, type: date}
          終了日: {item: none, reason: 日付, type: date}
"""


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy(dict(read_folder(FOLDER)))


def faults(text: str, policy: Policy) -> tuple[Fault, ...]:
    return rules.check(text, policy)[1]


def test_names_in_any_script_pass(policy: Policy) -> None:
    assert faults(TABLE, policy) == ()


@pytest.mark.parametrize("name", ['"a\\nb"', "'a`b'", "' a'", '"a\'b\\""', "''"])
def test_names_no_store_can_be_asked_with_are_refused(name: str, policy: Policy) -> None:
    found = faults(TABLE.replace("氏名 (カナ)", name), policy)
    assert "policy.bad-stored-name" in {one.code for one in found}


def test_every_column_without_a_deletion_rule_is_told(policy: Policy) -> None:
    found = faults(TABLE.replace("subject: customer", "subject: shareholder"), policy)
    told = [one.values["column"] for one in found if one.code == "catalog.no-deletion-rule"]
    assert told == ["氏名 (カナ)", "氏名"]
    assert len({one.place.line for one in found}) == 2


def test_references_lead_somewhere(policy: Policy) -> None:
    for wrong in (
        "{table: お客様, column: 無い}",
        "{table: 無い, column: 番号}",
        "{system: there, table: お客様, column: 番号}",
    ):
        found = faults(TABLE.replace("{table: お客様, column: 番号}", wrong), policy)
        assert [one.code for one in found] == ["catalog.no-such-reference"]
        assert found[0].place.line == 19


def test_unknown_is_read_to_the_end(policy: Policy) -> None:
    text = TABLE.replace("identity.kana", "{item: unknown}").replace("subject: customer", "subject: unknown")
    found = faults(text.replace("acquired: 登録日", "acquired: unknown"), policy)
    assert {one.code for one in found} == {
        "catalog.no-class",
        "catalog.unknown-subject-kind",
        "catalog.no-such-column",
    }


def test_a_chain_that_ends_nowhere_names_what_is_known_of_it() -> None:
    one = Inherited(item="unknown", kind=Kind.VALUE, chain=(Origin("a", "v", "c"), Origin("a", "w", "d"), UNKNOWN))
    assert str(one) == "a.v.c ← a.w.d"


def test_check_says_a_type_that_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    home.mkdir()
    build(home, AT, subscribers=100, calls_count=0)
    monkeypatch.setenv("SEKISHO_HOME", str(home))
    folder = tmp_path / "policy"
    folder.mkdir()
    for name, text in read_folder(FOLDER).items():
        changed = text.replace(
            "birth_date: {item: identity.birth_date, type: date}", "birth_date: identity.birth_date", 1
        )
        (folder / name).write_text(changed, encoding="utf-8")
    answer = CliRunner().invoke(command, ["check", "--folder", str(folder), "--json"])
    assert answer.exit_code == 1
    retyped = [one for one in json.loads(answer.stdout) if one["code"] == "datamap.retyped-column"]
    assert [(one["column"], one["declared"], one["type"]) for one in retyped] == [("birth_date", "text", "date")]


def test_a_class_that_only_stands_beside_another_in_a_column_is_located(
    db: None, settings: Settings, tmp_path: Path
) -> None:
    build(tmp_path, AT, subscribers=100, calls_count=50)
    settings.HOME = tmp_path
    files = dict(read_folder(FOLDER))
    # bank accounts: only as the second item of a stored copy's column
    text = files["datamap.yaml"].replace(
        "          calls: {item: traffic, type: integer}", "          calls: {items: [traffic, bank], type: integer}"
    )
    for name in (
        "bank_name: bank.bank_name",
        "branch: bank.branch",
        "account_no: bank.account_no",
        "holder_kana: bank.holder",
    ):
        text = text.replace(name, name.split(":")[0] + ": bill.method")
    text = text.replace(
        "        triggers: {started_at: month_on}", "        triggers: {started_at: month_on, contract_end: month_on}"
    )
    text = text.replace(
        "        triggers: {contract_end: ended_on}\n        owners:\n          - {by: customer_no, column: customer_no, role: contractor}\n        columns:\n          customer_no: *number_of_ours\n          bank_name",
        "        triggers: {contract_end: ended_on, due_on: ended_on, closed: ended_on}\n        owners:\n          - {by: customer_no, column: customer_no, role: contractor}\n        columns:\n          customer_no: *number_of_ours\n          bank_name",
    )
    files["datamap.yaml"] = text
    policy_actions.adopt(files=files, at=AT, acting_user="test")
    actions.adopt(files=files, at=AT, acting_user="test")
    carrying = [
        column.name
        for system in queries.current().systems.values()
        for table in system.tables.values()
        for column in table.columns.values()
        if any(item.split(".")[0] == "bank" for item in column.items)
    ]
    assert carrying == ["calls"]
    clause = in_force(AT).clauses[in_force(AT).classes["bank"].clause]
    found = proofs.class_located(at=AT, clause=clause)
    assert (found.looked_at, found.verdict) == (1, Verdict.KEPT)
