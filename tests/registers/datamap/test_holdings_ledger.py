"""個人情報管理台帳 and the picture: everything the map holds is in them, with its clauses; no cell becomes a formula."""

import io
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import openpyxl
import pytest
from click.testing import CliRunner
from openpyxl.worksheet.worksheet import Worksheet
from pytest_django.fixtures import Settings

from sekisho.connectors.documents import read_folder
from sekisho.demo.building import build
from sekisho.engine.catalog.model import DataMap
from sekisho.engine.erasure.floors import retention_law
from sekisho.engine.law.pack import law
from sekisho.engine.policy.load import load as load_policy
from sekisho.engine.policy.model import Policy, Text
from sekisho.entrypoints.cli.datamap import command
from sekisho.registers.datamap import actions, queries, rules
from sekisho.registers.datamap.rules.workbook import workbook
from sekisho.registers.policies import actions as policy_actions

AT = datetime(2026, 11, 23, 3, tzinfo=UTC)
FOLDER = Path(__file__).resolve().parents[3] / "policies" / "arlink"


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    return dict(read_folder(FOLDER))


@pytest.fixture(scope="module")
def policy(files: dict[str, str]) -> Policy:
    return load_policy(files)


@pytest.fixture(scope="module")
def datamap(files: dict[str, str]) -> DataMap:
    return rules.load(files["datamap.yaml"])


@pytest.fixture(scope="module")
def rows(policy: Policy, datamap: DataMap) -> tuple[rules.LedgerRow, ...]:
    return rules.ledger(policy, datamap, retention_law(law()))


def row(rows: tuple[rules.LedgerRow, ...], item: str, system: str) -> rules.LedgerRow:
    return next(one for one in rows if (one.item, one.system) == (item, system))


def test_every_class_of_every_system_has_one_row(rows: tuple[rules.LedgerRow, ...], datamap: DataMap) -> None:
    held = {
        (item.split(".", 1)[0], system.id)
        for system in datamap.systems.values()
        for table in system.tables.values()
        for column in table.columns.values()
        for item in column.items
    }
    assert len(rows) == len(held)
    assert {(one.item, one.system) for one in rows} == held


def test_a_row_says_whose_what_for_whither_and_until_when(rows: tuple[rules.LedgerRow, ...]) -> None:
    bank = row(rows, "bank", "billing")
    assert [one.ja for one in bank.subjects] == ["契約者"]
    assert "口座番号" in {one.ja for one in bank.fields}
    assert {one.clause for one in bank.purposes} >= {"B-60", "B-48"}
    assert all("マーケティング" not in one.label.ja for one in bank.purposes)
    assert [(one.says.ja, one.clause) for one in bank.kept] == [("契約の終了から1年間", "B-20")]
    assert {one.clause for one in bank.outward} == {"B-28"}
    identity = row(rows, "identity", "crm")
    assert {one.kind for one in identity.outward} == {"entrustment", "third_party_provision", "joint_use"}
    record = row(rows, "identity_record", "crm")
    assert record.kept[0].floor is not None
    assert "携帯電話不正利用防止法" in record.kept[0].floor.ja


def test_the_secrecy_of_communications_is_marked_and_goes_to_nobody(rows: tuple[rules.LedgerRow, ...]) -> None:
    secret = [one for one in rows if one.is_secret]
    assert {one.system for one in secret} == {"cdr", "billing"}
    assert all(not one.outward for one in secret)


def test_what_nobody_wrote_is_a_gap(policy: Policy, datamap: DataMap) -> None:
    bare = {"custodian": "", "users": (), "location": "", "measures": ()}
    crm = replace(datamap.systems["crm"], **bare)  # type: ignore[arg-type]
    said = replace(crm, custodian="顧客部", users=("営業部",), location="東京", measures=("暗号化",))
    for system, gaps in ((crm, {"location", "custodian", "users", "measures"}), (said, set[str]())):
        one = rules.ledger(policy, replace(datamap, systems={"crm": system}), retention_law(law()))[0]
        assert set(one.gaps) - {"source"} == gaps


def sheet(rows: tuple[rules.LedgerRow, ...], looks: dict[str, rules.Look]) -> Worksheet:
    data = workbook(rows, looks, title=Text("試しの会社", "A company"), at=AT)
    return openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]


def test_no_cell_of_the_sheet_is_a_formula(rows: tuple[rules.LedgerRow, ...]) -> None:
    hostile = ['=HYPERLINK("http://x","y")', "+1+2", "-2+3", "@SUM(A1)", "\t=1", "普通\x07の文"]
    evil = tuple(
        replace(rows[0], label=Text(one), sources=(one,), measures=(one,), system_label=one) for one in hostile
    )
    made = sheet(evil, {})
    for number, one in enumerate(hostile, start=3):
        for column in (1, 3, 7, 12):
            cell = made.cell(number, column)
            assert cell.data_type == "s"
            assert cell.value == one.replace("\x07", "")
            assert cell.quotePrefix is (one[:1] in "=+-@\t")


def test_the_sheet_can_be_printed(rows: tuple[rules.LedgerRow, ...]) -> None:
    look = rules.Look(system="cdr", at=AT, by="x", columns=9, differences=2, counts={"calls": 1234}, counted_at=AT)
    made = sheet(rows, {"cdr": look})
    assert made.freeze_panes == "D3"
    assert made.print_area == f"'{made.title}'!$A$1:$O${len(rows) + 2}"
    assert made.print_title_rows == "$2:$2"
    assert made.sheet_properties.pageSetUpPr is not None
    assert made.sheet_properties.pageSetUpPr.fitToPage
    assert all(made.column_dimensions[name].width >= 8 for name in "ABCDEFGHIJKLMNO")
    cdr = next(number for number in range(3, made.max_row + 1) if made.cell(number, 3).value == "通話記録")
    assert made.cell(cdr, 13).value == 1234
    assert "違い2件" in str(made.cell(cdr, 14).value)
    assert made.cell(3, 14).value == "まだ確かめていない"


def test_the_picture_draws_every_flow_and_is_well_formed(
    policy: Policy, datamap: DataMap, rows: tuple[rules.LedgerRow, ...]
) -> None:
    drawn = rules.picture(policy, datamap, rows)
    root = ET.fromstring(drawn.svg)  # noqa: S314  our own
    assert root.get("role") == "img"
    assert root.get("aria-label")
    paths = [one.get("class") or "" for one in root.iter("{http://www.w3.org/2000/svg}path")]
    flows = [one for one in paths if one.startswith("p-flow")]
    legend = len({one.kind for one in drawn.out})
    assert len(flows) == len(drawn.out) + len(drawn.made) + legend
    assert ("cdr", "billing", True) in {(one.origin, one.system, one.has_secret) for one in drawn.made}
    joint = [one for one in drawn.out if one.kind == "joint_use"]
    assert joint
    assert all(one.is_shut for one in joint)
    told = "".join(root.itertext())
    assert all(system.label in told for system in datamap.systems.values())
    assert all(one.recipient.ja in told for one in drawn.out)
    assert "style" not in {name for element in root.iter() for name in element.attrib}
    assert "<style>" in rules.picture(policy, datamap, rows, is_alone=True).svg


def test_names_in_the_picture_are_text_not_markup(policy: Policy, datamap: DataMap) -> None:
    crm = replace(datamap.systems["crm"], label="<script>alert(1)</script>&")
    changed = replace(datamap, systems={**datamap.systems, "crm": crm})
    drawn = rules.picture(policy, changed, rules.ledger(policy, changed, retention_law(law())))
    assert "<script" not in drawn.svg
    ET.fromstring(drawn.svg)  # noqa: S314  our own


@pytest.fixture
def carrier(db: None, settings: Settings, tmp_path: Path, files: dict[str, str]) -> Path:
    build(tmp_path, AT, subscribers=100, calls_count=100)
    settings.HOME = tmp_path
    policy_actions.adopt(files=files, at=AT, acting_user="test")
    actions.adopt(files=files, at=AT, acting_user="test")
    return tmp_path


def test_a_look_counts_and_is_kept_and_a_closed_store_is_said_so(carrier: Path) -> None:
    assert queries.looks() == {}
    actions.look(at=AT, acting_user="officer", is_counting=True)
    first = queries.looks()
    with sqlite3.connect(carrier / "systems" / "crm.sqlite3") as connection:
        (people,) = connection.execute("SELECT count(*) FROM subscribers").fetchone()
    assert first["crm"].counts["subscribers"] == people
    assert first["crm"].differences == 1  # callback_tmp, planted
    (carrier / "systems" / "hr.sqlite3").unlink()
    actions.look(at=AT.replace(hour=5), acting_user="officer")
    later = queries.looks()
    assert later["hr"].code == "connector.unreachable"
    assert later["crm"].at.hour == 5
    assert later["crm"].counts == first["crm"].counts  # from the last time somebody counted


def test_help_names_the_commands() -> None:
    told = CliRunner().invoke(command, ["--help"]).output
    assert all(name in told for name in ("crawl", "check", "import", "export", "ledger", "picture"))
