"""One line of the file of tombstones: what was decided, chained to the line before and signed with the ledger's key.

A line holds opaque references, codes and keyed digests. The file is only ever lengthened.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sekisho.engine.errors import SekishoError
from sekisho.engine.merkle.canonical import canonical
from sekisho.registers.backups.rules import ROOM

CONTEXT = b"sekisho-tombstone-1\n"
BEGINNING = "0" * 64
SIGNATURE = "signature"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """One line, read and found right."""

    number: int
    kind: str
    entry: str
    at: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Where the file ends: how many lines, and the hash of the last."""

    count: int = 0
    sha256: str = BEGINNING


def line(head: Head, seed: bytes, *, kind: str, entry: str, at: str, body: Mapping[str, object]) -> tuple[bytes, Head]:
    """The next line with its newline, and the head after it."""
    said = {"at": at, "body": body, "entry": entry, "kind": kind, "n": head.count, "prev": head.sha256}
    signature = Ed25519PrivateKey.from_private_bytes(seed).sign(CONTEXT + canonical(said))
    written = canonical(said | {SIGNATURE: b64encode(signature).decode()})
    return written + b"\n", Head(count=head.count + 1, sha256=sha256(written).hexdigest())


def read(lines: Iterable[bytes], key: bytes, head: Head | None = None) -> Iterator[tuple[Tombstone, Head]]:
    """Every line with the head after it. A line without a newline at the very end was never finished: it is left out.

    `key`: the ledger's public key. Raises: backups.tombstones-altered with the line's number.
    """
    before = head or Head()
    public = Ed25519PublicKey.from_public_bytes(key)
    for written in lines:
        if not written.endswith(b"\n"):
            return
        said = _checked(written[:-1], before, public)
        before = Head(count=before.count + 1, sha256=sha256(written[:-1]).hexdigest())
        yield (
            Tombstone(number=said["n"], kind=said["kind"], entry=said["entry"], at=said["at"], body=said["body"]),
            before,
        )


def _checked(written: bytes, before: Head, public: Ed25519PublicKey) -> dict[str, Any]:
    try:
        said: dict[str, Any] = json.loads(written)
        signature = b64decode(said.pop(SIGNATURE), validate=True)
        public.verify(signature, CONTEXT + canonical(said))
        if (said["n"], said["prev"]) == (before.count, before.sha256):
            return said
    except (ValueError, KeyError, TypeError, AttributeError, InvalidSignature):
        pass
    raise SekishoError("backups.tombstones-altered", room=ROOM, line=before.count + 1)
