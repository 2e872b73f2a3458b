"""`sekisho eligible`: lists of people who may be used for a purpose."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sekisho.engine.errors import SekishoError
from sekisho.entrypoints.cli import eligible_told as told
from sekisho.entrypoints.cli.eligible_files import affected_in, manifest_of, read_manifest, write_beside, write_sent
from sekisho.entrypoints.cli.misuse import missing
from sekisho.entrypoints.cli.sql import opened
from sekisho.entrypoints.cli.steps import stepping

if TYPE_CHECKING:
    from sekisho.registers.lists.actions import Rechecked
    from sekisho.registers.lists.models import EligibleList

ROOM = "sekisho.registers.lists"
WAITS = 3  # exit code: the list stands, a second person must approve it before it is given out
AS_JSON = click.option("--json", "as_json", is_flag=True, help="as JSON")
OUT = click.option(
    "-o",
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="the file to write; its manifest stands beside it",
)
ACTOR = click.option("--actor", metavar="A", help="who asks: a reference of staff  [SEKISHO_ACTOR; demo: an analyst]")
FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
MANIFEST = click.option(
    "--manifest", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="[default: FILE.manifest.json]"
)


@click.group(invoke_without_command=True)
@click.option("--purpose", metavar="P", help="a purpose that the policy publishes")
@click.option(
    "--class", "classes", multiple=True, metavar="C", help="class or class.field that will be used; again for more"
)
@click.option("--item", "carried", multiple=True, metavar="I", help="class.field whose value stands in the list")
@click.option("--recipient", default="", metavar="R", help="who receives the list, where it leaves the house")
@click.option(
    "--act", default="", metavar="ACT", help="use, or the way out  [default: the one that leads to the recipient]"
)
@click.option("--channel", default="", metavar="CH", help="mail, sms, phone or post")
@click.option("--notice", is_flag=True, help="a notice to everybody affected, whatever they object to")
@click.option(
    "--affected",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="file with the numbers of those concerned, one a line",
)
@click.option("--advertising", is_flag=True, help="the notice carries advertising")
@click.option("--identifier", default="", metavar="KIND", help="number beside each reference  [default: customer_no]")
@click.option("--title", default="", help="what the list is for, in words")
@ACTOR
@OUT
@AS_JSON
@click.pass_context
def command(context: click.Context, /, as_json: bool, **told_: object) -> None:
    """Make a list of everybody who may be used for a purpose, with how many were lost at which rule.

    The list (Parquet) goes with a manifest that is signed and expires. Above a size a second person approves it first:
    then nothing is written, and the exit code is 3.

    \b
    Example:
      sekisho eligible --purpose campaign --channel mail -o list.parquet
      sekisho eligible recheck list.parquet -o send.parquet
    """
    if context.invoked_subcommand is not None:
        return
    if not told_["purpose"]:
        raise missing("--purpose")
    with opened():
        row = _built(told_)
        out = told_["out"]
        waits = row.needs_approval
        if isinstance(out, Path) and not waits:
            _take(row.ref, row.built_by, out)
        told.built(row, out if isinstance(out, Path) else None, as_json=as_json)
    sys.exit(WAITS if waits and out is not None else 0)


@command.command()
@FILE
@MANIFEST
@ACTOR
@OUT
@AS_JSON
def recheck(file: Path, manifest: Path | None, actor: str | None, out: Path | None, as_json: bool) -> None:
    """Decide everybody in FILE again, at the moment of sending: tell who dropped out, write the list without them."""
    with opened():
        from sekisho.registers.lists import actions

        def again() -> "Rechecked":
            document = read_manifest(file, manifest)
            return actions.recheck(path=file, manifest=document, at=datetime.now(UTC), acting_user=_actor(actor))

        found = again() if out is None else write_sent(out, again)
        told.rechecked(found, out, as_json=as_json)


@command.command()
@FILE
@MANIFEST
@click.option("--key", help="the public key of the carrier's ledger  [default: this carrier's]")
@AS_JSON
def verify(file: Path, manifest: Path | None, key: str | None, as_json: bool) -> None:
    """Verify signature, hash and expiry of FILE. With --key nothing of the carrier is needed."""
    from sekisho.engine.merkle.note import verifier_from
    from sekisho.entrypoints import home as homes
    from sekisho.entrypoints.cli.refusing import refusing
    from sekisho.evidence import keys
    from sekisho.registers.lists.rules.manifest import opened as opened_manifest
    from sekisho.registers.lists.rules.manifest import require_file

    with refusing():
        verifier = verifier_from(key) if key else keys.verifier(homes.directory())
        if verifier is None:
            raise SekishoError("evidence.no-ledger", room="sekisho.evidence", home=homes.directory())
        found = opened_manifest(read_manifest(file, manifest), verifier)
        require_file(found, file, datetime.now(UTC))
        told.verified(found, as_json=as_json)


@command.command()
@click.argument("list_ref", metavar="LIST")
@ACTOR
def ask(list_ref: str, actor: str | None) -> None:
    """Ask for a second person's approval of LIST."""
    with opened():
        from sekisho.registers.lists import actions

        actions.ask_approval(ref=list_ref, at=datetime.now(UTC), acting_user=_actor(actor))
        told.line("承認を依頼しました", list_ref)


@command.command()
@click.argument("list_ref", metavar="LIST")
@click.option("--by", required=True, help="who approves: not who built it")
@click.option("--sha256", help="hash of the file as read  [default: as it stands now]")
def approve(list_ref: str, by: str, sha256: str | None) -> None:
    """Approve LIST as the second person."""
    with opened():
        from sekisho.registers.lists import actions, queries

        row = queries.list_of(list_ref)
        actions.approve_list(ref=list_ref, sha256=sha256 or row.sha256, by=by, at=datetime.now(UTC))
        told.line("承認しました", list_ref)


@command.command()
@click.argument("list_ref", metavar="LIST")
@ACTOR
@click.option("-o", "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="the file to write")
def take(list_ref: str, actor: str | None, out: Path) -> None:
    """Take LIST out, once."""
    with opened():
        _take(list_ref, _actor(actor), out)
        told.line("受け取りました", f"{out}、{manifest_of(out)}")


@command.command("lists")
@AS_JSON
def lists_(as_json: bool) -> None:
    """Every list and where it stands."""
    with opened():
        from sekisho.registers.lists import queries

        told.listed(queries.lists(), datetime.now(UTC), as_json=as_json)


@command.command()
@click.argument("person")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="the day it came back  [default: today]")
@click.option("--clear", is_flag=True, help="the address is right again")
@ACTOR
def returned(person: str, on: datetime | None, clear: bool, actor: str | None) -> None:
    """A notice to PERSON (a reference, or customer_no:…) came back: print nothing more for the address."""
    with opened():
        from sekisho.engine.japanese.tokyo import tokyo_date
        from sekisho.entrypoints.cli.retention import resolved
        from sekisho.registers.lists import actions

        at = datetime.now(UTC)
        who = resolved(person, at)
        if clear:
            actions.clear_returned(person=who, at=at, acting_user=_actor(actor))
        else:
            actions.record_returned(
                person=who, on=on.date() if on else tokyo_date(at), at=at, acting_user=_actor(actor)
            )
        told.line("返送の記録を解きました" if clear else "返送を記録しました", who)


def _built(told_: dict[str, object]) -> "EligibleList":
    from sekisho.registers.lists import actions, queries
    from sekisho.registers.lists.queries import ListKind, Wanted

    affected = told_["affected"]
    wanted = Wanted(
        purpose=str(told_["purpose"]),
        actor=_actor(told_["actor"]),
        at=datetime.now(UTC),
        kind=ListKind.MASS_NOTICE if told_["notice"] else ListKind.CAMPAIGN,
        title=str(told_["title"]),
        items=_several(told_["classes"]),
        carried=_several(told_["carried"]),
        act=str(told_["act"]),
        recipient=str(told_["recipient"]),
        channel=str(told_["channel"]),
        identifier=str(told_["identifier"]),
        affected=affected_in(affected) if isinstance(affected, Path) else None,
        advertising=bool(told_["advertising"]),
    )
    if not queries.is_job(wanted):
        return actions.build_list(wanted)
    from sekisho.entrypoints import working

    with stepping("名簿をつくる") as bar:
        return queries.list_of(working.build_list(request=actions.ask_list(wanted), told=bar))


def _take(ref: str, actor: str, out: Path) -> None:
    from sekisho.registers.lists import actions

    write_beside(out, ref, lambda: actions.hand_over(ref=ref, at=datetime.now(UTC), acting_user=actor))


def _several(value: object) -> tuple[str, ...]:
    given: Sequence[str] = value if isinstance(value, tuple) else ()
    return tuple(name for one in given for name in one.split(",") if name)


def _actor(actor: object) -> str:
    from sekisho.entrypoints.cli.sql import _actor as asked

    return asked(actor if isinstance(actor, str) else None)
