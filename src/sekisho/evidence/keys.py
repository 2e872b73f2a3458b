"""The ledger's signing key, in the carrier's home. Its public half names the log."""

import contextlib
import os
import secrets
import tempfile
from hashlib import sha256
from pathlib import Path

from sekisho.engine.merkle.note import Signer, Verifier

FILE = "ledger.ed25519"
SEED_SIZE = 32


def signer(home: Path) -> Signer:
    """The signing key, made on first use. The log is named after it, so that two logs never share a name."""
    seed = _seed(home)
    public = Signer(name="", seed=seed).verifier.key
    return Signer(name=f"sekisho/{sha256(public).hexdigest()[:16]}", seed=seed)


def verifier(home: Path) -> Verifier | None:
    """The public half, if there is a key yet."""
    return signer(home).verifier if (home / "keys" / FILE).exists() else None


def _seed(home: Path) -> bytes:
    path = home / "keys" / FILE
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, new = tempfile.mkstemp(dir=path.parent)  # readable by its owner only
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(SEED_SIZE))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):  # of two processes starting at once the first wins
            path.hardlink_to(new)
        Path(new).unlink()
    return path.read_bytes()
