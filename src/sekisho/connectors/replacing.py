"""A file's successor written beside it, synced, and renamed into its place: killed anywhere, one whole file stands.

What would leave the old content behind, or overrule somebody, is refused: a file that is read-only, that somebody has
locked or open, that has vanished, or that has a second name (the other name would keep the old content).
"""

import errno
import fcntl
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sekisho.connectors.failures import refusal, translated

NEXT_SUFFIX = ".next"
OWNERS = ("~${name}", ".~lock.{name}#")  # what office programs leave beside a file they have open


def replace(system: str, path: Path, write: Callable[[Path], None]) -> None:
    """Let `write` write the successor, and put it in place with the old one's mode.

    Raises: connector.read-only, connector.busy, connector.vanished, connector.several-names, connector.no-space.
    """
    real = path.resolve()  # a link stays a link; what it names is replaced
    following = real.with_name(real.name + NEXT_SUFFIX)
    with free(system, real):
        write(following)
        shutil.copymode(real, following)
        with following.open("rb") as file:
            os.fsync(file.fileno())
        following.replace(real)
        sync_folder(real.parent)


def remove(system: str, path: Path) -> None:
    """Remove the file for good, by its one name."""
    real = path.resolve()
    with free(system, real):
        real.unlink()
        if real != path.absolute():
            path.unlink(missing_ok=True)
        sync_folder(real.parent)


@contextmanager
def free(system: str, path: Path) -> Iterator[None]:
    """The file is there, may be written, and nobody else is at it."""
    with present(system, path), translated(system):
        told = path.stat()
        if not told.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
            raise refusal("connector.read-only", system)  # also for those whom the kernel would let write
        if told.st_nlink > 1:
            raise refusal("connector.several-names", system, path=path.name)
        if any(path.with_name(one.format(name=path.name)).exists() for one in OWNERS):
            raise refusal("connector.busy", system)
        with path.open("rb+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                if error.errno not in {errno.EACCES, errno.EAGAIN}:
                    raise
                raise refusal("connector.busy", system) from error
            yield


@contextmanager
def present(system: str, path: Path) -> Iterator[None]:
    """A file listed a moment ago that is there no more is told as that, not as a store out of reach."""
    try:
        yield
    except FileNotFoundError as error:
        raise refusal("connector.vanished", system, path=path.name) from error


def remove_leftovers(folder: Path) -> None:
    """What killed writers left: never a live file."""
    for path in folder.rglob(f"*{NEXT_SUFFIX}"):
        path.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """The folder's entries are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
