"""`sekisho sql` as somebody types it: JSON, CSV, batches, what would run, refusals a newcomer can read."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner, Result

from sekisho.entrypoints import runtime
from sekisho.entrypoints.cli.main import main
from sekisho.registers.projections import rules


@pytest.fixture
def sekisho(sql_world: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Any:
    @contextmanager
    def running() -> Iterator[None]:
        yield

    monkeypatch.setattr(runtime, "running", running)

    def call(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["sql", *arguments])

    return call


def test_json_has_the_shape_everybody_relies_on(sekisho: Any) -> None:
    done = sekisho(
        "--purpose",
        "support",
        "--actor",
        "s-biller",
        "--json",
        "SELECT kind, count(*) AS n FROM support.tickets GROUP BY kind ORDER BY kind",
    )
    told = json.loads(done.stdout)
    assert done.exit_code == 0
    assert told["columns"] == ["kind", "n"]
    assert [row[0] for row in told["rows"]] == ["故障", "料金"]
    assert told["refused"] is None


def test_a_refusal_in_json_names_column_and_clause(sekisho: Any) -> None:
    done = sekisho("--purpose", "analysis", "--actor", "s-analyst", "--json", "SELECT name FROM crm.subscribers")
    told = json.loads(done.stdout)
    assert done.exit_code == 1
    assert (told["columns"], told["rows"]) == ([], [])
    assert (
        told["refused"].items()
        >= {"code": "query.hidden-column", "column": "crm.subscribers.name", "clause": "B-52"}.items()
    )


def test_a_refusal_in_words_says_what_to_do(sekisho: Any) -> None:
    done = sekisho("--purpose", "analysis", "--actor", "s-analyst", "SELECT name FROM crm.subscribers")
    assert done.exit_code == 1
    assert "crm.subscribers.name" in done.stderr
    assert "→" in done.stderr
    wrong = sekisho("--purpose", "analyses", "--actor", "s-analyst", "SELECT 1 AS one FROM crm.subscribers")
    assert "analysis" in wrong.stderr


def test_a_batch_answers_every_line(sekisho: Any, tmp_path: Path) -> None:
    file = tmp_path / "queries.jsonl"
    lines = [
        json.dumps({"id": "a", "query": "SELECT count(*) AS n FROM support.tickets"}),
        json.dumps("SELECT body FROM support.tickets LIMIT 1"),
        "nonsense",
        json.dumps({"id": "d", "query": "SELECT * FROM read_csv('/etc/passwd')"}),
    ]
    file.write_text("\n".join(lines), encoding="utf-8")
    done = sekisho("--purpose", "support", "--actor", "s-biller", "--batch", str(file))
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == 1
    assert [one["refused"]["code"] if one["refused"] else None for one in told] == [
        None,
        None,
        "projections.malformed-line",
        "query.part-not-allowed",
    ]
    assert [one.get("id") for one in told] == ["a", None, None, "d"]


def test_explain_says_what_would_run_and_who_is_left_out(sekisho: Any) -> None:
    done = sekisho(
        "--purpose",
        "analysis",
        "--actor",
        "s-analyst",
        "--explain",
        "--json",
        "SELECT sex, count(*) AS n FROM crm.subscribers GROUP BY sex",
    )
    told = json.loads(done.stdout)
    assert ">= 10" in told["runs"]
    assert told["columns"] == ["crm.subscribers.sex"]
    assert told["output"] == [{"name": "sex", "from": ["crm.subscribers.sex"]}, {"name": "n", "from": []}]
    [projection] = told["projections"]
    assert projection["rows"] + sum(lost["count"] for lost in projection["lost"]) == 60
    assert {lost["code"] for lost in projection["lost"]} == {
        "gate.purpose-accepted",
        "gate.objection",
        "gate.restricted",
    }
    words = sekisho(
        "--purpose",
        "analysis",
        "--actor",
        "s-analyst",
        "--explain",
        "SELECT sex, count(*) AS n FROM crm.subscribers GROUP BY sex",
    )
    assert "10人に満たない" in words.stdout


def test_csv_cells_are_no_formulas(sekisho: Any) -> None:
    done = sekisho(
        "--purpose",
        "support",
        "--actor",
        "s-biller",
        "--csv",
        "SELECT kind AS \"=cmd\", '=1+1' AS a, '-2' AS b, 3 AS c FROM support.tickets LIMIT 1",
    )
    head, row = done.stdout.splitlines()
    assert head == "'=cmd,a,b,c"
    assert row.endswith(",'=1+1,'-2,3")


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", "\t=1", " =1", "　＝1", "＠x", "%x", "|x", "\r=1"])
def test_whatever_a_spreadsheet_runs_is_quoted(cell: str) -> None:
    assert str(rules.harmless(cell)).startswith("'")


def test_numbers_and_names_stay(sekisho: Any) -> None:
    assert [rules.harmless(value) for value in (-1, 1.5, None, "山田")] == [-1, 1.5, None, "山田"]


def test_who_asks_must_be_said_outside_a_demo(sekisho: Any) -> None:
    done = sekisho("--purpose", "support", "SELECT count(*) AS n FROM support.tickets")
    assert done.exit_code == 2
    assert "--actor" in done.stderr
