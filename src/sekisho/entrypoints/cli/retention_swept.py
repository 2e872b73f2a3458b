"""What `sekisho retention due` and `sweep` print: places and items as data map and policy call them, not our ids."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import click

from sekisho.engine.catalog.model import DataMap
from sekisho.engine.errors import text
from sekisho.engine.policy.model import Policy

if TYPE_CHECKING:
    from sekisho.registers.retention.queries import Overdue, SweepRecord

ROOM = "sekisho.registers.retention"


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """The carrier's own words for its systems, tables and items. What they do not know stays as it is."""

    datamap: DataMap
    policy: Policy

    def place(self, system: str, table: str = "") -> str:
        """A system, or a table in it."""
        known = self.datamap.systems.get(system)
        if known is None:
            return f"{system}.{table}".strip(".")
        named = known.tables.get(table)
        return f"{known.label}　{named.label if named else table}".rstrip("　")

    def columns(self, system: str, table: str, columns: Iterable[str]) -> str:
        """What columns hold, as the policy calls it."""
        from sekisho.registers.retention.queries import item_label

        known = self.datamap.systems.get(system)
        found = known.tables.get(table) if known else None
        said: dict[str, None] = {}
        for name in columns:
            items = found.columns[name].items if found and name in found.columns else ()
            said |= dict.fromkeys((item_label(self.policy, item) for item in items) if items else (name,))
        return "、".join(said)


def labels(at: datetime) -> Labels:
    """The words that are in force at an instant."""
    from sekisho.registers.datamap import queries as datamap
    from sekisho.registers.policies import queries as policies

    return Labels(datamap=datamap.current(), policy=policies.in_force(at))


def due(found: "Overdue", words: Labels, *, as_json: bool) -> None:
    """What is past its period, what stays, what nobody can judge."""
    if as_json:
        items = [
            {
                "system": one.step.system,
                "table": one.step.table,
                "action": one.step.kind.value,
                "columns": list(one.step.columns),
                "classes": list(one.step.items),
                "clauses": list(one.clauses),
                "rows": one.rows,
            }
            for one in found.told
        ]
        click.echo(json.dumps(items, ensure_ascii=False, indent=1))
        return
    for one in found.told:
        what = (
            _emptied(words, one.step.system, one.step.table, one.step.columns) if one.step.columns else "行を消去する"
        )
        click.echo(f"{one.label}: {one.rows:,}行（{what}、{'、'.join(one.clauses)}）")
    for kept in found.kept:
        ground = {"hold": "保留", "floor_or_claim": "法令または残っている債権"}[kept.ground]
        click.echo(f"留保 {words.place(kept.system, kept.table)}: {kept.rows:,}行（{ground}）")
    for unswept in found.unswept:
        _unswept(words, unswept.code, unswept.system, unswept.rows, dict(unswept.values))
    click.echo(
        f"{found.on.isoformat()} 時点、{found.examined:,}行のうち期間を過ぎたもの {found.rows:,}行（{found.policy}）"
    )


def sweep(run: "SweepRecord", words: Labels, *, as_json: bool) -> None:
    """What a sweep did, place by place."""
    if as_json:
        items = [
            {
                "system": step.system,
                "table": step.table,
                "action": step.kind,
                "columns": list(step.columns),
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
        click.echo(f"{mark} {place}: {'痕跡の除去' if step.kind == 'purge' else what} {step.why}".rstrip())
    for one in run.unswept:
        _unswept(words, one["code"], one["system"], one["rows"], one["values"])
    word = "完了" if run.status == "done" else "一部未了"
    click.echo(f"{word}: {run.examined:,}行を調べ、期限の来ていたものは{run.erased:,}行でした（{run.ref}）")


def _emptied(words: Labels, system: str, table: str, columns: Iterable[str]) -> str:
    return f"{words.columns(system, table, columns)} を空にする"


def _unswept(words: Labels, code: str, system: str, rows: int | None, values: dict[str, str]) -> None:
    count = f"{rows:,}行" if rows is not None else "読めません"
    room = {"erasure": "sekisho.engine.erasure", "connector": "sekisho.connectors"}.get(code.split(".", 1)[0], ROOM)
    said = text(room, code, "ja", {"system": system, **values}) if room != "sekisho.connectors" else code
    click.echo(f"! 未判定 {words.place(system)}: {count}（{said}）")
