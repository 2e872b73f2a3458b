"""Checkpoints: how large the log is and what its root is, as a text that is signed. Source: c2sp.org/tlog-checkpoint."""

import binascii
from base64 import b64decode, b64encode
from dataclasses import dataclass

from sekisho.engine.errors import SekishoError
from sekisho.engine.merkle.note import ROOM, Verifier
from sekisho.engine.merkle.tree import HASH_SIZE


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The head of a log: `origin` names the log."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The text to sign."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"


def read_checkpoint(note: str, verifier: Verifier) -> Checkpoint:
    """The checkpoint of a note signed by this key.

    Raises: note.malformed, note.not-signed, checkpoint.malformed (also for another log's checkpoint).
    """
    lines = verifier.open(note).split("\n")
    try:
        origin, size, encoded = lines[:3]
        root = b64decode(encoded, validate=True)
    except (ValueError, binascii.Error):
        raise SekishoError("checkpoint.malformed", room=ROOM) from None
    if origin != verifier.name or not size.isascii() or not size.isdigit() or str(int(size)) != size:
        raise SekishoError("checkpoint.malformed", room=ROOM)
    if len(root) != HASH_SIZE or b64encode(root).decode() != encoded:
        raise SekishoError("checkpoint.malformed", room=ROOM)
    return Checkpoint(origin=origin, size=int(size), root=root)
