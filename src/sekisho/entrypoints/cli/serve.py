"""`sekisho serve`: console, centre and API in one process, with the ledger's sequencer and the policy's follower."""

import asyncio
import contextlib
import json
import signal
import socket
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sekisho.engine.errors import SekishoError
from sekisho.entrypoints import home as homes
from sekisho.entrypoints import lock, runtime
from sekisho.entrypoints.cli.language import LANGUAGE, spoken
from sekisho.entrypoints.cli.refusing import refusing
from sekisho.entrypoints.locked import Application, guarded, only_locked

if TYPE_CHECKING:
    from granian.server.embed import Server

PORT = 8870
LOOK = 0.5  # seconds between two looks at the lock


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="address to listen on")
@click.option("--port", default=PORT, show_default=True, help="port to listen on")
@LANGUAGE
def command(host: str, port: int, language: str | None) -> None:
    """Serve console, centre and API in one process, on loopback unless told otherwise."""
    home = homes.directory()
    with refusing():
        homes.require_carrier(home)
        _require_free(host, port)
        if lock.state(home) is not None:
            _serve_locked(home, host, port)
        runtime.set_up(home)
    warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
    from sekisho.entrypoints.background import Background

    background = Background(home)
    background.start()
    click.echo(welcome(home, host, port, spoken(language)))
    try:
        asyncio.run(_serve(host, port, _application()))
    finally:
        background.stop()


def welcome(home: Path, host: str, port: int, language: str = "ja") -> str:
    """What to open, as whom, and what to look at first."""
    at = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    text = (_japanese if language == "ja" else _english)(at, demo_logins(home), home / "demo-api-key")
    return "\n".join(["", *text, ""])


def _japanese(at: str, logins: list[dict[str, str]], key: Path) -> list[str]:
    lines = [
        "関所（Sekisho）を開きました。 (English: sekisho serve --language en)",
        f"  管理画面               {at}/console/",
        f"  プライバシーセンター   {at}/",
        f"  判定の API             {at}/access/v1/evaluation",
        "",
    ]
    if logins:
        lines += ["見本のアカウント（この見本の事業者だけのものです）"]
        lines += [f"  {row['username']:<12} {row['password']:<20} {row.get('label', '')}" for row in logins]
        lines += [""]
    if key.exists():
        lines += [f"見本の API の鍵は {key} にあります（Authorization: Bearer …）", ""]
    return [
        *lines,
        "はじめに見るもの",
        f"  1. 履行台帳            {at}/console/promises/   公表した文ごとに、守れているか、なぜか",
        f"  2. 公開の方針          {at}/                    同じことを、ご本人にも隠さず",
        f"  3. 開示等請求          {at}/console/cases/      案件のもとで開く本人の台帳",
        "  4. policy.yaml を直すと、文、判定、台帳が数秒で変わります",
        "",
        "終えるには Ctrl+C",
    ]


def _english(at: str, logins: list[dict[str, str]], key: Path) -> list[str]:
    lines = [
        "Sekisho (関所) is open.",
        f"  console                {at}/en/console/",
        f"  privacy centre         {at}/en/",
        f"  decision API           {at}/access/v1/evaluation",
        "",
    ]
    if logins:
        lines += ["accounts of the demo carrier (of no other)"]
        lines += [f"  {row['username']:<12} {row['password']:<20} {row.get('label', '')}" for row in logins]
        lines += [""]
    if key.exists():
        lines += [f"the demo's API key stands in {key} (Authorization: Bearer …)", ""]
    return [
        *lines,
        "what to look at first",
        f"  1. promise board       {at}/en/console/promises/   every published sentence: is it kept, and why",
        f"  2. published policy    {at}/en/                    the same, hidden from nobody",
        f"  3. subject requests    {at}/en/console/cases/      the person's page, opened under a case",
        "  4. edit policy.yaml: sentences, decisions and board change within seconds",
        "",
        "Ctrl+C ends it",
    ]


def demo_logins(home: Path) -> list[dict[str, str]]:
    """Accounts of the demo carrier, as its builder wrote them; none elsewhere."""
    path = home / "demo-logins.json"
    if not path.exists():
        return []
    rows: list[dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return rows


def _application() -> Application:
    from sekisho.entrypoints.asgi import application

    return application


def _serve_locked(home: Path, host: str, port: int) -> None:
    """Answer that the home is locked until `sekisho restore-check` has opened it; then serve it."""
    click.echo(f"復元したままで、まだ開いていません: {home}\n→ sekisho restore-check", err=True)
    asyncio.run(_serve(host, port, guarded(only_locked, home), until=lambda: lock.state(home) is None))
    lock.require_open(home)


async def _serve(host: str, port: int, application: Application, until: Callable[[], bool] | None = None) -> None:
    from granian.constants import Interfaces
    from granian.server.embed import Server

    server = Server(application, address=host, port=port, interface=Interfaces.ASGINL, log_enabled=False)
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(sign, server.stop)
    waiting = asyncio.ensure_future(_stop_when(server, until)) if until else None
    await server.serve()
    if waiting:
        waiting.cancel()


async def _stop_when(server: "Server", until: Callable[[], bool]) -> None:
    while not until():  # noqa: ASYNC110  another process opens the home: no event of ours tells
        await asyncio.sleep(LOOK)
    server.stop()  # type: ignore[no-untyped-call]


def _require_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            values = {"host": host, "port": port, "why": error.strerror}
            raise SekishoError("serve.port-taken", room=homes.ROOM, **values) from error
