"""One writer per file or folder: an advisory lock beside it, held across processes, given back by the kernel at death."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path

from sekisho.connectors.failures import refusal, translated

PATIENCE_SECONDS = 30.0
STEP_SECONDS = 0.05


def take(system: str, path: Path, patience: float = PATIENCE_SECONDS) -> TextIOWrapper:
    """The lock file, locked. Closing it gives the lock back.

    Raises: connector.busy after `patience` seconds.
    """
    with translated(system):
        file = path.open("a", encoding="utf-8")
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                file.close()
                raise refusal("connector.busy", system) from None
            time.sleep(STEP_SECONDS)
        else:
            return file


@contextmanager
def held(system: str, path: Path) -> Iterator[None]:
    """Hold the lock for a while."""
    with take(system, path):
        yield


def is_free(path: Path) -> bool:
    """Whether nobody holds the lock at this moment."""
    with path.open("a", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
