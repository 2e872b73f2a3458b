"""`sekisho discover` over the carrier's own systems: what it prints, its exit codes, the diff, the queue."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import discovery_world as world
import pytest
from click.testing import CliRunner, Result
from pytest_django.fixtures import Settings

from sekisho.entrypoints import runtime
from sekisho.entrypoints.cli.discover import command
from sekisho.registers.findings import actions

OLD_MAIL, MEMO = "crm.people.old_mail", "crm.people.memo"


@pytest.fixture
def home(db: None, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.HOME = tmp_path
    world.build(tmp_path)
    monkeypatch.setattr(runtime, "start", lambda: None)
    monkeypatch.setattr(runtime, "follow_policy", lambda: None)
    monkeypatch.setattr(runtime, "number_evidence", lambda: False)
    monkeypatch.setattr("django.db.connections.close_all", lambda: None)
    return tmp_path


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(command, list(arguments))


def _json(*arguments: str, code: int) -> list[dict[str, Any]]:
    done = _run(*arguments, "--json")
    assert done.exit_code == code, done.output
    told: list[dict[str, Any]] = json.loads(done.stdout)
    return told


def test_a_look_tells_alarms_with_reasons_in_both_languages_and_no_value(home: Path) -> None:
    told = {one["place"]: one for one in _json("--systems", "--language", "en", code=1)}
    assert set(told) == {OLD_MAIL, MEMO}
    assert told[OLD_MAIL]["found"][0]["why"].startswith(
        "the column's name says e-mail address; 40 of 40 distinct values"
    )
    assert told[MEMO]["proposal"] == "memo: {item: identity.phone, free_text: true}"
    japanese = _run("--alarms", "--language", "ja")
    assert japanese.exit_code == 1
    assert "異なる40件の値のうち40件" in japanese.stdout
    assert "old1@" not in japanese.output
    assert "データマップにないもの 2か所" in japanese.stdout


def test_one_system_only_and_an_unknown_one(home: Path) -> None:
    assert _json("--systems", "--system", "desk", code=0) == []
    refused = _run("--systems", "--system", "nowhere")
    assert refused.exit_code == 1
    assert "findings.unknown-system" in refused.stderr


def test_a_system_that_does_not_open_is_no_clean_look(home: Path) -> None:
    (home / "desk.sqlite3").write_bytes(b"SQLite format 3\x00" + bytes(100))
    done = _run("--systems", "--system", "desk")
    assert done.exit_code == 1
    assert "読めなかったもの1件" in done.stderr


def test_again_says_what_changed_and_needs_a_first_look(home: Path) -> None:
    assert "findings.never-looked" in _run("--again").stderr
    _run("--systems")
    assert _json("--again", code=0) == []


def test_the_diff_of_what_was_accepted(home: Path) -> None:
    _run("--systems")
    assert _run("--patch").stdout == ""
    actions.accept(place=OLD_MAIL, item="identity.mail", at=world.AT, acting_user="test")
    assert "+          old_mail: identity.mail\n" in _run("--patch").stdout


def test_the_queue_fails_when_rows_wait_for_too_long(home: Path) -> None:
    with sqlite3.connect(home / "desk.sqlite3") as connection:
        connection.execute("UPDATE letters SET received_on = '2026-01-05' WHERE no = 'L2'")
    connection.close()
    (one,) = _json("--queue", code=1)
    assert (one["system"], one["table"], one["oldest"]) == ("desk", "letters", "2026-01-05")
    assert one["overdue"] >= 1
    with sqlite3.connect(home / "desk.sqlite3") as connection:
        connection.execute("UPDATE letters SET sorted_on = '2026-11-23'")
    connection.close()
    assert _json("--queue", code=0)[0]["unsorted"] == 0


@pytest.mark.parametrize("arguments", [[], ["--systems", "--again"], ["-", "--systems"]])
def test_either_a_source_or_one_thing_to_do(arguments: list[str]) -> None:
    assert _run(*arguments).exit_code == 2
