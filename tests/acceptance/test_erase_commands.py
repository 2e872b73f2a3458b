"""The whole way by commands, as an operator goes it: why, plan, two approvals, run, verify, certify, check offline."""

import json
import os
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import warm

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "tests" / "fixtures"
SEKISHO = (sys.executable, "-c", "from sekisho.entrypoints.cli import main; main()")


def sekisho(home: Path, *arguments: str, code: int = 0) -> str:
    ran = warm.run(
        [*SEKISHO, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"SEKISHO_HOME": str(home), "SEKISHO_DATABASE_URL": "", "PYTHONPATH": str(ROOT / "src")},
    )
    assert ran.returncode == code, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("commands") / "home"
    home.mkdir()
    script = (
        f"import sys; sys.path[:0] = [{str(FIXTURES)!r}]; import erasure_world as w; from pathlib import Path; "
        f"home = Path({str(home)!r}); w.setup(home); w.build(home)"
    )
    env = os.environ | {"SEKISHO_HOME": str(home), "SEKISHO_DATABASE_URL": ""}
    warm.run([sys.executable, "-W", "ignore", "-c", script], check=True, env=env)
    return home


@pytest.mark.slow
def test_a_person_is_erased_by_commands_and_the_product_database_forgets_them(home: Path, tmp_path: Path) -> None:
    clock = ("--at", "2026-11-23T12:00")
    why: list[dict[str, Any]] = json.loads(sekisho(home, "retention", "why", "P-hana", "--json", *clock))
    assert {"class", "subject_kind", "keep_until", "because"} <= why[0].keys()
    assert {"rule", "clause", "article", "from", "until"} <= why[0]["because"][0].keys()
    said = sekisho(home, "erase", "plan", "customer_no:C0000000", "--reason", "subject_request", "--json", *clock)
    plan: dict[str, Any] = json.loads(said)
    assert "09001234567" not in said
    assert plan["warnings"] == []
    sekisho(home, "erase", "run", plan["plan"], *clock, code=1)
    sekisho(home, "erase", "approve", plan["plan"], "--by", "nobody", *clock, code=1)
    sekisho(home, "erase", "approve", plan["plan"], "--by", "sato", *clock, code=1)
    for by in ("mori", "abe"):
        sekisho(home, "erase", "approve", plan["plan"], "--by", by, "--sha256", plan["sha256"], *clock)
    assert json.loads(sekisho(home, "erase", "run", plan["plan"], "--json", *clock))["status"] == "done"
    verified = json.loads(sekisho(home, "erase", "verify", plan["plan"], "--json", *clock))
    assert verified["status"] == "verified"
    # Of what the reader saw in our own database nothing is Hana's: the recycled number's next holder is still there.
    product = next(one for one in verified["verification"]["places"] if one["id"] == "sekisho")
    assert product["residue"] == []
    database = (home / "sekisho.sqlite3").read_bytes()
    for value in ("09001234567", "𠮷田 花乃", "ヨシダ ハナノ", "hanano@example.jp", "C0000000"):
        assert value.encode() not in database
    _take_the_lease(home)  # a serving process was killed a moment ago: its lease still runs for some seconds
    certificate = tmp_path / "certificate.json"
    sekisho(home, "erase", "certify", plan["plan"], "-o", str(certificate), *clock)
    verifier = ROOT / "verifier" / "sekisho_verify.py"
    subprocess.run([sys.executable, str(verifier), str(certificate)], check=True, capture_output=True)
    assert "証明済み" in sekisho(home, "erase", "list")
    subprocess.run([*SEKISHO, "ledger", "verify"], check=True, env=_env(home))


@pytest.mark.slow
def test_the_sweep_by_command_says_what_it_left(home: Path) -> None:
    clock = ("--at", "2026-11-23T12:00")
    due = json.loads(sekisho(home, "retention", "due", "--json", *clock))
    assert json.loads(sekisho(home, "retention", "sweep", "--dry-run", "--json", *clock)) == due
    said = sekisho(home, "retention", "sweep", *clock, code=1)
    assert "一部未了" in said
    assert "誰のものか分からない" in said
    assert json.loads(sekisho(home, "retention", "due", "--json", *clock)) == []


@pytest.mark.slow
def test_a_plan_for_somebody_with_a_contract_warns_and_names_things_in_words(home: Path) -> None:
    clock = ("--at", "2026-11-23T12:00")
    asked = ("erase", "plan", "P-20", "--reason", "request", "--by")
    refused = subprocess.run(
        [*SEKISHO, *asked, "Sato", *clock], capture_output=True, text=True, check=False, env=_env(home)
    )
    assert refused.returncode == 1
    assert "retention.unknown-actor" in refused.stderr
    planned = subprocess.run(
        [*SEKISHO, *asked, "sato", "--json", *clock], capture_output=True, text=True, check=True, env=_env(home)
    )
    assert "erasure.relation-stands" in planned.stderr
    assert json.loads(planned.stdout)["warnings"][0]["code"] == "erasure.relation-stands"
    said = sekisho(home, "retention", "why", "P-20", *clock)
    assert "契約者" in said
    assert "identity." not in said
    assert "contractor" not in said


def _take_the_lease(home: Path) -> None:
    until = (datetime.now(UTC) + timedelta(seconds=6)).strftime("%Y-%m-%d %H:%M:%S")
    with sqlite3.connect(home / "sekisho.sqlite3") as product:
        changed = product.execute("UPDATE evidence_sequencerlease SET holder = 'serve-gone', until = ?", (until,))
        assert changed.rowcount == 1


def test_a_refusal_names_its_remedy(home: Path) -> None:
    ran = warm.run(
        [*SEKISHO, "erase", "verify", "erase-none"],
        capture_output=True,
        text=True,
        check=False,
        env=_env(home),
    )
    assert ran.returncode == 1
    assert "retention.unknown-plan" in ran.stderr
    assert "→" in ran.stderr


def _env(home: Path) -> dict[str, str]:
    return {**os.environ, "SEKISHO_HOME": str(home), "SEKISHO_DATABASE_URL": "", "PYTHONPATH": str(ROOT / "src")}
