"""The command's root: help without Django, keys readable by their owner only."""

import os
import pathlib
import stat
import subprocess
import sys

import pytest
from click.testing import CliRunner

from sekisho.entrypoints import home
from sekisho.entrypoints.cli import backup, backup_drill
from sekisho.entrypoints.cli.main import COMMANDS


def test_help_lists_every_command_and_imports_neither_django_nor_a_store() -> None:
    script = (
        "import sys; from sekisho.entrypoints.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "print([m for m in ('django', 'duckdb', 'deltalake', 'ninja', 'dbos') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert all(name in done.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sekisho.entrypoints.cli.main", name, "--help"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"COLUMNS": "100"},
    )
    assert done.returncode == 0, done.stderr
    assert "Usage:" in done.stdout


def test_what_a_command_runs_by_itself_is_not_offered_to_people() -> None:
    offered = CliRunner().invoke(backup.command, ["--help"]).stdout
    assert "drill " in offered
    assert backup_drill.act.name is not None
    assert backup_drill.act.name not in offered


def test_a_key_is_made_once_and_is_its_owner_s_alone(tmp_path: pathlib.Path) -> None:
    first = home.key_bytes(tmp_path, "ledger")
    assert home.key_bytes(tmp_path, "ledger") == first
    assert len(first) == 32
    assert stat.S_IMODE((tmp_path / "keys" / "ledger").stat().st_mode) == 0o600
    assert [p.name for p in (tmp_path / "keys").iterdir()] == ["ledger"], "no half-made file stays behind"


def test_a_postgres_address_becomes_django_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    monkeypatch.setenv("SEKISHO_DATABASE_URL", "postgresql://us%40er:p%2Fw@127.0.0.1:5433/carrier")
    settings = home.database(tmp_path)
    assert settings["ENGINE"] == "django.db.backends.postgresql"
    assert (settings["USER"], settings["PASSWORD"], settings["NAME"]) == ("us@er", "p/w", "carrier")
