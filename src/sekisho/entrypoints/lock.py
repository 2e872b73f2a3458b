"""A home that was restored stays locked until `sekisho restore-check` has opened it: nobody comes back by accident.

The lock is a file in the home. It is the first thing a restore writes and the last that opening removes, so that a
process killed at any moment leaves a locked home.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sekisho.engine.errors import SekishoError
from sekisho.evidence.folder import Folder

FILE = "restore.lock"
BACKUPS = "sekisho.registers.backups"
RESTORING = "restoring"  # files are still being put in place
RESTORED = "restored"
HALF = frozenset({RESTORING, "?"})  # what only restoring again can mend


def state(home: Path) -> Mapping[str, Any] | None:
    """What the lock says; None where the home is open. A lock that can't be read locks all the same."""
    try:
        said: Mapping[str, Any] = json.loads((home / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return {"stage": "?"}
    return said if isinstance(said, dict) else {"stage": "?"}


def require_open(home: Path) -> None:
    """Refuse a home that was restored and not opened. Raises: backups.locked, backups.half-restored, backups.lock-unreadable."""
    said = state(home)
    if said is not None:
        raise refusal(said, str(home))


def refusal(said: Mapping[str, Any], home: str) -> SekishoError:
    """Why a locked home is not open: its files may still be missing, or nobody has looked at them."""
    stage = said.get("stage", "?")
    code = {RESTORING: "backups.half-restored", "?": "backups.lock-unreadable"}.get(stage, "backups.locked")
    return SekishoError(code, room=BACKUPS, home=home, stage=stage)


def write(home: Path, said: Mapping[str, Any]) -> None:
    """Lock, or note how far the restore is; durably."""
    Folder(home).write({FILE: json.dumps(said, sort_keys=True).encode()})


def remove(home: Path) -> None:
    """Open."""
    (home / FILE).unlink(missing_ok=True)
    descriptor = os.open(home, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def health(home: Path) -> Mapping[str, str]:
    """Open or locked, and how far a restore is: nothing of anybody."""
    said = state(home)
    return {"state": "open"} if said is None else {"state": "locked", "stage": str(said.get("stage", "?"))}
