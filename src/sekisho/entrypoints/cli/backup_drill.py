"""`sekisho backup drill`: back up, erase, restore, replay and look, all in a scratch folder, and write down the times.

Each act is a process of its own with a home of its own, as in earnest.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from ruamel.yaml import YAML

from sekisho.engine.errors import SekishoError
from sekisho.entrypoints import carrier
from sekisho.entrypoints import home as homes
from sekisho.entrypoints.cli.retention import AS_JSON, BY, acting, opened
from sekisho.registers.backups.rules import ROOM, manifest

if TYPE_CHECKING:
    from sekisho.registers.backups.actions.bringing import Brought
    from sekisho.registers.backups.queries.standing import DrillRecord

SEKISHO = (sys.executable, "-W", "ignore", "-c", "from sekisho.entrypoints.cli.main import main; main()")
APART = "SEKISHO_APART"
WIDEST = 400  # columns of a table that is wider than the terminal
UNDRILLED = {
    "left-out": "--without で外しました",
    "kind": "この種類の写しはつくれません。事業者の手順で復元を確かめてください",
    "no-place": "carrier.yaml の backups.drill に、訓練用の空のデータベースがありません",
    "no-tools": "この機械に、写す道具がありません（PostgreSQL は pg_dump と pg_restore、MariaDB は mariadb-dump と mariadb）",
    "remote": "クラスターのファイルが、この機械のフォルダーにありません",
    "not-there": "置き場所が見つかりません",
}
STAGES = {
    "spread": "写し終わるまで（訓練の始めから）",
    "brought": "ホームの外から写す",
    "backup": "バックアップ",
    "copied": "　写す",
    "planned": "消去の計画",
    "suppressed": "利用の差止め",
    "erased": "消去",
    "verified": "検査",
    "certified": "証明",
    "restored": "復元",
    "checked": "反映と確認",
    "replayed": "　消去のやり直し",
    "looked": "独立した検査",
}


@click.command(name="drill")
@click.option("--people", default=3, show_default=True, type=click.IntRange(1, 100), help="how many are erased")
@click.option(
    "--scratch",
    type=click.Path(file_okay=False, path_type=Path),
    help="where the copies go: as safe as the home itself  [default: the home's own folder]",
)
@click.option(
    "--without",
    multiple=True,
    metavar="SYSTEM",
    help="leave this system outside the home out, for its size; again for more",
)
@click.option("--last", is_flag=True, help="hold none: show the last one")
@BY
@AS_JSON
def command(
    people: int, scratch: Path | None, without: tuple[str, ...], last: bool, acting_user: str | None, as_json: bool
) -> None:
    """Back up, erase test people, restore, replay and prove that none came back: in copies, never in the carrier.

    Stores outside the home are taken along: files are copied, a PostgreSQL or MariaDB store goes into the empty database
    that carrier.yaml names for it (backups.drill), our own database on PostgreSQL into the one named `sekisho`. For what
    can't be taken along an empty store stands in; the result says which.
    """
    with opened() as _:
        from sekisho.registers.backups.queries.standing import drill, last_days

        ref = "" if last else _hold(people, scratch, frozenset(without), acting(acting_user, None))
        record, days = drill(ref), last_days()
    _tell(record, days, as_json=as_json)
    sys.exit(0 if record is not None and record.passed else 1)


@click.command(name="drill-act", hidden=True)
@click.argument("what", type=click.Choice(["erase", "look"]))
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--people", default=1)
@click.option("--seed", default="")
@click.option("--elsewhere", multiple=True)
def act(what: str, folder: Path, people: int, seed: str, elsewhere: tuple[str, ...]) -> None:
    """One act inside a scratch carrier; prints JSON."""
    reached = dict(one.split("=", 1) for one in elsewhere)
    with opened() as _:
        from sekisho.registers.backups.actions.drilling import erase_for_drill, look_after_drill

        if what == "erase":
            erased = erase_for_drill(count=people, seed=seed, folder=folder, at=datetime.now(UTC), elsewhere=reached)
            said: dict[str, Any] = {"people": erased.people, "stages": [one.as_json() for one in erased.stages]}
        else:
            seen = look_after_drill(folder=folder)
            said = {
                "resurrected": seen.resurrected,
                "looked_at": seen.looked_at,
                "places": seen.places,
                "stages": [one.as_json() for one in seen.stages],
            }
    click.echo(json.dumps(said))


@dataclass(slots=True, kw_only=True)
class _Scratch:
    """The scratch folder, the copies in it, and the times so far."""

    folder: Path
    database: str = ""  # our own scratch database, where ours is a server's
    stages: list[dict[str, object]] = field(default_factory=list)

    def run(self, home: str, *arguments: str) -> str:
        """One command in a home of the scratch folder; returns what it printed. Raises: backups.drill-failed."""
        env = os.environ | {"SEKISHO_HOME": str(self.folder / home), APART: str(self.folder / "apart")}
        env["SEKISHO_DATABASE_URL"] = self.database  # never the live one
        ran = subprocess.run([*SEKISHO, *arguments], capture_output=True, text=True, check=False, env=env)  # noqa: S603  ourselves
        if ran.returncode:
            why = next((line for line in ran.stderr.splitlines() if line.startswith("  (")), f"{ran.returncode}")
            raise SekishoError("backups.drill-failed", room=ROOM, act=" ".join(arguments[:2]), why=why.strip())
        return ran.stdout

    def timed(self, stage: str, home: str, *arguments: str) -> str:
        """The same, with the time of the whole command as a stage of its own."""
        began = time.monotonic()
        said = self.run(home, *arguments)
        self.note(stage, {"": round((time.monotonic() - began) * 1000)})
        return said

    def note(self, stage: str, milliseconds: Mapping[str, int]) -> None:
        """Times of one stage by store."""
        self.stages += [{"stage": stage, "system": key, "milliseconds": taken} for key, taken in milliseconds.items()]


def _hold(people: int, scratch: Path | None, without: frozenset[str], acting_user: str) -> str:
    from sekisho.registers.backups.actions import bringing
    from sekisho.registers.backups.actions.drilling import product_place, record_drill
    from sekisho.registers.backups.actions.making import make_backup
    from sekisho.registers.backups.queries.apart import root
    from sekisho.registers.backups.queries.drillable import outside

    place = product_place()
    systems = outside(without)
    brought = bringing.Brought()
    home = homes.directory()
    folder = Path(tempfile.mkdtemp(prefix="drill-", dir=scratch or home.parent))  # 0700
    try:
        drill = _Scratch(folder=folder, database=place)
        (folder / "targets").mkdir()
        bringing.claim(systems, brought, product=place, live=os.environ.get("SEKISHO_DATABASE_URL", ""))
        began = time.monotonic()
        backup = make_backup(target=folder / "first", at=datetime.now(UTC), acting_user=acting_user, days=1)
        drill.note("spread", {"": round((time.monotonic() - began) * 1000)})
        shutil.copytree(root(home), folder / "apart")
        drill.run("one", "restore", str(folder / "first" / backup))
        bringing.bring(systems, brought, home=folder / "one", work=folder, began=began)
        drill.note("spread", _milliseconds(brought.moments))
        _point(folder / "one", brought.urls)
        drill.note("brought", _milliseconds(brought.seconds))
        seen = _in_copies(drill, backup, people, brought)
        _forget(backup, acting_user)
        return record_drill(
            backup=backup,
            people=seen["people"],
            resurrected=seen["resurrected"],
            looked_at=seen["looked_at"],
            stages=drill.stages,
            undrilled=brought.undrilled,
            at=datetime.now(UTC),
            acting_user=acting_user,
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        bringing.clean(brought)


def _point(home: Path, urls: Mapping[str, str]) -> None:
    """The scratch carrier's own places: none of the live ones is left in its configuration."""
    path, yaml = home / carrier.FILE, YAML(typ="safe")
    document = (yaml.load(path.read_text(encoding="utf-8")) if path.exists() else None) or {}
    document = {"carrier": {"name": "drill", "policy": "policy"}} | document
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(document | {"urls": dict(urls)}, file)


def _milliseconds(seconds: Mapping[str, float]) -> dict[str, int]:
    return {system: round(taken * 1000) for system, taken in seconds.items()}


def _in_copies(drill: _Scratch, first: str, people: int, brought: "Brought") -> dict[str, int]:
    from sekisho.registers.backups.actions import bringing

    folder = drill.folder
    drill.run("one", "restore-check", "--json")
    made = _read(drill.timed("backup", "one", "backup", "make", str(folder / "second"), "--json"))
    parts = json.loads((folder / "second" / made["backup"] / manifest.FILE).read_text(encoding="utf-8"))
    drill.note("copied", {store: round(float(taken) * 1000) for store, taken in parts["seconds"].items()})
    drill.note("copied", _milliseconds(bringing.back_up(brought.servers, folder)))
    targets = str(folder / "targets")
    named = [f"--elsewhere={id_}={value}" for id_, value in brought.digests().items()]
    told = ("erase", targets, "--people", str(people), "--seed", first, *named)
    erased = _read(drill.run("one", "backup", "drill-act", *told))
    drill.stages += erased["stages"]
    shutil.rmtree(folder / "one")
    bringing.empty_product(brought)
    drill.timed("restored", "two", "restore", str(folder / "second" / made["backup"]))
    drill.note("restored", _milliseconds(bringing.put_back(brought.servers, folder)))
    opening = _read(drill.timed("checked", "two", "restore-check", "--json"))
    drill.note("replayed", opening["stores"])
    looked = _read(drill.run("two", "backup", "drill-act", "look", targets))
    drill.stages += looked["stages"]
    return {"people": erased["people"], "resurrected": looked["resurrected"], "looked_at": looked["looked_at"]}


def _read(printed: str) -> Any:
    """The JSON of a command. A store's library may have drawn a bar before it."""
    return json.loads(printed[printed.find("{") :])


def _forget(backup: str, acting_user: str) -> None:
    """The drill's own backup of the carrier dies with the drill."""
    from sekisho.registers.backups.actions.making import destroy_backup

    destroy_backup(ref=backup, at=datetime.now(UTC), acting_user=acting_user)


def _tell(record: "DrillRecord | None", days: Iterable[Mapping[str, Any]], *, as_json: bool) -> None:
    if record is None:
        click.echo("[]" if as_json else "訓練はまだありません。sekisho backup drill で行います")
        return
    if as_json:
        said = record.as_json() | {"backups_die": [dict(one) for one in days]}
        click.echo(json.dumps(said, ensure_ascii=False, indent=1))
        return
    mark = "✓ 誰も戻りませんでした" if record.passed else "✗ 戻った人がいます"
    click.echo(f"{mark}: {record.ref}、消去 {record.people} 人、復元の後に見つかった人 {record.resurrected} 人")
    click.echo("消去の段階と実測時間（ミリ秒）")
    systems = record.systems()
    table = Table(box=None, pad_edge=False)
    table.add_column("段階", no_wrap=True)
    for system in systems:
        table.add_column(system or "全体", justify="right")
    for stage, row in record.table():
        cells = (f"{row[system]:,}" if system in row else "" for system in systems)
        table.add_row(STAGES.get(stage, stage), *cells)
    console = Console()
    whole = Measurement.get(console, console.options.update(max_width=WIDEST), table).maximum
    Console(width=max(console.width, whole)).print(table)  # a figure cut short is none
    for one in record.undrilled:
        click.echo(f"! 訓練していない系: {one['system']}（{one['kind']}）。{UNDRILLED.get(one['why'], one['why'])}")
    click.echo("消去の後、最後のバックアップが消えるまで")
    for one in days:
        known = one["dies_after_days"] is not None
        click.echo(
            f"  {one['system']}: " + (f"{one['dies_after_days']}日" if known else "不明（事業者の申告がありません）")
        )
