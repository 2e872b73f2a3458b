"""`sekisho restore-check`: replay what was decided since the backup into a restored home, verify, open."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sekisho.engine.errors import SekishoError
from sekisho.entrypoints import home as homes
from sekisho.entrypoints import lock
from sekisho.entrypoints.cli.refusing import refusing
from sekisho.entrypoints.cli.restore import APART
from sekisho.entrypoints.cli.steps import stepping
from sekisho.registers.backups.queries.apart import POINTER
from sekisho.registers.backups.rules import ROOM

if TYPE_CHECKING:
    from sekisho.registers.backups.actions.opening import Opening


@click.command()
@click.option("--declare-gap", is_flag=True, help="go on though entries known outside are lost: the ledger says so")
@click.option("--json", "as_json", is_flag=True, help="one JSON object")
@APART
def command(declare_gap: bool, as_json: bool, apart_root: Path | None) -> None:
    """Replay erasures, withdrawals, removed roles and used approvals; verify; open. Nothing opens before that."""
    home = homes.directory()
    with refusing():
        if apart_root is not None and lock.state(home) is not None:
            (home / POINTER).write_text(f"{apart_root.absolute()}\n", encoding="utf-8")
        opening = check(home, declared_gap=declare_gap, quiet=as_json)
    _tell(opening, as_json=as_json)


def check(home: Path, *, declared_gap: bool = False, quiet: bool = False) -> "Opening":
    """Open a restored home. Raises: backups.not-locked, backups.half-restored, what `check_restored` raises."""
    said = lock.state(home)
    if said is None:
        raise SekishoError("backups.not-locked", room=ROOM, home=home)
    if said.get("stage", "?") in lock.HALF:
        raise lock.refusal(said, str(home))
    from sekisho.entrypoints import runtime

    runtime.set_up_locked(home)
    from django.db import connections

    from sekisho.registers.backups.actions.keeping import keep_apart
    from sekisho.registers.backups.actions.opening import check_restored

    try:
        with stepping("消去のやり直し", quiet=quiet) as progress:
            opening = check_restored(
                backup=said["backup"],
                since=int(said["tombstones"]),
                at=datetime.now(UTC),
                declared_gap=declared_gap,
                progress=progress,
            )
        runtime.number_evidence(hand_over=not declared_gap)  # a witness that knows more refuses: its keeper decides
        keep_apart()  # what was just decided outlives this home too, before anybody may use it
        lock.remove(home)
    finally:
        connections.close_all()
    return opening


def _tell(opening: "Opening", *, as_json: bool) -> None:
    said = opening.as_json()
    if as_json:
        click.echo(json.dumps(said, ensure_ascii=False))
        return
    click.echo(f"開きました（バックアップ {opening.backup}）")
    click.echo(f"  台帳: 復元 {opening.ledger_old:,} 件 → 控えから続けて {opening.ledger_new:,} 件")
    click.echo(
        f"  墓標 {opening.tombstones:,} 行、やり直した消去 {len(opening.erased)} 件、系に残っていた行 {opening.strays:,} 行"
    )
    for kind, count in sorted(opening.replayed.done.items()):
        click.echo(f"  反映 {kind}: {count:,}")
    for kind, count in sorted(opening.replayed.lost.items()):
        click.echo(f"  ! バックアップが知らないもの {kind}: {count:,}")
    for stage, taken in opening.seconds.items():
        click.echo(f"  {stage:<11} {taken:8.2f} 秒")
