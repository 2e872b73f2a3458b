"""What a backup says of itself: its parts with hashes, what it leaves out, the state of policy and ledger; signed."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from sekisho.engine.errors import SekishoError
from sekisho.engine.merkle.canonical import canonical
from sekisho.engine.merkle.note import Signer, Verifier
from sekisho.registers.backups.rules import ROOM

FORMAT = "sekisho-backup-1"
FILE = "manifest.json"
NOTE = "manifest.note"
PARTS = "parts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One file of the home, or one table of the product database: where it belongs, and its two hashes."""

    path: str
    part: str
    size: int
    sha256: str
    sealed_sha256: str
    system: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The whole backup. `foreign`: systems whose backups are the carrier's own; days until those die, if it says so."""

    ref: str
    made_at: str
    expires_on: str
    policy: str
    policy_sha256: str
    log: str
    ledger_size: int
    checkpoint: str
    tombstones: int
    tombstones_sha256: str
    database: str
    migrations: Mapping[str, str]
    parts: tuple[Part, ...]
    left_out: tuple[Mapping[str, str], ...]
    foreign: tuple[Mapping[str, Any], ...]
    seconds: Mapping[str, str]

    def as_bytes(self) -> bytes:
        """The document as it is hashed and signed."""
        return canonical({"format": FORMAT} | asdict(self))

    @property
    def bytes(self) -> int:
        """How much was copied."""
        return sum(part.size for part in self.parts)


def signed(manifest: Manifest, signer: Signer) -> tuple[bytes, str]:
    """The document, and the signed note over its hash."""
    document = manifest.as_bytes()
    return document, signer.sign(f"{FORMAT}\n{sha256(document).hexdigest()}\n")


def read(document: bytes, note: str, verifier: Verifier) -> Manifest:
    """A manifest that this log's key signed. Raises: backups.manifest-altered."""
    try:
        is_signed = verifier.open(note) == f"{FORMAT}\n{sha256(document).hexdigest()}\n"
        said: dict[str, Any] = json.loads(document)
        said.pop("format")
        parts = tuple(Part(**one) for one in said.pop("parts"))
        left_out, foreign = tuple(said.pop("left_out")), tuple(said.pop("foreign"))
        manifest = Manifest(parts=parts, left_out=left_out, foreign=foreign, **said)
    except (SekishoError, ValueError, KeyError, TypeError) as error:
        raise SekishoError("backups.manifest-altered", room=ROOM) from error
    if not is_signed:
        raise SekishoError("backups.manifest-altered", room=ROOM)
    return manifest


def log_of(document: bytes) -> str:
    """Which log a manifest says it belongs to, before anything is believed. Raises: backups.manifest-altered."""
    try:
        return str(json.loads(document)["log"])
    except (ValueError, KeyError, TypeError) as error:
        raise SekishoError("backups.manifest-altered", room=ROOM) from error
