"""`sekisho discover` without a source: the carrier's own systems, what is kept of a look, and what waits unsorted."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from sekisho.entrypoints import runtime
from sekisho.entrypoints.cli.refusing import refusing

if TYPE_CHECKING:
    from sekisho.registers.findings.actions import Looked
    from sekisho.registers.findings.queries import Queue
    from sekisho.registers.findings.rules.standing import Place

Said = tuple[list[dict[str, Any]], list[str], bool]  # objects, lines, whether something is wrong


def run(what: str, *, as_json: bool, schema_only: bool, rows: int, only: str | None, language: str) -> int:
    """Do one of `systems`, `again`, `alarms`, `patch`, `queue`; returns the exit code."""
    at = datetime.now(UTC)
    with refusing(), runtime.running():
        from sekisho.registers.findings import actions, queries

        if what == "patch":
            click.echo(queries.patch(at), nl=False)
            return 0
        if what == "queue":
            return _tell(_of_queue(queries.queue(at), language), as_json=as_json)
        if what == "systems":
            chosen = (only,) if only else ()
            looked = actions.look(
                at=at,
                acting_user="cli",
                systems=chosen,
                schema_only=schema_only,
                rows=rows,
                step=_step(quiet=as_json),
            )
            _say(looked, language)
            return _tell(_of_places(queries.alarms(), at, language), as_json=as_json) or int(bool(looked.unread))
        if what == "again":
            looked = actions.look_again(at=at, acting_user="cli", step=_step(quiet=as_json))
            _say(looked, language)
            return _tell(_of_changes(looked, language), as_json=as_json) or int(bool(looked.unread))
        return _tell(_of_places(queries.alarms(), at, language), as_json=as_json)


def _step(*, quiet: bool) -> Callable[[int, int, str], None]:
    def step(done: int, of: int, what: str) -> None:
        if not quiet:
            click.echo(f"\r{done}/{of} {what:<40}", nl=done == of, err=True)

    return step


def _tell(said: Said, *, as_json: bool) -> int:
    objects, lines, is_wrong = said
    click.echo(json.dumps(objects, ensure_ascii=False, indent=2) if as_json else "\n".join(lines))
    return int(is_wrong)


def _say(looked: "Looked", language: str) -> None:
    for place, code in looked.unread.items():
        click.echo(f"! {place}: {code}", err=True)
    if language == "en":
        said = f"{looked.tables} tables ({looked.reread} read), {looked.columns} columns, {looked.findings} findings"
    else:
        said = f"表{looked.tables}件(読んだもの{looked.reread}件)、列{looked.columns}件、発見{looked.findings}件"
    if looked.unread:
        said += (
            f"; {len(looked.unread)} could not be read"
            if language == "en"
            else f"。読めなかったもの{len(looked.unread)}件"
        )
    click.echo(said, err=True)


def _of_places(places: "Sequence[Place]", at: datetime, language: str) -> Said:
    from sekisho.registers.findings import queries

    objects, lines = [], []
    for one in places:
        proposed = queries.proposal(one, at, item=one.answer.item if one.answer and one.answer.is_accepted else "")
        objects.append(
            {
                "place": one.name,
                "standing": one.standing.value,
                "in_map": one.is_in_map,
                "found": [
                    {
                        "type": each.type,
                        "score": each.score,
                        "why": each.why_en if language == "en" else each.why,
                        "rule": each.rule,
                    }
                    for each in one.found
                ],
                "proposal": proposed.line,
                "lapsed": one.lapsed,
            }
        )
        lines.append(f"× {one.name} [{one.standing.value}]")
        lines += [
            f"    {each.type} ({each.score:.2f}): {each.why_en if language == 'en' else each.why}" for each in one.found
        ]
        lines += [f"    → {proposed.line}"] if proposed.line else []
    count = f"{len(places)} not in the data map" if language == "en" else f"データマップにないもの {len(places)}か所"
    return objects, [*lines, count], bool(places)


def _of_changes(looked: "Looked", language: str) -> Said:
    del language  # codes, places and numbers
    objects = [
        {"what": one.what, "place": one.place, "type": one.type, "before": one.before, "now": one.now}
        for one in looked.changes
    ]
    lines = [f"{one.what:<6} {one.place} {one.type} {_score(one.before)} → {_score(one.now)}" for one in looked.changes]
    return objects, lines, False


def _score(score: float | None) -> str:
    return "―" if score is None else f"{score:.2f}"


def _of_queue(queue: "Queue", language: str) -> Said:
    objects, lines = [], []
    for one in queue.tables:
        objects.append(
            {
                "system": one.system,
                "table": one.table,
                "columns": list(one.columns),
                "classes": list(one.classes),
                "within": one.within,
                "rows": one.rows,
                "unsorted": one.unsorted,
                "overdue": one.overdue,
                "oldest": one.oldest.isoformat() if one.oldest else None,
            }
        )
        if language == "en":
            lines.append(
                f"{one.system}.{one.table}: {one.unsorted:,} of {one.rows:,} rows unsorted, {one.overdue:,} longer than "
                f"{one.within}" + (f", the oldest since {one.oldest}" if one.oldest else "")
            )
        else:
            lines.append(
                f"{one.system}.{one.table}: {one.rows:,}行のうち未分類 {one.unsorted:,}、{one.within}を過ぎたもの {one.overdue:,}"
                + (f"、最も古いものは{one.oldest}から" if one.oldest else "")
            )
    lines += [f"! {system}: {code}" for system, code in queue.unread.items()]
    return objects, lines, bool(queue.overdue or queue.unread)
