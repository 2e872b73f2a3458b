"""`sekisho work`: a worker alone, beside or instead of the one in `sekisho serve`."""

import signal
import threading
from types import FrameType

import click

from sekisho.entrypoints import home as homes
from sekisho.entrypoints import runtime
from sekisho.entrypoints.cli.refusing import refusing


@click.command()
def command() -> None:
    """Carry jobs out until interrupted: number evidence, follow the policy folder, run what is scheduled.

    With SQLite one process works at a time: where `serve` does, this one waits until it ends.
    """
    home = homes.directory()
    with refusing():
        homes.require_carrier(home)
        runtime.set_up(home)
    from sekisho.entrypoints.background import Background

    ended = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        ended.set()

    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, end)
    background = Background(home)
    background.start()
    click.echo("処理を進めています。終えるには Ctrl+C / working; Ctrl+C ends it", err=True)
    try:
        ended.wait()
    finally:
        background.stop()
