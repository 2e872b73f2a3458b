"""`sekisho desk receive`: what is named is taken or refused, what lies beside scans is named, nothing arrives tomorrow."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pytest_django.fixtures import Settings

from sekisho.casework.subject_requests import queries
from sekisho.connectors.documents import read_folder
from sekisho.entrypoints import runtime
from sekisho.entrypoints.cli.main import main
from sekisho.registers.policies import actions as policies
from sekisho.registers.policies.queries import in_force

ARLINK = Path(__file__).resolve().parents[2] / "policies" / "arlink"
AT = datetime(2026, 11, 23, 3, tzinfo=UTC)


@pytest.fixture
def folder(db: None, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.HOME = tmp_path / "home"
    settings.HOME.mkdir()
    policies.adopt(files=read_folder(ARLINK), at=AT, acting_user="test")
    for name in ("start", "follow_policy"):
        monkeypatch.setattr(runtime, name, lambda: None)
    monkeypatch.setattr(runtime, "number_evidence", lambda: False)
    monkeypatch.setattr("django.db.connections.close_all", lambda: None)
    scans = tmp_path / "fax"
    scans.mkdir()
    (scans / "form.pdf").write_bytes(queries.blank_form(in_force(AT), "disclosure", at=AT))
    return scans


def _receive(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["desk", "receive", "--channel", "fax", *map(str, arguments)])


def test_what_is_no_scan_is_refused_where_it_is_named_and_told_in_a_folder(folder: Path) -> None:
    letter = folder / "letter.docx"
    letter.write_bytes(b"hello")
    named = _receive(letter)
    assert named.exit_code == 1
    assert "letter.docx" in named.stderr
    (folder / ".part").write_bytes(b"")
    among = _receive(folder)
    assert among.exit_code == 0, among.stderr
    assert among.stderr.count("not a scan") == 1
    assert "letter.docx" in among.stderr
    assert [one.name for one in sorted(folder.iterdir())] == [".part", "letter.docx"], "the scan was taken"


@pytest.mark.parametrize(
    ("arrived", "code", "exit_code"),
    [("2999-01-01", "まだ来ていません", 1), ("nonsense", "usage.bad-value", 2)],
)
def test_nothing_arrives_on_a_day_to_come_or_on_none(folder: Path, arrived: str, code: str, exit_code: int) -> None:
    done = _receive(folder, "--arrived", arrived)
    assert done.exit_code == exit_code
    assert code in done.stderr
    assert (folder / "form.pdf").exists()
