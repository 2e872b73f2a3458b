"""`sekisho promises`: look at every promise and print the board; exit 1 if any is broken."""

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from sekisho.entrypoints import runtime
from sekisho.entrypoints.cli.refusing import refusing

if TYPE_CHECKING:
    from sekisho.assurance.promises.rules import Row

WORDS = {"kept": "○ 履行中", "unproven": "△ 未確認", "broken": "× 違反  "}
DOUBTS = {
    "no_proof": "まだ確かめる手段がありません",
    "not_looked": "この版になってから、まだ確かめていません",
    "nothing_seen": "見る対象が0件でした",
    "stale": "証拠の有効期限が過ぎました",
    "failed": "確かめる途中で止まりました",
}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="one JSON object per promise")
@click.option("--no-check", is_flag=True, help="print what was seen last, without looking again")
def command(as_json: bool, no_check: bool) -> None:
    """Look at every promise of the policy in force and print the board; exit 1 if any is broken."""
    at = datetime.now(UTC)
    with refusing(), runtime.running():
        from sekisho.assurance.promises import actions, queries

        if not no_check:
            actions.check_all(at, acting_user="cli")
        rows = queries.board(at)
    _print(rows, as_json=as_json)
    sys.exit(1 if any(row.verdict == "broken" for row in rows) else 0)


def _print(rows: "Sequence[Row]", *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps([as_object(row) for row in rows], ensure_ascii=False, indent=1))
        return
    for row in rows:
        click.echo(f"{WORDS[row.verdict]}  {row.id:<6} {row.figure or DOUBTS.get(row.doubt, '')}")
        if row.verdict != "kept" and (row.why or row.figure):
            click.echo(f"{'':18}{row.why or DOUBTS.get(row.doubt, '')}")
    counts = {verdict: sum(row.verdict == verdict for row in rows) for verdict in WORDS}
    click.echo(f"\n{len(rows)} の約束: 履行中 {counts['kept']}、未確認 {counts['unproven']}、違反 {counts['broken']}")


def as_object(row: "Row") -> dict[str, object]:
    """One promise in the shape of DESIGN.md section 8."""
    return {
        "id": row.id,
        "statement": row.statement,
        "details": list(row.details),
        "verdict": row.verdict.value,
        "figure": row.figure,
        "evidence": row.evidence,
        "checked_at": row.checked_at.isoformat() if row.checked_at else None,
        "fresh_until": row.fresh_until.isoformat() if row.fresh_until else None,
        "why": row.why or DOUBTS.get(row.doubt.value, ""),
        "looked_at": row.looked_at,
        "proof": row.proof,
        "doubt": row.doubt.value,
    }
