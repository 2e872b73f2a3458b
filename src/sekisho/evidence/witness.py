"""A copy of every checkpoint kept outside: without one, nobody can see that the end of the ledger was cut off.

The witness here is a folder that somebody else controls (another machine's share, a medium taken away). It takes a
checkpoint only if that continues the last one it has: then it holds every head this log ever showed it.
"""

import os
from pathlib import Path

from sekisho.engine.errors import SekishoError
from sekisho.engine.merkle.checkpoint import Checkpoint, read_checkpoint
from sekisho.engine.merkle.note import Verifier
from sekisho.engine.merkle.proof import is_consistent
from sekisho.engine.merkle.tiles import Read, nodes_of
from sekisho.engine.merkle.tree import consistency_proof
from sekisho.evidence.body import ROOM
from sekisho.evidence.folder import Folder

LAST = "checkpoint"


def place(home: Path) -> Path | None:
    """The witness's folder: SEKISHO_WITNESS, else `witness/` in the home where somebody made one."""
    named = os.environ.get("SEKISHO_WITNESS", "")
    if named:
        return Path(named)
    return home / "witness" if (home / "witness").is_dir() else None


def last_seen(folder: Path, verifier: Verifier) -> Checkpoint | None:
    """The last checkpoint the witness has. Raises: note.*, checkpoint.malformed."""
    note = Folder(folder).read_text(LAST)
    return read_checkpoint(note, verifier) if note else None


def accept(folder: Path, note: str, verifier: Verifier, read: Read) -> Checkpoint:
    """Take a checkpoint. Raises: evidence.witness-refused where it does not continue the last one."""
    new, old = read_checkpoint(note, verifier), last_seen(folder, verifier)
    if old is not None and not _continues(old, new, read):
        raise SekishoError("evidence.witness-refused", room=ROOM, old=old.size, new=new.size)
    if old is None or new.size > old.size:
        Folder(folder).write({f"checkpoint.{new.size}": note.encode(), LAST: note.encode()})
    return new


def _continues(old: Checkpoint, new: Checkpoint, read: Read) -> bool:
    if old.size >= new.size:
        return old.size == new.size and old.root == new.root
    try:
        proof = consistency_proof(nodes_of(read, new.size), old.size, new.size)
    except (FileNotFoundError, ValueError):
        return False
    return is_consistent(old.size, new.size, old.root, new.root, proof)
