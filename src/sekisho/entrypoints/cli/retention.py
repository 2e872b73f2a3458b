"""`sekisho retention`: why something is still held, what is due, and the sweep that erases it."""

import json
import sys
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import click

from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import TOKYO, tokyo_date
from sekisho.entrypoints.cli import asking_options
from sekisho.entrypoints.cli import retention_holds as holds
from sekisho.entrypoints.cli import retention_swept as swept
from sekisho.entrypoints.cli import retention_told as told
from sekisho.entrypoints.cli.groups import Commands
from sekisho.entrypoints.cli.language import LANGUAGE, spoken
from sekisho.entrypoints.cli.refusing import refusing
from sekisho.entrypoints.cli.steps import stepping

ROOM = "sekisho.registers.retention"
AT, AS_JSON = asking_options.AT, asking_options.AS_JSON
BY = click.option("--by", "acting_user", help="who does it: a reference of the register of people  [default: cli]")


@click.group(cls=Commands)
def command() -> None:
    """Why something is still held, what is due, what stops erasure, and the sweep."""


@command.command()
@click.argument("what")
@click.argument("key", nargs=-1)
@AT
@AS_JSON
@LANGUAGE
def why(what: str, key: tuple[str, ...], clock: str | None, as_json: bool, language: str | None) -> None:
    """なぜまだ持っているのか: everything held about a person, or one row, how long it is kept and why.

    \b
    sekisho retention why customer_no:C0000001        a person, by an identifier held at --at
    sekisho retention why number:09000000001 --at 2026-04-01
    sekisho retention why crm.subscribers C0000001    a row: system.table and its key
    """
    tongue = spoken(language)
    with opened() as _:
        from sekisho.registers.retention import queries

        at = instant(clock)
        if key:
            row = queries.why_row(what, key, at=at, language=tongue)
        else:
            answer = queries.why(resolved(what, at), at=at, language=tongue)
    if key:
        told.row(row, as_json=as_json, language=tongue)
    else:
        told.person(answer, tokyo_date(at), as_json=as_json, language=tongue)
        sys.exit(1 if answer.unreadable else 0)


@command.command()
@click.option("--on", "day", metavar="DATE", help="on this Tokyo day  [default: today]")
@AT
@AS_JSON
def due(day: str | None, clock: str | None, as_json: bool) -> None:
    """What is past its period in every system, what stays and on what ground, what nobody can judge."""
    with opened() as _:
        from sekisho.registers.retention import queries

        at = instant(clock)
        found, words = queries.overdue(_day(day, at), at=at), swept.labels(at)
    swept.due(found, words, as_json=as_json)


@command.command()
@click.option("--dry-run", is_flag=True, help="count what would go, erase nothing")
@click.option("--on", "day", metavar="DATE", help="on this Tokyo day  [default: today]")
@BY
@AT
@AS_JSON
def sweep(dry_run: bool, day: str | None, acting_user: str | None, clock: str | None, as_json: bool) -> None:
    """Erase what is due, in every system, down to the bytes. Exit 1 if anything is left undone (一部未了).

    A day to come can be looked at with --dry-run only.
    """
    with opened() as _:
        from sekisho.entrypoints import working
        from sekisho.registers.retention import queries, rules

        at = instant(clock)
        if dry_run:
            swept.due(queries.overdue(_day(day, at), at=at), swept.labels(at), as_json=as_json)
            return
        on, today = _day(day, at), tokyo_date(datetime.now(UTC))
        rules.require_come(max(on, tokyo_date(at)), today)
        with stepping("一斉点検", quiet=as_json) as progress:
            by, as_of = acting(acting_user, clock), at if clock else None
            ref = working.sweep(on=on, as_of=as_of, acting_user=by, told=progress)
        run, words = queries.sweep(ref), swept.labels(at)
    swept.sweep(run, words, as_json=as_json)
    sys.exit(0 if run.status == "done" else 1)


@command.command()
@asking_options.date_option("--from", "since", "first day  [default: today]")
@asking_options.date_option("--to", "until", "last day  [default: a year on]")
@click.option("--by", "line", type=click.Choice(["day", "week", "month"]), default="month", show_default=True)
@AT
@AS_JSON
@LANGUAGE
def calendar(
    since: date | None, until: date | None, line: str, clock: str | None, as_json: bool, language: str | None
) -> None:
    """What falls due in the days to come, table by table with its clause, counted in the stores."""
    tongue = spoken(language)
    with opened() as _:
        from sekisho.registers.retention import queries

        at = instant(clock)
        first = since or tokyo_date(at)
        found = queries.calendar(
            first, until or first + timedelta(days=365), by=queries.By(line), at=at, language=tongue
        )
    told.calendar(found, as_json=as_json, language=tongue)
    sys.exit(1 if found.unread else 0)


@command.command()
@AT
@AS_JSON
@LANGUAGE
def check(clock: str | None, as_json: bool, language: str | None) -> None:
    """Where policy, law, data map and holds disagree over how long: both sources, and what binds meanwhile; exit 1 if any do."""
    tongue = spoken(language)
    with opened() as _:
        from sekisho.registers.retention import queries

        found = queries.contradictions(instant(clock))
    if as_json:
        click.echo(json.dumps([one.as_json(tongue) for one in found], ensure_ascii=False, indent=1))
    for one in () if as_json else found:
        click.echo(f"{one.place}: {one.message(tongue)} [{one.code}]")
        click.echo(f"    {one.remedy(tongue)}")
    if not found and not as_json:
        click.echo("食い違いはありません" if tongue == "ja" else "nothing disagrees")
    sys.exit(1 if found else 0)


for one in (holds.hold, holds.extend, holds.review, holds.release, holds.holds):
    command.add_command(one)


@contextmanager
def opened() -> Generator[None]:
    """The carrier's registers; a refusal is told with its remedy, exit 1."""
    from sekisho.entrypoints import runtime

    with refusing(), runtime.running():
        yield


def instant(clock: str | None) -> datetime:
    """The instant the command works at, aware UTC."""
    if clock is None:
        return datetime.now(UTC)
    try:
        at = datetime.fromisoformat(clock)
    except ValueError:
        raise click.BadParameter(f"not an instant: {clock}", param_hint="--at") from None
    return (at if at.tzinfo else at.replace(tzinfo=TOKYO)).astimezone(UTC)


def acting(by: str | None, clock: str | None) -> str:
    """Who acts: the person named, who must work here, else the command itself. Raises: retention.unknown-actor, …"""
    if by is None:
        return "cli"
    from sekisho.registers.retention import queries

    queries.require_actor(by, instant(clock))
    return by


def resolved(person: str, at: datetime) -> str:
    """The person's reference, from itself or from kind:value.

    Raises: retention.unknown-person, retention.ambiguous-person.
    """
    from sekisho.registers.identities import queries as identities

    kind, separator, value = person.partition(":")
    if not separator:
        if not identities.standing_of(person, at).known and not identities.is_erased(person):
            raise SekishoError("retention.unknown-person", room=ROOM, person=person if person.isascii() else "?")
        return person
    holders = {one.person for one in identities.holders_of(kind, value)}
    if not holders:
        raise SekishoError("retention.unknown-person", room=ROOM, person=f"{kind}:…")
    if len(holders) == 1:
        return holders.pop()
    found = identities.person_of(kind, value, at)
    if found is None:
        raise SekishoError("retention.ambiguous-person", room=ROOM, kind=kind)
    return found


def _day(day: str | None, at: datetime) -> date:
    if day is None:
        return tokyo_date(at)
    try:
        return date.fromisoformat(day)
    except ValueError:
        raise click.BadParameter(f"not a date: {day}", param_hint="--on") from None
