"""`sekisho sql`: SQL under a purpose."""

import json
import math
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, TextIO, TypeVar

import click

from sekisho.engine.errors import SekishoError
from sekisho.entrypoints.cli.misuse import give_one
from sekisho.entrypoints.cli.steps import stepping

if TYPE_CHECKING:
    from sekisho.connectors.sandbox import Limits, Sandbox
    from sekisho.registers.projections.actions import Answer, Asked

ROOM = "sekisho.registers.projections"
MOST_COPIES = 64  # as many tables as a query may name, and more
T = TypeVar("T")


@click.command()
@click.argument("query", required=False)
@click.option("--purpose", required=True, metavar="P", help="a purpose that the policy publishes")
@click.option(
    "--actor", metavar="A", help="who asks: a reference of staff or a machine  [SEKISHO_ACTOR; demo: an analyst]"
)
@click.option("--channel", metavar="C", help="mail, sms, phone or post, where the purpose is to solicit")
@click.option("--spark", metavar="URL", help="sc://host:port of a Spark Connect server that builds and asks instead")
@click.option("--batch", type=click.File(encoding="utf-8"), help='JSON lines: "SELECT …" or {"query": …, "id": …}')
@click.option(
    "--explain", "only_explain", is_flag=True, help="what would run, on which columns, which rows are lost and why"
)
@click.option("--no-wait", is_flag=True, help="where the copy of a large table is not there yet, ask for it and end")
@click.option("--json", "as_json", is_flag=True, help="{columns, rows, refused}")
@click.option("--csv", "as_csv", is_flag=True, help="CSV in which no cell is a formula")
@click.option("--most-rows", type=int, default=100_000, show_default=True, help="an answer with more rows is refused")
@click.option("--seconds", type=int, default=60, show_default=True, help="a query that takes longer is ended")
def command(
    query: str | None,
    purpose: str,
    actor: str | None,
    channel: str | None,
    spark: str | None,
    batch: TextIO | None,
    only_explain: bool,
    no_wait: bool,
    as_json: bool,
    as_csv: bool,
    most_rows: int,
    seconds: int,
) -> None:
    """Run one SELECT over what PURPOSE may see; tables are written system.table.

    It runs in a process of its own that holds copies of the permitted columns only, without the people who refused. The
    copy of a large table is built by a job, which is followed here; it goes on where this command is stopped.
    """
    if (query is None) == (batch is None):
        raise give_one("QUERY", "--batch FILE")
    from sekisho.connectors.sandbox import Limits, Sandbox

    with (
        Sandbox() if not only_explain and not spark else nullcontext() as first,
        opened(),
    ):  # ready while this process gets ready
        run = _Runner(purpose, _actor(actor), channel, spark, Limits(rows=most_rows, seconds=seconds), first)
        run.waits = not no_wait
        if batch is not None:
            answered = [run.line(line) for line in batch if line.strip()]
            sys.exit(0 if all(answered) else 1)
        sys.exit(0 if run.one(str(query), only_explain=only_explain, as_json=as_json, as_csv=as_csv) else 1)


class _Runner:
    """Runs queries and prints their answers."""

    def __init__(
        self,
        purpose: str,
        actor: str,
        channel: str | None,
        spark: str | None,
        limits: "Limits",
        first: "Sandbox | None",
    ) -> None:
        self.purpose, self.actor, self.channel, self.spark = purpose, actor, channel, spark
        self.limits, self.first = limits, first
        self.waits = True
        self.waited: tuple[str, ...] = ()  # requests of copies that were built for us

    def one(self, query: str, *, only_explain: bool, as_json: bool, as_csv: bool) -> bool:
        """One query to standard output; whether it was answered."""
        try:
            if only_explain:
                click.echo(
                    json.dumps(self._explained(query), ensure_ascii=False, indent=1) if as_json else self._told(query)
                )
                return True
            answer = self._answer(query)
        except SekishoError as error:
            if as_json:
                click.echo(json.dumps(refused_json(error), ensure_ascii=False))
            else:
                where = getattr(error, "clause", "") or error.values.get("clause", "")
                click.echo(
                    f"× {error.message()}\n  → {error.remedy()}\n  ({error.code}{f', {where}' if where else ''})",
                    err=True,
                )
            return False
        if as_json:
            click.echo(json.dumps(answer_json(answer), ensure_ascii=False))
        elif as_csv:
            click.echo(_csv(answer), nl=False)
        else:
            _print(answer)
        return True

    def line(self, line: str) -> bool:
        """One line of a batch, as a line of JSON; whether it was answered."""
        told: dict[str, object] = {}
        try:
            said = json.loads(line)
            told = {"id": said["id"]} if isinstance(said, dict) and "id" in said else {}
            answer = answer_json(self._answer(_query_of(said)))
        except ValueError:
            answer = refused_json(SekishoError("projections.malformed-line", room=ROOM))
        except SekishoError as error:
            answer = refused_json(error)
        click.echo(json.dumps(told | answer, ensure_ascii=False))
        return answer["refused"] is None

    def _asked(self, query: str) -> "Asked":
        from sekisho.registers.projections.actions import Asked

        return Asked(
            query=query,
            purpose=self.purpose,
            actor=self.actor,
            at=datetime.now(UTC),
            channel=self.channel,
            spark=self.spark,
            limits=self.limits,
            waited=self.waited,
        )

    def _patiently(self, do: Callable[[], T]) -> T:
        """What `do` answers, once the jobs it asked for have built their copies."""
        for _ in range(MOST_COPIES):
            try:
                return do()
            except SekishoError as error:
                if error.code != "projections.being-built" or not self.waits:
                    raise
                from sekisho.entrypoints import working

                with stepping(f"写しをつくる {error.values['table']}") as bar:
                    working.build_copy(job=str(error.values["job"]), told=bar)
                self.waited += (str(error.values["request"]),)
        return do()

    def _answer(self, query: str) -> "Answer":
        from sekisho.registers.projections.actions import run

        def once() -> "Answer":
            first, self.first = self.first, None
            return run(self._asked(query), first)

        return self._patiently(once)

    def _explained(self, query: str) -> dict[str, object]:
        from sekisho.registers.projections.actions import explain

        seen, plan, projections = self._patiently(lambda: explain(self._asked(query)))
        return {
            "runs": plan.text,
            "policy": seen.policy.era,
            "purpose": self.purpose,
            "minimum_group": plan.minimum_group,
            "columns": [".".join(one) for one in sorted(plan.used)],
            "output": [{"name": one.name, "from": [".".join(source) for source in one.sources]} for one in plan.output],
            "projections": [
                {
                    "table": f"{one.system}.{one.table}",
                    "key": one.key,
                    "items": one.items,
                    "rows": one.rows,
                    "lost": one.lost,
                    "epoch": one.epoch,
                    "expires_at": one.expires_at.isoformat(),
                }
                for one in projections
            ],
            "refused": None,
        }

    def _told(self, query: str) -> str:
        said = self._explained(query)
        lines = [f"目的 {said['purpose']}（{said['policy']}）", f"実行するもの: {said['runs']}", "使う列:"]
        lines += [f"   {column}" for column in said["columns"]]  # type: ignore[attr-defined]
        if said["minimum_group"]:
            lines.append(f"{said['minimum_group']}人に満たないまとまりは出しません")
        for one in said["projections"]:  # type: ignore[attr-defined]
            lines.append(f"{one['table']}: {one['rows']:,}行を使えます（写しは {one['expires_at'][:16]} まで）")
            lines += [f"   除いた {lost['count']:,}行: {lost['message']}（{lost['clause']}）" for lost in one["lost"]]
        return "\n".join(lines)


def _query_of(said: object) -> str:
    query = said.get("query") if isinstance(said, dict) else said
    if not isinstance(query, str):
        raise SekishoError("projections.malformed-line", room=ROOM)
    return query


def answer_json(answer: "Answer") -> dict[str, object]:
    """The shape of DESIGN.md section 8, and what the answer rested on."""
    columns = answer.rows.column_names
    return {
        "columns": columns,
        "rows": [[_plain(value) for value in row] for row in _rows(answer)],
        "refused": None,
        "policy": answer.seen.policy.era,
        "epoch": answer.epoch,
        "evidence": answer.entry,
        "isolation": list(answer.isolation),
        "minimum_group": answer.plan.minimum_group,
        "withheld": answer.withheld,
    }


def refused_json(error: SekishoError) -> dict[str, object]:
    """The same shape for a refusal."""
    refused: dict[str, object] = {"code": error.code, "message": error.message(), "remedy": error.remedy()}
    for name in ("column", "clause"):
        value = getattr(error, name, "") or error.values.get(name, "")
        if value:
            refused[name] = value
    return {"columns": [], "rows": [], "refused": refused}


def _csv(answer: "Answer") -> str:
    from sekisho.registers.projections.rules import csv_text

    return csv_text(answer.rows)


def _rows(answer: "Answer") -> Iterator[tuple[object, ...]]:
    columns = [column.to_pylist() for column in answer.rows.columns]
    yield from zip(*columns, strict=True)


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)


def _print(answer: "Answer") -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(show_lines=False)
    for name in answer.rows.column_names:
        table.add_column(Text(name))
    for row in _rows(answer):
        table.add_row(*(Text("" if value is None else str(_plain(value))) for value in row))
    console = Console()
    console.print(table)
    apart = "、".join(WORDS[one] for one in answer.isolation if one in WORDS)
    click.echo(f"{answer.rows.num_rows:,}行（{answer.seen.policy.era}、証跡 {answer.entry}）", err=True)
    click.echo(f"隔離: {apart}", err=True)
    if answer.plan.minimum_group:
        click.echo(f"{answer.plan.minimum_group}人に満たないまとまりは出していません", err=True)
    if answer.withheld:
        click.echo(f"前に出したまとまりとの差から人が分かる {answer.withheld:,}件は伏せました", err=True)


WORDS = {
    "network": "通信なし",
    "folder": "写しのほかのファイルなし",
    "user": "権限のない利用者",
    "landlock": "写しのほかのファイルなし",
    "cluster": "クラスタの権限による（写しのほかに名前は通らない）",
    "limits": "書き込みなし・時間と記憶の上限",
}


def _actor(actor: str | None) -> str:
    """Who asks: as told, else in a demo its analyst. Raises: projections.actor-missing."""
    from sekisho.entrypoints import carrier as carriers
    from sekisho.entrypoints import home as homes
    from sekisho.registers.projections.queries import default_actor

    told = os.environ.get("SEKISHO_ACTOR") if actor is None else actor
    if told == "":  # an unset variable of a script must not become somebody else
        raise SekishoError("projections.actor-missing", room=ROOM)
    if told:
        return told
    carrier = carriers.read(homes.directory())
    found = default_actor(datetime.now(UTC)) if carrier is not None and carrier.demo else None
    if found is None:
        raise SekishoError("projections.actor-missing", room=ROOM)
    return found


@contextmanager
def opened() -> Iterator[None]:
    """The carrier's registers; a refusal is told with its remedy, exit 2."""
    from sekisho.entrypoints import runtime

    try:
        with runtime.running():
            yield
    except SekishoError as error:
        click.echo(f"× {error.message()}\n  → {error.remedy()}\n  ({error.code})", err=True)
        sys.exit(2)
