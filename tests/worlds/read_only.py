"""Stores that nobody may write to, for root too: by permissions, and by a mount that is read-only.

Root may write whatever the permissions say, so a command is run without that privilege. A mount needs a namespace of its
own, which not every machine gives: then only the first way is there.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

PERMISSIONS, MOUNT = "permissions", "mount"
MOUNTED = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"'
UNPRIVILEGED = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")


def ways() -> tuple[str, ...]:
    """How this machine can keep a command from writing."""
    return (PERMISSIONS, MOUNT) if _can_mount() else (PERMISSIONS,)


@contextmanager
def read_only(folder: Path, way: str) -> Iterator[tuple[str, ...]]:
    """What to put before a command so that nothing under `folder` can be changed by it."""
    if way == MOUNT:
        yield (*_namespace(), "sh", "-c", MOUNTED, str(folder))
        return
    modes = {path: path.stat().st_mode & 0o7777 for path in (folder, *folder.rglob("*"))}
    for path, mode in modes.items():
        path.chmod(mode & 0o555)
    try:
        yield UNPRIVILEGED if os.geteuid() == 0 else ()
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Every file with its content."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def run(before: Sequence[str], command: Sequence[str], env: dict[str, str]) -> str:
    """What the command printed. It must end well."""
    done = subprocess.run([*before, *command], check=False, capture_output=True, text=True, env=os.environ | env)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _namespace() -> tuple[str, ...]:
    return ("unshare", "-m") if os.geteuid() == 0 else ("unshare", "-rm")


@cache
def _can_mount() -> bool:
    if shutil.which("unshare") is None:
        return False
    probe = [*_namespace(), "sh", "-c", MOUNTED, "/tmp", "true"]  # noqa: S108 nothing is written there
    return subprocess.run(probe, check=False, capture_output=True).returncode == 0
