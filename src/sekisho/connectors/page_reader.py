"""Text off pictures of pages, read in a process of its own that ends with its work: a library that parses what strangers sent.

The reader and its models come with the installation (docs/decisions/0019); where they are missing nothing is read, and who
asks is told so. What was read is personal data: it is handed over and kept nowhere.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from typing import Any

from sekisho.engine.errors import SekishoError
from sekisho.engine.scanning.pages import Line, ReadPage

ROOM = "sekisho.connectors"
MODULE = "sekisho.connectors.page_reader_child"
PARTS = ("rapidocr", "onnxruntime")
PAGE_SECONDS = 120  # of computing: ten times what a page takes on one slow core
PATIENCE = 10  # times as long by the clock: a busy machine makes no page unreadable


def is_there() -> bool:
    """Whether this machine can read pages."""
    return all(find_spec(name) is not None for name in PARTS)


@cache
def version() -> str:
    """Which reader reads here; empty where none does."""
    return " ".join(f"{name} {metadata.version(name)}" for name in PARTS) if is_there() else ""


def read_pages(pages: Sequence[bytes], *, threads: int = 1) -> tuple[ReadPage, ...]:
    """What stands on each page (PNG). Raises: connector.no-page-reader, connector.page-not-read."""
    if not is_there():
        raise SekishoError("connector.no-page-reader", room=ROOM)
    seconds = PAGE_SECONDS * max(len(pages), 1)
    asked = {"sizes": [len(page) for page in pages], "threads": threads, "seconds": seconds}
    try:
        ended = subprocess.run(  # noqa: S603  our own interpreter and module
            [sys.executable, "-I", "-B", "-m", MODULE],
            input=json.dumps(asked).encode() + b"\n" + b"".join(pages),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
            start_new_session=True,  # who stops the worker by its group does not make a page unreadable
            timeout=seconds * PATIENCE,
            check=True,
        )
        return tuple(_page(json.loads(line)) for line in ended.stdout.splitlines())
    except (OSError, ValueError, KeyError, subprocess.SubprocessError):
        raise SekishoError("connector.page-not-read", room=ROOM) from None


def _page(told: dict[str, Any]) -> ReadPage:
    return ReadPage(
        width=told["width"],
        height=told["height"],
        turn=told["turn"],
        looks=tuple(
            tuple(
                Line(text=one["text"], score=one["score"], corners=tuple((x, y) for x, y in one["corners"]))
                for one in lines
            )
            for lines in told["looks"]
        ),
    )
