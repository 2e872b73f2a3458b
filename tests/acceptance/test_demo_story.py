"""The story as a person would try it: `sekisho demo` in a folder of its own, then what it left behind.

One small carrier is built for the whole module; every check reads what is really on disk.
"""

import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator

import duckdb
import pyarrow.parquet as pq
import pytest
import warm

from sekisho.demo.designated import STORY_NUMBER

ROOT = pathlib.Path(__file__).resolve().parents[2]
VERIFIER = ROOT / "verifier" / "sekisho_verify.py"
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


def spellings(number: str) -> tuple[str, ...]:
    hyphenated = f"{number[:3]}-{number[3:7]}-{number[7:]}"
    return (number, hyphenated, number.translate(WIDE), hyphenated.translate(WIDE), f"+81{number[1:]}")


def run(home: pathlib.Path, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key != "SEKISHO_DATABASE_URL"}
    return warm.run(
        [sys.executable, "-m", "sekisho.entrypoints.cli.main", *arguments],
        env=environment | {"SEKISHO_HOME": str(home), "COLUMNS": "160"},
        capture_output=True,
        text=True,
        check=False,
        input=stdin,
    )


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[pathlib.Path, pathlib.Path, str]:
    """The home, the policy folder it follows, and what the story said."""
    place = tmp_path_factory.mktemp("story")
    policy = shutil.copytree(ROOT / "policies" / "arlink", place / "policy")
    home = place / "home"
    done = run(home, "demo", "--subscribers", "400", "--calls", "8000", "--policy", str(policy))
    assert done.returncode == 0, done.stderr
    return home, policy, done.stdout


def test_the_story_says_what_happened(told: tuple[pathlib.Path, pathlib.Path, str]) -> None:
    said = told[2]
    assert "104/104条項" in said
    assert "件を判定しました" in said
    assert "期限の来た" in said
    assert "別の読み手で確かめました" in said
    assert "問題はありません" in said
    assert "履行台帳" in said


def test_the_certificate_is_accepted_offline_by_one_file_that_knows_nothing_of_us(
    told: tuple[pathlib.Path, pathlib.Path, str], tmp_path: pathlib.Path
) -> None:
    certificate = told[0] / "erasure-certificate.json"
    alone = shutil.copy(VERIFIER, tmp_path / "verify.py")
    done = subprocess.run([sys.executable, "-I", alone, certificate], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    document = json.loads(certificate.read_text(encoding="utf-8"))
    forged = json.dumps(document, ensure_ascii=False).replace("2026", "2025", 1)
    (tmp_path / "forged.json").write_text(forged, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-I", alone, tmp_path / "forged.json"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1


def test_the_erased_number_is_nowhere_in_five_stores_decoded(told: tuple[pathlib.Path, pathlib.Path, str]) -> None:
    wanted = spellings(STORY_NUMBER)
    found = [f"{where}: {value}" for where, value in _everything(told[0]) if any(s in value for s in wanted)]
    assert found == []


def test_the_erased_number_is_nowhere_in_any_byte_of_the_home(told: tuple[pathlib.Path, pathlib.Path, str]) -> None:
    wanted = [s.encode(e) for s in spellings(STORY_NUMBER) for e in ("utf-8", "cp932", "utf-16-le")]
    found = [
        path.name
        for path in told[0].rglob("*")
        if path.is_file() and any(needle in path.read_bytes() for needle in wanted)
    ]
    assert found == []


def test_the_reader_of_this_test_would_see_a_number_left_behind(told: tuple[pathlib.Path, pathlib.Path, str]) -> None:
    """The two tests above can fail: somebody else's number is found by the same reading."""
    with sqlite3.connect(told[0] / "systems" / "crm.sqlite3") as crm:
        (number,) = crm.execute("SELECT number FROM number_assignments LIMIT 1").fetchone()
    assert any(number in value for _, value in _everything(told[0]))


def test_a_forbidden_use_changes_sentence_decision_reason_and_board_with_no_code_touched(
    told: tuple[pathlib.Path, pathlib.Path, str], tmp_path: pathlib.Path
) -> None:
    home, policy = shutil.copytree(told[0], tmp_path / "home"), told[1]
    edited = shutil.copytree(policy, tmp_path / "policy")
    configuration = home / "carrier.yaml"
    configuration.write_text(configuration.read_text().replace(str(policy), str(edited)))
    with sqlite3.connect(home / "sekisho.sqlite3") as product:
        (person,) = product.execute(
            "SELECT c.person_ref FROM consents_consentevent c JOIN identities_person p ON p.ref = c.person_ref "
            "WHERE c.kind = 'accepted_purpose' AND c.scope = '*' AND p.deceased_on IS NULL AND p.is_protected = 0 "
            "AND p.guardian_ref = '' AND NOT EXISTS (SELECT 1 FROM identities_suppression s WHERE s.person_ref = p.ref) "
            "AND EXISTS (SELECT 1 FROM identities_identifier i WHERE i.person_ref = p.ref AND i.kind = 'customer_no' "
            "AND i.until IS NULL) ORDER BY p.ref LIMIT 1"
        ).fetchone()
    ask = json.dumps(
        {
            "actor": "bunseki",
            "act": "use",
            "data_subjects": [person],
            "items": ["identity.sex"],
            "purpose": "analysis",
        }
    )
    before = json.loads(run(home, "decide", stdin=ask).stdout)
    sentence_before = run(home, "policy", "render", str(edited), "--format", "md").stdout
    board_before = run(home, "promises", "--json").stdout

    text = (edited / "policy.yaml").read_text(encoding="utf-8")
    forbid = "  - {purpose: analysis, items: [identity], clause: B-52}\n"
    (edited / "policy.yaml").write_text(
        text.replace("prohibitions:\n", f"prohibitions:\n{forbid}", 1), encoding="utf-8"
    )

    after = json.loads(run(home, "decide", stdin=ask).stdout)
    sentence_after = run(home, "policy", "render", str(edited), "--format", "md").stdout
    board_after = run(home, "promises", "--json").stdout
    assert before["decision"] == "permit", before
    assert after["decision"] == "refuse"
    assert "B-52" in {reason["clause"] for reason in after["reasons"]}
    assert sentence_before != sentence_after
    assert _statements(board_before)["B-52"] != _statements(board_after)["B-52"] or board_before != board_after


def test_a_broken_edit_is_refused_with_both_places_and_nothing_changes(
    told: tuple[pathlib.Path, pathlib.Path, str], tmp_path: pathlib.Path
) -> None:
    edited = shutil.copytree(told[1], tmp_path / "policy")
    text = (edited / "policy.yaml").read_text(encoding="utf-8")
    text = text.replace(
        "uses:\n", "uses:\n  - {purpose: campain, of: [customer], items: [identity], clause: B-61}\n", 1
    )
    lines = [line for line in text.splitlines() if "desk_identity_image" not in line or "keep:" not in line]
    (edited / "policy.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = run(told[0], "policy", "check", str(edited), "--json")
    assert done.returncode == 1
    faults = [fault for fault in json.loads(done.stdout) if fault["severity"] == "error"]
    assert {"policy.unknown-name", "policy.no-retention"} & {fault["code"] for fault in faults}
    assert len({(fault["line"], fault["column"]) for fault in faults}) >= 2
    assert all(fault["remedy"] for fault in faults)


def test_the_ledger_says_so_when_a_row_is_gone(
    told: tuple[pathlib.Path, pathlib.Path, str], tmp_path: pathlib.Path
) -> None:
    home = shutil.copytree(told[0], tmp_path / "home")
    assert run(home, "ledger", "verify").returncode == 0
    with sqlite3.connect(home / "sekisho.sqlite3") as product:
        for (trigger,) in product.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            product.execute(f'DROP TRIGGER "{trigger}"')
        product.execute('DELETE FROM evidence_entry WHERE "index" = 5')
    assert run(home, "ledger", "verify").returncode == 1


def _statements(board: str) -> dict[str, str]:
    return {row["id"]: row["statement"] for row in json.loads(board)}


def _everything(home: pathlib.Path) -> Iterator[tuple[str, str]]:
    """Every value of the five stores and the product database, each read by its own plain reader."""
    for name in ("systems/crm.sqlite3", "systems/hr.sqlite3", "sekisho.sqlite3"):
        with sqlite3.connect(home / name) as store:
            for (table,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                for row in store.execute(f'SELECT * FROM "{table}"'):
                    yield f"{name} {table}", str(row)
    with duckdb.connect(str(home / "systems" / "billing.duckdb"), read_only=True) as store:
        for (table,) in store.execute("SELECT table_name FROM information_schema.tables").fetchall():
            for row in store.execute(f'SELECT * FROM "{table}"').fetchall():
                yield f"billing {table}", str(row)
    for path in (home / "systems" / "cdr").rglob("*"):
        if path.suffix == ".parquet":
            for column in pq.read_table(path, partitioning=None).columns:
                for value in {str(value) for value in column.to_pylist()}:
                    yield path.name, value
        elif path.is_file():
            yield path.name, path.read_text(encoding="utf-8", errors="replace")
    for path in (home / "systems" / "support").rglob("*"):
        if path.is_file():
            yield path.name, path.read_text(encoding="utf-8")
