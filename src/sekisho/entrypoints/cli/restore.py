"""`sekisho restore`: put a backup into an empty home, locked. `sekisho restore-check` opens it."""

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from sekisho.engine.errors import SekishoError
from sekisho.entrypoints import home as homes
from sekisho.entrypoints import lock
from sekisho.entrypoints.cli.refusing import refusing
from sekisho.entrypoints.cli.steps import stepping
from sekisho.registers.backups.actions import restoring
from sekisho.registers.backups.queries.apart import root
from sekisho.registers.backups.rules import ROOM

APART = click.option(
    "--apart",
    "apart_root",
    type=click.Path(file_okay=False, path_type=Path),
    help="folder of what was kept apart  [default: SEKISHO_APART, else beside the home]",
)

ENTRIES = "evidence_entry"  # the ledger's table


@click.command()
@click.argument("backup", type=click.Path(file_okay=False, path_type=Path))
@APART
def command(backup: Path, apart_root: Path | None) -> None:
    """Put the backup in the folder BACKUP into the empty home SEKISHO_HOME, and leave it locked.

    Stopped at any moment, the same command goes on. Then `sekisho restore-check` opens the home.
    """
    home = homes.directory()
    with refusing():
        opened = restoring.open_backup(backup.absolute(), (apart_root or root(home)).absolute())
        _require_room(home, opened)
        homes.make(home)
        said = {
            "backup": opened.manifest.ref,
            "place": str(opened.folder),
            "tombstones": opened.manifest.tombstones,
            "began_at": datetime.now(UTC).isoformat(),
        }
        lock.write(home, said | {"stage": lock.RESTORING})
        with stepping("確かめる") as step:
            size = restoring.check_backup(opened, step)
        with stepping("復元") as step:
            files = restoring.put_back(opened, home, step)
        if opened.manifest.database == "postgresql":
            from sekisho.entrypoints import runtime
            from sekisho.registers.backups.actions.loading import load_tables

            runtime.set_up_django()
            load_tables(opened)
        lock.write(home, said | {"stage": lock.RESTORED})
    click.echo(
        f"{home} に {opened.manifest.ref} を復元しました（{files:,} ファイル、{size:,} バイト）。まだ開いていません"
    )
    click.echo("→ sekisho restore-check")


def _require_room(home: Path, opened: restoring.Opened) -> None:
    said = lock.state(home)
    url = os.environ.get("SEKISHO_DATABASE_URL", "")
    here = "postgresql" if url else "sqlite"
    if here != opened.manifest.database:
        raise SekishoError("backups.other-database", room=ROOM, backed=opened.manifest.database, here=here)
    goes_on = said is not None and said.get("backup") == opened.manifest.ref
    if not goes_on and not _is_bare(home):
        if said is not None and said.get("stage", "?") == "?":
            raise lock.refusal(said, str(home))
        raise SekishoError("backups.home-not-empty", room=ROOM, home=home)
    if url and not goes_on:
        _require_bare_database(url)


def _require_bare_database(url: str) -> None:
    """A database in which a ledger stands is somebody's: loading would empty it."""
    from sekisho.connectors.postgresql_dump import count_of

    entries = count_of("sekisho", url, ENTRIES)
    if entries:
        raise SekishoError("backups.database-not-empty", room=ROOM, entries=f"{entries:,}")


def _is_bare(home: Path) -> bool:
    """Whether nothing was put back yet: a restore that was refused or killed before leaves its lock at the most."""
    names = (path.name for path in home.iterdir()) if home.exists() else ()
    return all(name == lock.FILE or name.startswith(".new-") for name in names)
