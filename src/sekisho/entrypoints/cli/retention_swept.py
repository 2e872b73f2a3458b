"""What `sekisho retention due` and `sweep` print: places and items as data map and policy call them, not our ids."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

import click

from sekisho.engine.erasure.strategies import AGGREGATE

if TYPE_CHECKING:
    from sekisho.registers.retention.queries import Overdue, SweepRecord, Wording

GONE, COUNTED = "行を消去する", "集計してから行を消去する"


def labels(at: datetime) -> "Wording":
    """The words that are in force at an instant."""
    from sekisho.registers.retention import queries

    return queries.wording(at)


def due(found: "Overdue", words: "Wording", *, as_json: bool) -> None:
    """What is past its period, what stays, what nobody can judge."""
    if as_json:
        items = [
            {
                "system": one.step.system,
                "table": one.step.table,
                "action": one.step.kind.value,
                "columns": list(one.step.columns),
                "how": one.step.how,
                "classes": list(one.step.items),
                "clauses": list(one.clauses),
                "rows": one.rows,
            }
            for one in found.told
        ]
        click.echo(json.dumps(items, ensure_ascii=False, indent=1))
        return
    for one in found.told:
        what = COUNTED if one.step.how == AGGREGATE else GONE
        if one.step.columns:
            what = _emptied(words, one.step.system, one.step.table, one.step.columns)
        click.echo(f"{one.label}: {one.rows:,}行（{what}、{'、'.join(one.clauses)}）")
    for kept in found.kept:
        ground = {"hold": "保留", "floor_or_claim": "法令または残っている債権"}[kept.ground]
        click.echo(f"留保 {words.place(kept.system, kept.table)}: {kept.rows:,}行（{ground}）")
    for unswept in found.unswept:
        _unswept(words, unswept.code, unswept.system, unswept.rows, dict(unswept.values))
    click.echo(
        f"{found.on.isoformat()} 時点、{found.examined:,}行のうち期間を過ぎたもの {found.rows:,}行（{found.policy}）"
    )


def sweep(run: "SweepRecord", words: "Wording", *, as_json: bool) -> None:
    """What a sweep did, place by place."""
    if as_json:
        items = [
            {
                "system": step.system,
                "table": step.table,
                "action": step.kind,
                "columns": list(step.columns),
                "how": step.how,
                "status": step.status.value,
                "before": step.before,
                "after": step.after,
                "why": step.why,
            }
            for step in run.steps
        ]
        click.echo(json.dumps(items, ensure_ascii=False, indent=1))
        return
    for step in run.steps:
        mark = "✓" if step.status == "done" else "×"
        place = words.place(step.system, step.table)
        what = f"{step.before or 0:,}行 → {step.after or 0:,}行"
        if step.columns:
            what += f"（{_emptied(words, step.system, step.table, step.columns)}）"
        if step.how == AGGREGATE:
            what += f"（{COUNTED}）"
        values = {"system": step.system, "table": step.table}
        why = f"　{words.code(step.why, values)}（{step.why}）" if step.why else ""
        click.echo(f"{mark} {place}: {'痕跡の除去' if step.kind == 'purge' else what}{why}")
    for one in run.unswept:
        _unswept(words, one["code"], one["system"], one["rows"], one["values"])
    word = "完了" if run.status == "done" else "一部未了"
    click.echo(f"{word}: {run.examined:,}行を調べ、期限の来ていたものは{run.erased:,}行でした（{run.ref}）")


def _emptied(words: "Wording", system: str, table: str, columns: Iterable[str]) -> str:
    return f"{words.columns(system, table, columns)} を空にする"


def _unswept(words: "Wording", code: str, system: str, rows: int | None, values: dict[str, str]) -> None:
    count = f"{rows:,}行" if rows is not None else "読めません"
    click.echo(f"! 未判定 {words.place(system)}: {count}（{words.code(code, {'system': system, **values})}）")
