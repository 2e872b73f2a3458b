"""`sekisho demo`: build the invented carrier, run the whole story once, say what happened."""

import os
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sekisho.engine.errors import SekishoError
from sekisho.entrypoints import home as homes
from sekisho.entrypoints.cli.refusing import refusing

if TYPE_CHECKING:
    from sekisho.entrypoints.telling import Teller

POLICY = Path(__file__).resolve().parents[4] / "policies" / "arlink"
OUTBOX = "folder:outbox"  # e-mail of the demo is left in its home and sent to nobody
NAME = "見本の電気通信事業者（架空）"


@click.command()
@click.option(
    "--dir", "directory", type=click.Path(path_type=Path), help="home of the carrier  [default: SEKISHO_HOME]"
)
@click.option("--subscribers", default=20_000, show_default=True, type=click.IntRange(100, 1_000_000), help="people")
@click.option("--calls", default=1_000_000, show_default=True, type=click.IntRange(0, 50_000_000), help="call records")
@click.option("--seed", default=7, show_default=True, help="the same seed gives the same carrier")
@click.option(
    "--policy",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="policy folder  [default: policies/arlink]",
)
@click.option("--crm-url", default="", help="put the CRM into this PostgreSQL instead of SQLite")
@click.option("--if-missing", is_flag=True, help="do nothing where a carrier has been built")
@click.option("--force", is_flag=True, help="build anew over a demo carrier that stands there")
def command(
    directory: Path | None,
    subscribers: int,
    calls: int,
    seed: int,
    policy: Path | None,
    crm_url: str,
    if_missing: bool,
    force: bool,
) -> None:
    """Build the demo carrier, run the whole story once, say what happened."""
    home = (directory or homes.directory()).absolute()
    with refusing():
        if not _prepare(home, if_missing=if_missing, force=force):
            return
        _build(home, policy or POLICY, subscribers=subscribers, calls=calls, seed=seed, crm_url=crm_url)


def _prepare(home: Path, *, if_missing: bool, force: bool) -> bool:
    """Make room for the carrier; False where one stands and is wanted as it is."""
    try:
        stands = (home / homes.CARRIER_FILE).exists()
        if stands and if_missing:
            return False
        if stands or (home.exists() and any(home.iterdir())):
            _clear(home, force=force)
    except OSError as error:
        raise homes.unusable(home, error) from error
    homes.make(home)
    return True


def _build(home: Path, policy: Path, *, subscribers: int, calls: int, seed: int, crm_url: str) -> None:
    os.environ["SEKISHO_HOME"] = str(home)
    from sekisho.entrypoints import runtime

    with runtime.running(building=home):
        from sekisho.entrypoints.telling import Teller

        with Teller() as teller:
            _tell(teller, home, policy, subscribers=subscribers, calls=calls, seed=seed, crm_url=crm_url)
        homes.close(home)


def _tell(teller: "Teller", home: Path, policy: Path, *, subscribers: int, calls: int, seed: int, crm_url: str) -> None:
    from sekisho.assurance.promises import actions as promises
    from sekisho.demo import building, listing, loading, story
    from sekisho.engine.policy.load import load
    from sekisho.entrypoints import carrier as carriers
    from sekisho.registers.findings import actions as findings

    began = time.monotonic()
    at = datetime.now(UTC).replace(microsecond=0)
    urls = {"crm": crm_url} if crm_url else {}
    mail = carriers.Mail(url=OUTBOX, sender="privacy@example.jp")
    carrier = carriers.Carrier(name=NAME, policy=policy.resolve(), demo=True, follow=True, urls=urls, mail=mail)
    documents = carrier.documents()
    checked = load(documents)
    teller.checked(checked)
    with teller.chapter("見本の事業者をつくる") as step:
        built = building.build(
            home, at, subscribers=subscribers, calls_count=calls, seed=seed, crm_url=crm_url, progress=step.said
        )
    with teller.chapter("台帳に写す") as step:
        carriers.write(home, carrier)
        loaded = loading.load(built, documents, at=at, step=step.said)
    teller.built(built, loaded)
    with teller.chapter("利用の可否を判定する") as step:
        decided = story.decide_all(built, at=at, step=step.counted)
    teller.decided(decided)
    with teller.chapter("期限の来た情報を消去する") as step:
        swept = story.sweep(at=at, step=step.counted)
    teller.swept(swept)
    with teller.chapter("1人の情報をすべての系から消去する") as step:
        erased = story.erase(built, at=at, step=step.counted)
    teller.erased(erased)
    with teller.chapter("使ってよい方の名簿をつくる"):
        listed = listing.build_lists(at=at)
    teller.listed(listed)
    with teller.chapter("系の中を調べる") as step:
        findings.look(at=at, acting_user=story.TELLER, step=step.counted)
    with teller.chapter("約束を確かめる"):
        counts = promises.check_all(at)
    with teller.chapter("証跡を検証する"):
        verified = story.verify(at=at)
    teller.verified(verified)
    teller.board({verdict.value: count for verdict, count in counts.items()})
    teller.ended(home, time.monotonic() - began)


def _clear(home: Path, *, force: bool) -> None:
    if not force:
        raise SekishoError("home.not-empty", room=homes.ROOM, home=home)
    from sekisho.entrypoints import carrier as carriers

    carrier = carriers.read(home)
    if not carrier.demo if carrier else not (home / "keys").exists():
        raise SekishoError("home.not-a-demo", room=homes.ROOM, home=home)
    shutil.rmtree(home)
