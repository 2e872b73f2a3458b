"""`sekisho desk`: the request desk from a terminal: forms out, paper in, the book of a day."""

import json
import sys
from datetime import UTC, date, datetime, time
from pathlib import Path

import click

from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import TOKYO, tokyo_date
from sekisho.entrypoints.cli.desk_gathering import gather, redactions
from sekisho.entrypoints.cli.groups import Commands
from sekisho.entrypoints.cli.retention import AS_JSON, AT, BY, acting, instant, opened

CHANNELS = {"mail": "郵送", "fax": "ファクス", "web": "ウェブ", "e_mail": "メール", "shop": "店頭", "phone": "電話"}
STATES = {
    "waiting": "人が読む",
    "cased": "案件をつくった",
    "linked": "案件に結びついた",
    "complaint": "苦情として受け付けた",
    "guided": "様式を送った、または案内した",
    "not_ours": "あて先違い",
    "unreadable": "読み取れない",
}
SUFFIXES = frozenset({".pdf", ".tif", ".tiff", ".jpg", ".jpeg", ".png"})


@click.group(cls=Commands)
def command() -> None:
    """Forms out, paper in, what is held gathered, and the book of a day."""


command.add_command(gather)
command.add_command(redactions)


@command.command()
@click.argument("kind")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True, help="the PDF to write")
@click.option("--case", "reference", help="a case: the form then carries the code that finds it")
@click.option("--english", is_flag=True, help="in English")
@BY
@AT
def form(
    kind: str, output: Path, reference: str | None, english: bool, acting_user: str | None, clock: str | None
) -> None:
    """The application form of KIND (disclosure, correction, suspension, …) as PDF."""
    with opened() as _:
        from sekisho.casework.subject_requests import actions, queries
        from sekisho.registers.policies import queries as policies

        at, language = instant(clock), "en" if english else "ja"
        if reference:
            pdf = actions.print_form(
                reference=reference, at=at, acting_user=acting(acting_user, clock), language=language
            )
        else:
            policy = policies.in_force(at)
            if kind not in policy.rights:
                raise SekishoError(
                    "requests.no-such-right",
                    room="sekisho.casework.subject_requests",
                    kind=kind,
                    known=", ".join(policy.rights),
                )
            pdf = queries.blank_form(policy, kind, at=at, language=language)
        output.write_bytes(pdf)
        click.echo(f"{output}　{len(pdf):,} bytes")


@command.command()
@click.argument("sources", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--channel", type=click.Choice(["fax", "mail", "web", "e_mail", "shop"]), required=True, help="how it came"
)
@click.option("--arrived", metavar="INSTANT", help="when it arrived, with its zone  [the file's own time]")
@BY
@AT
@AS_JSON
def receive(
    sources: tuple[Path, ...],
    channel: str,
    arrived: str | None,
    acting_user: str | None,
    clock: str | None,
    as_json: bool,
) -> None:
    """Take in scans (PDF, TIFF, JPEG, PNG): files, or folders a fax machine drops them in.

    A file is removed once its pages are sealed. What can't be read stays where it is, and the exit code is 1. So does, in
    a folder, what has the suffix of no scan: it is named, and no fault.
    """
    with opened() as _:
        at, failed = instant(clock), 0
        when = _arrival(arrived) if arrived else None
        for left in _left(sources):
            click.echo(f"! {left.name}: 紙面の形式ではないので、そのまま残しました（not a scan: left alone）", err=True)
        for file in _files(sources):
            came = when or min(
                datetime.fromtimestamp(file.stat().st_mtime, UTC), at
            )  # a fax machine's clock may be fast
            try:
                for line in _taken(file, channel, came, at, acting(acting_user, clock)):
                    click.echo(json.dumps(line, ensure_ascii=False) if as_json else _told(line))
            except SekishoError as error:
                failed += 1
                told = {"file": file.name, "code": error.code, "message": error.message(), "remedy": error.remedy()}
                text = json.dumps(told, ensure_ascii=False) if as_json else f"× {error.message()}\n  → {error.remedy()}"
                click.echo(text, err=not as_json)
    sys.exit(1 if failed else 0)


@command.command()
@click.option("--on", "day", metavar="DAY", help="a Tokyo date  [today]")
@AT
@AS_JSON
def book(day: str | None, clock: str | None, as_json: bool) -> None:
    """The book of a day (受付簿): what arrived, where it ended, and whether it balances. Exit 1 while something waits."""
    with opened() as _:
        from sekisho.casework.subject_requests import queries

        on = _day(day) if day else tokyo_date(instant(clock))
        rows, balance = queries.book(on)
        if as_json:
            lines = [
                {"arrival": r.ref, "channel": r.channel, "state": r.state, "request": r.request or None} for r in rows
            ]
            states = {state.value: n for state, n in balance.by_state.items()}
            told = {"on": on.isoformat(), "arrived": balance.arrived, "states": states, "balanced": balance.is_balanced}
            click.echo(json.dumps(told | {"rows": lines}, ensure_ascii=False))
        else:
            for row in rows:
                click.echo(
                    f"{row.ref}　{row.arrived_at.astimezone(TOKYO):%H:%M}　{CHANNELS[row.channel]}　{STATES[row.state]}　"
                    f"{row.request}"
                )
            click.echo(f"{on}　届いた {balance.arrived}件、まだ {balance.waiting}件")
    sys.exit(0 if balance.is_balanced else 1)


@command.command()
@click.argument("number", metavar="NUMBER")
@click.option("--on", "day", metavar="DAY", help="a Tokyo date  [today]")
@AT
@AS_JSON
def number(number: str, day: str | None, clock: str | None, as_json: bool) -> None:
    """When NUMBER last changed hands, up to a day: all that somebody who calls may be told of it."""
    with opened() as _:
        from sekisho.casework.subject_requests.queries.frauds import number_told

        moment = datetime.combine(_day(day), time(23, 59, 59), TOKYO) if day else instant(clock)
        told = number_told(number, moment)
        changed = told.changed_on.isoformat() if told.changed_on else None
        if as_json:
            click.echo(json.dumps({"changed_on": changed}))
        else:
            click.echo(f"{changed} に持ち主が替わりました" if changed else "持ち主が替わった記録はありません")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(text, param_hint="--on") from None


def _arrival(text: str) -> datetime:
    try:
        came = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(text, param_hint="--arrived") from None
    return came if came.tzinfo else came.replace(tzinfo=TOKYO)


def _files(sources: tuple[Path, ...]) -> list[Path]:
    """The scans of folders, and whatever was named itself."""
    found: list[Path] = []
    for source in sources:
        found += [one for one in source.iterdir() if _is_scan(one)] if source.is_dir() else [source]
    return sorted(found, key=lambda file: (file.stat().st_mtime, file.name))


def _left(sources: tuple[Path, ...]) -> list[Path]:
    inside = (one for source in sources if source.is_dir() for one in source.iterdir())
    return sorted(one for one in inside if one.is_file() and not one.name.startswith(".") and not _is_scan(one))


def _is_scan(file: Path) -> bool:
    return file.is_file() and file.suffix.lower() in SUFFIXES


def _taken(file: Path, channel: str, came: datetime, at: datetime, acting_user: str) -> list[dict[str, object]]:
    from sekisho.casework.subject_requests import actions, queries
    from sekisho.casework.subject_requests.rules.intake import Channel
    from sekisho.connectors.scans import pages_of

    pages = pages_of(file.read_bytes(), name=file.name)
    refs = actions.receive(pages=pages, channel=Channel(channel), arrived_at=came, at=at, acting_user=acting_user)
    file.unlink()  # sealed by now: a copy in the clear would outlive it
    rows = [queries.arrival(ref) for ref in refs]
    return [
        {
            "arrival": r.ref,
            "pages": r.pages,
            "kind": r.kind,
            "state": r.state.value,
            "request": r.request or None,
            "twin": r.twin or None,
        }
        for r in rows
    ]


def _told(line: dict[str, object]) -> str:
    from sekisho.engine.law.pack import law

    kind = law().request(str(line["kind"])).name() if line["kind"] else "符号なし"
    return f"{line['arrival']}　{line['pages']}枚　{kind}　{STATES[str(line['state'])]}　{line['request'] or ''}"
