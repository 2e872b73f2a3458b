"""`sekisho decide`, as a process: lines in, lines out, bad lines named, evidence numbered when it ends."""

import json
import os
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
BUILD = """
import django, runpy, sys
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
runpy.run_path(sys.argv[1])["build"]()
"""
CLI = ("-m", "sekisho.entrypoints.cli.main")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("carrier")
    done = run(home, "-c", BUILD, str(HERE / "conftest.py"))
    assert done.returncode == 0, done.stderr
    return home


def run(home: Path, *arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("SEKISHO_")}
    environment = kept | {"SEKISHO_HOME": str(home), "DJANGO_SETTINGS_MODULE": "sekisho.entrypoints.settings"}
    return subprocess.run(
        [sys.executable, *arguments], env=environment, input=text, capture_output=True, text=True, check=False, timeout=120
    )  # fmt: skip


def ask(**changes: Any) -> dict[str, Any]:
    at = runpy.run_path(str(HERE / "conftest.py"))["AT"].isoformat()
    good = {"actor": "s-clerk", "purpose": "billing", "items": ["identity.name"], "data_subjects": ["p-hana"], "at": at}
    return good | changes


@pytest.mark.slow
def test_lines_in_and_lines_out(home: Path, tmp_path: Path) -> None:
    lines = [
        json.dumps(ask()),
        "",
        "{",
        json.dumps(ask(purpose="marketing", channel="mail")),
        json.dumps(ask(items=[])),
    ]
    path = tmp_path / "asks.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = run(home, *CLI, "decide", "-f", str(path))
    assert done.returncode == 1, done.stderr
    permit, no_json, refuse, no_items = (json.loads(line) for line in done.stdout.splitlines())
    assert permit["decision"] == "permit"
    assert set(permit) == {"decision", "reasons", "obligations", "policy", "policy_sha256", "evidence"}
    assert set(refuse["reasons"][0]) >= {"code", "clause", "article", "message", "remedy"}
    assert (no_json["line"], no_items["line"]) == (3, 5)
    assert no_items["error"]["code"] == "decisions.malformed-ask"
    assert (no_json["error"]["fields"], no_items["error"]["fields"]) == (["json"], ["items"])
    verified = run(home, *CLI, "ledger", "verify", "--json")
    assert verified.returncode == 0, verified.stdout
    proved = run(home, *CLI, "ledger", "prove", permit["evidence"].partition("/")[0])
    assert json.loads(json.loads(proved.stdout)["entry"])["kind"] == "decisions.sealed"


@pytest.mark.slow
def test_standard_input_and_exit_code(home: Path) -> None:
    done = run(home, *CLI, "decide", text=json.dumps(ask()) + "\n")
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 1), done.stderr
    assert run(home, *CLI, "decide", text="").returncode == 0


@pytest.mark.slow
def test_rows_and_entries_are_missed_by_the_ledger(home: Path, tmp_path: Path) -> None:
    """Business rows without an entry and entries without their row."""
    import shutil
    import sqlite3

    copy = Path(shutil.copytree(home, tmp_path / "copy"))
    run(copy, *CLI, "decide", text=json.dumps(ask()) + "\n")
    database = sqlite3.connect(copy / "sekisho.sqlite3")
    entry = database.execute("SELECT entry FROM decisions_decisionbatch LIMIT 1").fetchone()[0]
    database.execute("UPDATE decisions_decisionbatch SET entry = ? WHERE entry = ?", ("0" * 32, entry))
    database.commit()
    database.close()
    done = run(copy, *CLI, "ledger", "verify", "--json")
    found = {json.loads(line).get("code") for line in done.stdout.splitlines()}
    assert {"ledger.row-without-entry", "ledger.entry-without-row"} <= found


def test_help_shows_an_ask_that_can_be_asked(home: Path) -> None:
    """The example is an ask: nothing in it is malformed, and the demo has what it names."""
    told = run(home, *CLI, "decide", "--help").stdout
    example = json.loads(told[(start := told.index("'{") + 1) : told.index("}'", start) + 1])
    assert set(example) <= {"actor", "purpose", "items", "data_subjects"}
    done = run(home, *CLI, "decide", text=json.dumps(example) + "\n")
    answer = json.loads(done.stdout)
    assert done.returncode == 0, done.stdout
    assert [reason["code"] for reason in answer["reasons"]] == ["gate.identity-known", "gate.actor-known"]


def test_no_library_of_the_api_is_loaded(home: Path) -> None:
    code = (
        "import sys\nfrom sekisho.entrypoints.cli.main import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print([m for m in ('ninja', 'dbos') if m in sys.modules])"
    )
    done = run(home, "-c", code, "decide", text=json.dumps(ask()) + "\n")
    assert done.stdout.splitlines()[-1] == "[]", done.stdout
