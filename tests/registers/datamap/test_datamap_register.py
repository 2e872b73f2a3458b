"""The adopted map, the proofs that watch it, and the command, on stores of the demo carrier."""

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from pytest_django.fixtures import Settings

from sekisho.connectors.documents import read_folder
from sekisho.demo import derived
from sekisho.demo.building import build
from sekisho.engine.errors import DocumentRefused, SekishoError
from sekisho.engine.policy.model import Clause
from sekisho.entrypoints.cli.datamap import command
from sekisho.evidence.proof import Verdict
from sekisho.registers.datamap import actions, proofs, queries
from sekisho.registers.policies import actions as policy_actions
from sekisho.registers.policies.queries import in_force

AT = datetime(2026, 11, 23, 3, tzinfo=UTC)
FOLDER = Path(__file__).resolve().parents[3] / "policies" / "arlink"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("carrier")
    build(path, AT, subscribers=120, calls_count=300)
    return path


@pytest.fixture
def adopted(db: None, settings: Settings, home: Path) -> Path:
    settings.HOME = home
    files = read_folder(FOLDER)
    policy_actions.adopt(files=files, at=AT, acting_user="test")
    actions.adopt(files=files, at=AT, acting_user="test")
    return home


def clause(id_: str) -> Clause:
    return in_force(AT).clauses[id_]


@pytest.mark.django_db
def test_nothing_adopted_is_said_so() -> None:
    with pytest.raises(SekishoError) as refused:
        queries.current()
    assert refused.value.code == "datamap.none-adopted"
    assert proofs.schema_matches_map(at=AT, clause=None).verdict is Verdict.UNPROVEN  # type: ignore[arg-type]


def test_adopting_twice_is_a_no_op_and_a_broken_map_is_refused(adopted: Path) -> None:
    before = queries.current().sha256
    files = dict(read_folder(FOLDER))
    assert actions.adopt(files=files, at=AT, acting_user="test") == before
    files["datamap.yaml"] = files["datamap.yaml"].replace("identity.name", "identity.shoe", 1)
    with pytest.raises(DocumentRefused):
        actions.adopt(files=files, at=AT, acting_user="test")
    assert queries.current().sha256 == before


def test_a_map_adopted_later_counts(adopted: Path) -> None:
    files = dict(read_folder(FOLDER))
    files["datamap.yaml"] = files["datamap.yaml"].replace("label: 顧客管理", "label: 顧客", 1)
    actions.adopt(files=files, at=AT, acting_user="test")
    assert queries.current().systems["crm"].label == "顧客"


def test_sources_open_by_name(adopted: Path) -> None:
    for id_ in queries.current().systems:
        source = queries.open_source(id_)
        assert source.crawl()
        source.close()
    with pytest.raises(SekishoError) as refused:
        queries.open_source("nowhere")
    assert refused.value.code == "datamap.unknown-system"


def test_the_undeclared_column_breaks_the_promise_and_its_absence_keeps_it(adopted: Path) -> None:
    found = proofs.schema_matches_map(at=AT, clause=clause("B-35"))
    assert (found.verdict, found.looked_at > 150) == (Verdict.BROKEN, True)
    assert "crm.contracts.callback_tmp" in found.why
    assert "crm.contact_sheet.birth_date" in found.why
    with sqlite3.connect(adopted / "systems" / "crm.sqlite3") as connection:
        connection.execute("ALTER TABLE contracts DROP COLUMN callback_tmp")
        connection.execute("DROP VIEW contact_sheet")
        connection.execute(f"CREATE VIEW contact_sheet AS {derived.CONTACT_SHEET}")
    connection.close()
    try:
        assert proofs.schema_matches_map(at=AT, clause=clause("B-35")).verdict is Verdict.KEPT
    finally:
        with sqlite3.connect(adopted / "systems" / "crm.sqlite3") as connection:
            connection.execute("ALTER TABLE contracts ADD COLUMN callback_tmp TEXT")
            connection.execute("DROP VIEW contact_sheet")
            connection.execute(f"CREATE VIEW contact_sheet AS {derived.CONTACT_SHEET_AS_IT_STANDS}")
        connection.close()


def test_a_system_that_cannot_be_opened_is_not_kept(adopted: Path) -> None:
    path = adopted / "systems" / "hr.sqlite3"
    path.rename(path.with_suffix(".away"))
    try:
        assert "hr" in queries.compare().unread
        found = proofs.class_located(at=AT, clause=clause("B-43"))
        assert (found.verdict, "hr" in found.why) == (Verdict.UNPROVEN, True)
    finally:
        path.with_suffix(".away").rename(path)


@pytest.mark.parametrize("id_", ["B-36", "B-37", "B-38", "B-39", "B-41", "B-42", "B-43", "B-44", "B-45", "B-46"])
def test_each_class_is_located(adopted: Path, id_: str) -> None:
    found = proofs.class_located(at=AT, clause=clause(id_))
    assert found.verdict is Verdict.KEPT, found.why
    assert found.looked_at > 0


def test_the_command_lists_what_nobody_declared(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEKISHO_HOME", str(home))
    done = CliRunner().invoke(command, ["check", "--folder", str(FOLDER), "--json"])
    assert done.exit_code == 1
    assert [(one["code"], one["column"]) for one in json.loads(done.stdout) if "path" not in one] == [
        ("datamap.undeclared-column", "callback_tmp")
    ]
    (view,) = [one for one in json.loads(done.stdout) if "path" in one]
    assert view["code"] == "catalog.undeclared-derived-column"
    assert "crm.contact_sheet.birth_date ← crm.subscribers.birth_date (identity.birth_date, value)" in view["message"]
    line = (FOLDER / "datamap.yaml").read_text(encoding="utf-8").splitlines()[view["line"] - 1]
    assert (view["path"], line.strip()) == ("datamap.yaml", "contact_sheet:")
    document_only = CliRunner().invoke(command, ["check", "--folder", str(FOLDER), "--no-systems"])
    assert document_only.exit_code == 0
