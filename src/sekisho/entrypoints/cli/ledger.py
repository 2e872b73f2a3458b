"""`sekisho ledger`: verify, prove, export, witness. Reads through plain drivers; Django is never imported."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from sekisho.engine.errors import SekishoError
from sekisho.engine.merkle.note import Verifier
from sekisho.entrypoints import home as homes
from sekisho.entrypoints.cli.groups import Commands
from sekisho.entrypoints.cli.refusing import refusing
from sekisho.evidence import checking, keys, limits, rows, witness
from sekisho.evidence.body import ROOM
from sekisho.evidence.export import export as export_to
from sekisho.evidence.folder import CHECKPOINT, Folder
from sekisho.evidence.receipts import receipt_of

# Entries of these kinds always come with a row of this table.
COME_WITH_A_ROW = {"decisions.sealed": "decisions_decisionbatch"}


@click.group(cls=Commands)
def command() -> None:
    """Verify, prove and export the evidence ledger."""


@command.command()
@click.option("--json", "as_json", is_flag=True, help="one JSON object per problem, and a summary as the last line")
def verify(as_json: bool) -> None:
    """Check entries, order, checkpoints, files and the witness's copy; exit 1 if anything is wrong."""
    with refusing(2):
        found = check(homes.directory(), datetime.now(UTC))
        if not found.entries and not found.problems:  # nothing was looked at: that proves nothing
            raise SekishoError("evidence.no-ledger", room=ROOM, home=homes.directory())
        summary = {
            "entries": found.entries,
            "size": found.size,
            "checkpoints": found.checkpoints,
            "waiting": found.waiting,
            "problems": len(found.problems),
            "witness": witness.place(homes.directory()) is not None,
        }
        if as_json:
            for problem in found.problems:
                click.echo(json.dumps(problem.as_json(), ensure_ascii=False))
            click.echo(json.dumps(summary, ensure_ascii=False))
        else:
            for problem in found.problems:
                click.echo(f"✗ {problem.message('ja')}\n  → {problem.remedy('ja')}\n  ({problem.message('en')})")
            mark = "✗ 台帳に問題があります" if found.problems else "✓ 台帳は正しく、欠けていません"
            click.echo(
                f"{mark}: 証跡 {found.entries:,} 件、チェックポイント {found.checkpoints:,} 個、"
                f"採番待ち {found.waiting:,} 件、問題 {len(found.problems):,} 件"
            )
            if not summary["witness"]:
                click.echo("! 証人が設定されていないため、末尾の切り詰めは確かめられません (SEKISHO_WITNESS)")
        sys.exit(1 if found.problems else 0)


@command.command()
@click.argument("entry")
def prove(entry: str) -> None:
    """Print the receipt of ENTRY: anyone can check it offline."""
    with refusing(2):
        home = homes.directory()
        with rows.opened(home) as database:
            leaf, index = rows.one(database, entry)
        folder = Folder(home / "ledger")
        note = folder.read_text(CHECKPOINT)
        if index is None or not note:
            raise SekishoError("evidence.not-covered-yet", room=ROOM, entry=entry)
        receipt = receipt_of(leaf=leaf, index=index, note=note, verifier=_verifier(home), folder=folder)
        click.echo(json.dumps(receipt, ensure_ascii=False, indent=1))


@command.command()
@click.argument("target", type=click.Path(file_okay=False, path_type=Path))
def export(target: Path) -> None:
    """Copy key, checkpoints, tiles and entries into the folder TARGET, for a verifier of somebody else's."""
    with refusing(2):
        home = homes.directory()
        with rows.opened(home) as database:
            heads = rows.heads(database)
        counts = export_to(source=Folder(home / "ledger"), target=target, verifier=_verifier(home), heads=heads)
        click.echo(json.dumps(counts))


@command.command(name="witness")
def hand_over() -> None:
    """Give the witness the newest checkpoint; exit 2 if there is none or it refuses."""
    with refusing(2):
        home = homes.directory()
        place, note = witness.place(home), Folder(home / "ledger").read_text(CHECKPOINT)
        if place is None:
            raise SekishoError("evidence.no-witness", room=ROOM)
        if not note:
            raise SekishoError("evidence.no-ledger", room=ROOM, home=home)
        head = witness.accept(place, note, _verifier(home), Folder(home / "ledger").read)
        click.echo(f"✓ 証人がチェックポイント（{head.size:,} 件）を持っています")


def check(home: Path, at: datetime) -> checking.Check:
    """Check the ledger of a home. Raises: evidence.no-ledger."""
    place = witness.place(home)
    note = Folder(place).read_text(witness.LAST) if place else ""
    with rows.opened(home) as database:
        found = checking.check(
            rows=rows.numbered(database),
            heads=rows.heads(database),
            verifier=keys.verifier(home),
            folder=Folder(home / "ledger"),
            seen=(note,) if note else (),
        )
        checking.add_waiting(found, rows.waiting(database), at, limits.WAITING)
        for table, count in rows.rows_without_entry(database):
            found.add("ledger.row-without-entry", table=table, count=count)
        for kind, table in COME_WITH_A_ROW.items():
            if count := rows.entries_without_row(database, kind, table):
                found.add("ledger.entry-without-row", kind=kind, count=count)
    return found


def _verifier(home: Path) -> Verifier:
    verifier = keys.verifier(home)
    if verifier is None:
        raise SekishoError("evidence.no-ledger", room=ROOM, home=home)
    return verifier
