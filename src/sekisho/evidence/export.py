"""Copy the ledger out, so that somebody else can check it with a verifier of their own."""

import json
from pathlib import Path

from sekisho.engine.errors import SekishoError
from sekisho.engine.merkle import tiles
from sekisho.engine.merkle.checkpoint import read_checkpoint
from sekisho.engine.merkle.note import Verifier
from sekisho.evidence.body import ROOM
from sekisho.evidence.checking import Head
from sekisho.evidence.folder import CHECKPOINT, KEY, Folder
from sekisho.evidence.receipts import receipt_of


def export(*, source: Folder, target: Path, verifier: Verifier, heads: list[Head]) -> dict[str, int]:
    """Write key, checkpoints, tiles, entries, and a receipt for every certificate; returns how much of each.

    Copies what stands there, right or wrong: judging it is the reader's business.

    Raises: evidence.no-ledger, note.*, checkpoint.malformed; FileNotFoundError where a file is gone.
    """
    note = source.read_text(CHECKPOINT)
    if not note:
        raise SekishoError("evidence.no-ledger", room=ROOM, home=source.path)
    size = read_checkpoint(note, verifier).size
    files = {path: source.read(path) for path in tiles.paths(size)}
    files |= {KEY: f"{verifier}\n".encode(), CHECKPOINT: note.encode()}
    files |= {f"checkpoints/{head.size}": head.note.encode() for head in heads if head.size <= size}
    leaves = [leaf for path in tiles.paths(size) if "/entries/" in path for leaf in tiles.unbundle(files[path])]
    certified = [index for index, leaf in enumerate(leaves) if _is_certified(leaf)]
    for index in certified:
        receipt = receipt_of(leaf=leaves[index], index=index, note=note, verifier=verifier, folder=source)
        files |= {f"receipts/{index}.json": json.dumps(receipt, ensure_ascii=False, indent=1).encode()}
    Folder(target).write(files)
    return {"entries": size, "files": len(files), "checkpoints": len(heads), "receipts": len(certified)}


def _is_certified(leaf: bytes) -> bool:
    try:
        return "certificate" in json.loads(leaf)["body"]
    except (ValueError, KeyError, TypeError):
        return False
