"""`sekisho serve`: console, centre and API in one process, with the ledger's sequencer and the policy's follower."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
import warnings
from pathlib import Path

import click

from sekisho.entrypoints import home as homes

PORT = 8870


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="address to listen on")
@click.option("--port", default=PORT, show_default=True, help="port to listen on")
def command(host: str, port: int) -> None:
    """Serve console, centre and API in one process, on loopback unless told otherwise."""
    home = homes.directory()
    if not (home / homes.DATABASE_FILE).exists() and "SEKISHO_DATABASE_URL" not in os.environ:
        sys.exit(
            f"{home} に事業者がありません。先に sekisho demo を実行してください。\nno carrier in {home}: run `sekisho demo` first"
        )
    _require_free(host, port)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sekisho.entrypoints.settings")
    warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")

    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    from sekisho.entrypoints.background import Background

    background = Background(home)
    background.start()
    click.echo(welcome(home, host, port))
    try:
        asyncio.run(_serve(host, port))
    finally:
        background.stop()


def welcome(home: Path, host: str, port: int) -> str:
    """What to open, as whom, and what to look at first."""
    at = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    lines = [
        "",
        "関所（Sekisho）を開きました。",
        f"  管理画面               {at}/console/",
        f"  プライバシーセンター   {at}/",
        f"  判定の API             {at}/access/v1/evaluation",
        "",
    ]
    logins = demo_logins(home)
    if logins:
        lines += ["見本のアカウント（この見本の事業者だけのものです）"]
        lines += [f"  {row['username']:<12} {row['password']:<20} {row.get('label', '')}" for row in logins]
        lines += [""]
    if (home / "demo-api-key").exists():
        lines += [f"見本の API の鍵は {home / 'demo-api-key'} にあります（Authorization: Bearer …）", ""]
    lines += [
        "はじめに見るもの",
        f"  1. 履行台帳            {at}/console/promises/   公表した文ごとに、守れているか、なぜか",
        f"  2. 公開の方針          {at}/                    同じことを、ご本人にも隠さず",
        f"  3. 開示等請求          {at}/console/cases/      案件のもとで開く本人の台帳",
        "  4. policy.yaml を直すと、文、判定、台帳が数秒で変わります",
        "",
        "終えるには Ctrl+C",
        "",
    ]
    return "\n".join(lines)


def demo_logins(home: Path) -> list[dict[str, str]]:
    """Accounts of the demo carrier, as its builder wrote them; none elsewhere."""
    path = home / "demo-logins.json"
    if not path.exists():
        return []
    rows: list[dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return rows


async def _serve(host: str, port: int) -> None:
    from granian.constants import Interfaces
    from granian.server.embed import Server

    from sekisho.entrypoints.asgi import application

    server = Server(application, address=host, port=port, interface=Interfaces.ASGINL, log_enabled=False)
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(sign, server.stop)
    await server.serve()


def _require_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            sys.exit(f"{host}:{port} で待ち受けできません（{error.strerror}）。--port でほかの番号を指定してください。")
