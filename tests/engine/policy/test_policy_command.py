"""`sekisho policy`: exit codes, shapes of --json, and no Django."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sekisho.entrypoints.cli.policy import command

ROOT = Path(__file__).resolve().parents[3]


def run(*args: str) -> Result:
    return CliRunner().invoke(command, list(args))


@pytest.fixture
def folder(tmp_path: Path, small_text: str) -> Path:
    (tmp_path / "policy.yaml").write_text(small_text, encoding="utf-8")
    return tmp_path


def test_check_counts_the_clauses_of_both_policies() -> None:
    for name, count in (("arlink", 104), ("carrier", 37)):
        result = run("check", str(ROOT / "policies" / name))
        assert result.exit_code == 0, result.output
        assert f"{count}/{count} clauses" in result.output


def test_check_names_every_fault_and_exits_1(folder: Path, small_text: str) -> None:
    broken = small_text.replace("purpose: marketing, of", "purpose: marketting, of").replace("keep: P6M", "keep: 6M")
    (folder / "policy.yaml").write_text(broken, encoding="utf-8")
    result = run("check", str(folder))
    assert result.exit_code == 1
    assert "clauses" not in result.output.splitlines()[-1]
    assert result.output.count("policy.yaml:") == 3  # and the warning that marketing is now unused
    listed = json.loads(run("check", str(folder), "--json").output)
    assert [(one["code"], one["severity"]) for one in listed] == [
        ("policy.purpose-unused", "warning"),
        ("policy.unknown-purpose", "error"),
        ("policy.bad-duration", "error"),
    ]
    assert set(listed[0]) >= {"code", "severity", "path", "line", "column", "clause", "source", "message", "remedy"}


def test_a_dropped_clause_fails_the_check(folder: Path, small_text: str) -> None:
    lines = [line for line in small_text.splitlines() if not line.startswith("  S-02: ")]
    (folder / "policy.yaml").write_text("\n".join(lines).replace("clause: S-02", "clause: S-01"), encoding="utf-8")
    result = run("check", str(folder))
    assert result.exit_code == 1
    assert "S-02" in result.output


def test_lint_render_diff_and_schema(folder: Path, tmp_path: Path) -> None:
    linted = json.loads(run("lint", str(folder), "--json", "--on", "2026-11-23").output)
    assert {one["severity"] for one in linted} <= {"warning", "note"}
    assert run("lint", str(ROOT / "policies" / "arlink")).exit_code == 1  # a fee the law does not allow is an error
    page = tmp_path / "page.html"
    assert run("render", str(folder), "--language", "en", "-o", str(page)).exit_code == 0
    assert '<html lang="en">' in page.read_text(encoding="utf-8")
    assert run("render", str(folder), "--format", "md").output.startswith("# 小さなポリシー")
    assert run("diff", str(folder), str(folder)).output == "0 changes\n"
    assert json.loads(run("diff", str(folder), str(folder), "--json").output) == []
    assert json.loads(run("schema").output)["title"].startswith("Sekisho")


def test_a_file_that_is_not_utf8_is_refused(folder: Path) -> None:
    (folder / "policy.yaml").write_bytes("sekisho: 1 # 関所".encode("cp932"))
    result = run("check", str(folder))
    assert (result.exit_code, "not UTF-8" in result.output) == (1, True)


def test_the_policy_commands_never_load_django() -> None:
    script = (
        "import sys\n"
        "from sekisho.entrypoints.cli.main import main\n"
        "sys.argv[1:] = ['policy', 'check', sys.argv[1]]\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert end.code == 0, end.code\n"
        "heavy = {name.partition('.')[0] for name in sys.modules} & {'django', 'ninja', 'dbos', 'duckdb', 'sqlglot', 'numpy'}\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(ROOT / "policies" / "arlink")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
