"""A home that is mistyped, unusable or empty is refused in words, and nothing is made of it."""

import os
import pathlib
import sqlite3
import subprocess
import sys

import pytest
import warm

from sekisho.entrypoints import home as homes
from sekisho.entrypoints.cli.language import spoken
from sekisho.entrypoints.cli.serve import welcome

SEKISHO = (sys.executable, "-c", "from sekisho.entrypoints.cli import main; main()")


def run(home: pathlib.Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    kept = {key: value for key, value in os.environ.items() if key != "SEKISHO_DATABASE_URL"}
    return warm.run(
        [*SEKISHO, *arguments],
        env=kept | {"SEKISHO_HOME": str(home), "COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=False,
        input="",
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("decide",),
        ("key", "create", "crm"),
        ("retention", "due"),
        ("erase", "list"),
        ("promises",),
        ("serve", "--port", "1"),
        ("ledger", "verify"),
    ],
)
def test_a_mistyped_home_is_refused_and_not_made(tmp_path: pathlib.Path, arguments: tuple[str, ...]) -> None:
    mistyped = tmp_path / "mistyped"
    done = run(mistyped, *arguments)
    assert done.returncode != 0
    assert "home.no-carrier" in done.stderr or "evidence.no-ledger" in done.stderr
    assert "sekisho demo" in done.stderr
    assert "Traceback" not in done.stderr
    assert not mistyped.exists()


@pytest.mark.parametrize("arguments", [("demo", "--subscribers", "100"), ("erase", "list"), ("key", "create", "crm")])
def test_a_home_that_cannot_be_made_is_a_refusal_with_a_remedy(
    tmp_path: pathlib.Path, arguments: tuple[str, ...]
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    done = run(tmp_path / "file" / "home", *arguments)
    assert done.returncode == 1
    assert "(home." in done.stderr
    assert "→" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_home_whose_keys_cannot_be_made_is_a_refusal(tmp_path: pathlib.Path) -> None:
    (tmp_path / "carrier.yaml").write_text("carrier: {name: 試験, policy: policy}\n", encoding="utf-8")
    (tmp_path / "keys").write_text("", encoding="utf-8")
    done = run(tmp_path, "erase", "list")
    assert done.returncode == 1
    assert "home.not-usable" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_that_is_none_is_a_refusal(tmp_path: pathlib.Path) -> None:
    (tmp_path / "sekisho.sqlite3").mkdir()
    done = run(tmp_path, "erase", "list")
    assert done.returncode == 1
    assert "home.database-refused" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_demo_is_not_built_over_a_carrier_that_is_no_demo(tmp_path: pathlib.Path) -> None:
    (tmp_path / "carrier.yaml").write_text("carrier: {name: 本物, policy: policy}\n", encoding="utf-8")
    done = run(tmp_path, "demo", "--force")
    assert done.returncode == 1
    assert "home.not-a-demo" in done.stderr
    assert (tmp_path / "carrier.yaml").exists()


def test_a_ledger_with_nothing_in_it_is_not_called_right(tmp_path: pathlib.Path) -> None:
    (tmp_path / "carrier.yaml").write_text("carrier: {name: 試験, policy: policy}\n", encoding="utf-8")
    assert run(tmp_path, "erase", "list").stdout.strip(), "an empty list is said in a sentence"
    with sqlite3.connect(tmp_path / "sekisho.sqlite3") as product:
        assert product.execute("SELECT count(*) FROM evidence_entry").fetchone() == (0,)
    done = run(tmp_path, "ledger", "verify")
    assert done.returncode == 2
    assert "evidence.no-ledger" in done.stderr
    assert "✓" not in done.stdout


def test_an_unknown_plan_is_refused_without_an_empty_line(tmp_path: pathlib.Path) -> None:
    (tmp_path / "carrier.yaml").write_text("carrier: {name: 試験, policy: policy}\n", encoding="utf-8")
    done = run(tmp_path, "erase", "run", "erase-none")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("× ")
    assert "retention.unknown-plan" in done.stderr


def test_the_help_of_a_group_is_not_cut(tmp_path: pathlib.Path) -> None:
    for group in ("policy", "datamap", "retention", "erase", "ledger", "key"):
        said = run(tmp_path, group, "--help").stdout
        assert "..." not in said.split("Commands:")[1], said


def test_the_welcome_is_english_where_the_terminal_is(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    assert spoken() == "ja"
    monkeypatch.setenv("LANG", "C.UTF-8")
    assert spoken() == "ja"
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    assert spoken() == "en"
    assert spoken("ja") == "ja"
    assert "promise board" in welcome(tmp_path, "127.0.0.1", 1, "en")
    assert "履行台帳" in welcome(tmp_path, "127.0.0.1", 1, "ja")


def test_a_home_is_its_owners_only(tmp_path: pathlib.Path) -> None:
    home = tmp_path / "home"
    homes.make(home)
    (home / "systems" / "cdr").mkdir(parents=True)
    for file in (home / homes.DATABASE_FILE, home / "systems" / "cdr" / "rows"):
        file.touch(mode=0o644)
    homes.close(home)
    assert not [path for path in (home, *home.rglob("*")) if path.stat().st_mode & 0o077]
