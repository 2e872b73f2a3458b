"""The command's root: help without Django, keys readable by their owner only."""

import os
import pathlib
import stat
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from sekisho.entrypoints import home
from sekisho.entrypoints.cli import backup, backup_drill
from sekisho.entrypoints.cli.main import COMMANDS, LazyGroup, main


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


@pytest.mark.parametrize(
    ("line", "code", "says"),
    [
        ("datamap crawl", "usage.missing", "SYSTEM_OR_URL がありません"),
        ("discover", "usage.give-one", "SOURCE, --systems"),
        ("discover - --nope", "usage.no-such-option", "--nope という指定はありません"),
        ("discover - --rows", "usage.option-value", "sekisho discover --help"),
        ("discover - --language fr", "usage.bad-value", "ja, en"),
        ("backup make there --days 0", "usage.bad-value", "1..3660"),
        ("desk receive --channel fax nowhere.pdf", "usage.no-such-place", "綴り"),
        ("backup maek", "usage.no-such-command", "sekisho backup に maek"),
        ("backupp", "usage.no-such-command", "sekisho に backupp"),
        ("--nope", "usage.no-such-option", "sekisho --help"),
        ("views", "usage.missing", "--purpose がありません"),
        ("discover one two", "usage.not-understood", "sekisho discover --help"),
    ],
)
def test_a_line_written_wrongly_is_refused_as_everything_is(line: str, code: str, says: str) -> None:
    done = CliRunner().invoke(main, line.split(), prog_name="sekisho")
    assert done.exit_code == 2
    assert says in done.stderr
    assert f"({code}: " in done.stderr
    assert "Error:" not in done.stderr


def test_a_day_in_another_form_is_refused_with_the_form() -> None:
    @click.group(cls=LazyGroup)
    def root() -> None:
        raise click.BadParameter("not an instant", param_hint="--at")

    done = CliRunner().invoke(root, ["discover"])
    assert done.exit_code == 2
    assert "2026-11-23T12:00+09:00" in done.stderr


def test_the_root_alone_still_shows_its_help() -> None:
    assert "Commands:" in CliRunner().invoke(main, []).output


def test_a_file_that_cannot_be_written_is_refused_in_words(tmp_path: pathlib.Path) -> None:
    there = tmp_path / "nobody" / "out.pdf"

    @click.group(cls=LazyGroup)
    def root() -> None:
        """A root whose only command writes where nobody can."""

    def get_command(_context: click.Context, _name: str) -> click.Command:
        return click.Command("write", callback=lambda: there.write_bytes(b""))

    root.get_command = get_command  # type: ignore[method-assign,assignment]
    done = CliRunner().invoke(root, ["write"])
    assert done.exit_code == 1
    assert "command.file-refused" in done.stderr
    assert str(there) in done.stderr
