"""Receipts: what anyone can check offline. Made from the files of the ledger; knows no database."""

from base64 import b64encode

from sekisho.engine.merkle import tiles
from sekisho.engine.merkle.checkpoint import read_checkpoint
from sekisho.engine.merkle.note import Verifier
from sekisho.engine.merkle.tree import inclusion_proof, leaf_hash
from sekisho.evidence.folder import Folder

RECEIPT = "sekisho-receipt-1"
CERTIFICATE = "sekisho-certificate-1"


def receipt_of(*, leaf: bytes, index: int, note: str, verifier: Verifier, folder: Folder) -> dict[str, object]:
    """The receipt of the entry at `index`, under the checkpoint `note` that covers it.

    Raises: note.*, checkpoint.malformed; FileNotFoundError and ValueError where tiles are gone or cut.
    """
    size = read_checkpoint(note, verifier).size
    proof = inclusion_proof(tiles.nodes_of(folder.read, size), index, size)
    return {
        "format": RECEIPT,
        "entry": leaf.decode(),
        "entry_hash": leaf_hash(leaf).hex(),
        "index": index,
        "proof": [b64encode(node).decode() for node in proof],
        "checkpoint": note,
        "key": str(verifier),
    }
