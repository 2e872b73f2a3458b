"""`sekisho backup`: make, list and expire backups; what is kept apart of them; who came back; the drill."""

import json
import sys
from pathlib import Path

import click

from sekisho.entrypoints.cli import backup_drill
from sekisho.entrypoints.cli.groups import Commands
from sekisho.entrypoints.cli.retention import AS_JSON, AT, BY, acting, instant, opened


@click.group(cls=Commands)
def command() -> None:
    """Make, list and expire backups, see what is kept apart of them and who came back, hold the drill."""


@command.command()
@click.argument("target", type=click.Path(file_okay=False, path_type=Path))
@click.option("--days", type=click.IntRange(1, 3660), help="how long it lives  [default: backups.days, else 35]")
@BY
@AT
@AS_JSON
def make(target: Path, days: int | None, acting_user: str | None, clock: str | None, as_json: bool) -> None:
    """Copy everything this home holds into a sealed, signed folder under TARGET. Tombstones stay apart of it."""
    with opened() as _:
        from sekisho.entrypoints import runtime
        from sekisho.registers.backups.actions.making import make_backup
        from sekisho.registers.backups.queries.configured import days_of_life
        from sekisho.registers.backups.queries.standing import backup

        runtime.number_evidence()
        ref = make_backup(
            target=target, at=instant(clock), acting_user=acting(acting_user, clock), days=days or days_of_life()
        )
        made = backup(ref)
    if as_json:
        click.echo(json.dumps(made.as_json(), ensure_ascii=False, indent=1))
        return
    click.echo(f"バックアップ {made.ref}: {made.bytes:,} バイト、{made.expires_on.isoformat()} まで（{made.place}）")
    for foreign in made.foreign:
        dies = foreign["dies_after_days"]
        told = f"{dies}日で消えます（{foreign['said_by']}）" if dies is not None else "いつ消えるか申告がありません"
        click.echo(f"! {foreign['system']} はホームの外にあります。バックアップは事業者のもので、{told}")


@command.command(name="list")
@AS_JSON
def list_(as_json: bool) -> None:
    """Every backup: until when it lives, or when it was destroyed."""
    with opened() as _:
        from sekisho.registers.backups.queries.standing import backups

        found = backups()
    if as_json:
        click.echo(json.dumps([one.as_json() for one in found], ensure_ascii=False, indent=1))
        return
    for one in found:
        state = f"{one.destroyed_at:%Y-%m-%d} に破棄" if one.destroyed_at else f"{one.expires_on.isoformat()} まで"
        left = "（鍵は破棄、ファイルは手元にない）" if one.files_left else ""
        click.echo(f"{one.ref}  {one.made_at:%Y-%m-%d %H:%M}  {one.bytes:>14,} バイト  {state}{left}  {one.place}")
    if not found:
        click.echo("バックアップはありません。sekisho backup make でつくります")


@command.command()
@BY
@AT
def expire(acting_user: str | None, clock: str | None) -> None:
    """Destroy the keys, then the files, of every backup whose day has come."""
    with opened() as _:
        from sekisho.registers.backups.actions.making import expire_backups

        gone = expire_backups(at=instant(clock), acting_user=acting(acting_user, clock))
    for ref in gone:
        click.echo(f"{ref} を破棄しました（鍵を壊したので、どこにある写しも読めません）")
    click.echo(f"期限の来たバックアップ {len(gone)} 件")


@command.command()
@AS_JSON
def apart(as_json: bool) -> None:
    """What is kept apart of every backup: where, how many tombstones, whether any event of the ledger is missing."""
    with opened() as _:
        from sekisho.registers.backups.queries.standing import kept_apart

        state = kept_apart()
    if as_json:
        click.echo(json.dumps(state.as_json(), ensure_ascii=False))
    else:
        click.echo(
            f"{state.folder}: 墓標 {state.tombstones:,} 行、台帳の控え {state.ledger:,} 件、抜け {state.missing} 件"
        )
    sys.exit(1 if state.missing else 0)


@command.command()
@AT
@AS_JSON
def returned(clock: str | None, as_json: bool) -> None:
    """Look for erased people in every store and import now; exit 1 if anybody came back."""
    with opened() as _:
        from sekisho.registers.backups.actions.returning import quarantine_rows
        from sekisho.registers.backups.queries.standing import quarantined

        look = quarantine_rows(at=instant(clock))
        found = quarantined()
    if as_json:
        click.echo(json.dumps([one.as_json() for one in found], ensure_ascii=False, indent=1))
    else:
        for one in found:
            where = f"{one.system}.{one.table} {one.rows:,}行" if one.system else "取込み"
            click.echo(f"隔離 {one.ref}: {where}、{one.identifier} が消去した人 {one.erased} のものです")
        click.echo(f"調べた識別子 {look.examined:,} 件、戻ってきたもの {len(found)} 件")
        for unread in look.unread:
            click.echo(f"! 読めません: {unread}", err=True)
    sys.exit(1 if found or look.unread else 0)


@command.command()
@click.argument("returned")
@BY
@AT
def release(returned: str, acting_user: str | None, clock: str | None) -> None:
    """Settle RETURNED: somebody looked, and it is another person, or one who came anew of their own will."""
    with opened() as _:
        from sekisho.registers.backups.actions.returning import release_returned

        release_returned(ref=returned, at=instant(clock), acting_user=acting(acting_user, clock))
    click.echo(f"{returned} を片付けました。利用の差止めは解けています")


command.add_command(backup_drill.command)
command.add_command(backup_drill.act)
