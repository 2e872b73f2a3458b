"""The document that goes with a list: what it is, what it rests on, until when; signed with the ledger's key.

It is a JSON object: `manifest`, and a signed note's `key` and `signature` over the canonical JSON of `manifest` and a line
feed. Whoever has the public key can verify it without this installation.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sekisho.engine.errors import SekishoError
from sekisho.engine.merkle.canonical import canonical
from sekisho.engine.merkle.note import Signer, Verifier

ROOM = "sekisho.registers.lists"
FORMAT = "sekisho-list-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A manifest whose signature was verified."""

    told: dict[str, Any]

    @property
    def ref(self) -> str:
        """The list it is about."""
        return str(self.told["list"])

    @property
    def sha256(self) -> str:
        """The hash of the list's file."""
        return str(self.told["sha256"])

    @property
    def built_sha256(self) -> str:
        """The hash of the list as it was built: of what a recheck left, that of the list it came from."""
        parent = self.told.get("parent")
        return str(parent["sha256"]) if parent else self.sha256

    @property
    def expires_at(self) -> datetime:
        """The instant from which on the list is no longer to be used."""
        return datetime.fromisoformat(str(self.told["expires_at"]))


def signed(told: dict[str, object], signer: Signer) -> str:
    """The document over `told`."""
    note = signer.sign(canonical(told).decode() + "\n")
    signature = note.rpartition("\n\n")[2].strip()
    document = {"manifest": told, "key": str(signer.verifier), "signature": signature}
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def opened(document: str, verifier: Verifier) -> Manifest:
    """What a document says, if this key signed it. Raises: lists.manifest-malformed, lists.manifest-not-signed."""
    told, signature = _parts(document)
    try:
        text = canonical(told).decode()
        datetime.fromisoformat(str(told["expires_at"]))
    except (ValueError, KeyError, SekishoError) as error:
        raise SekishoError("lists.manifest-malformed", room=ROOM) from error
    try:
        verifier.open(f"{text}\n\n{signature}\n")
    except SekishoError as error:
        raise SekishoError("lists.manifest-not-signed", room=ROOM, name=verifier.name) from error
    return Manifest(told=told)


def _parts(document: str) -> tuple[dict[str, Any], str]:
    try:
        read = json.loads(document)
    except (ValueError, RecursionError) as error:
        raise SekishoError("lists.manifest-malformed", room=ROOM) from error
    told = read.get("manifest") if isinstance(read, dict) else None
    signature = read.get("signature") if isinstance(read, dict) else None
    if not isinstance(told, dict) or told.get("format") != FORMAT or not isinstance(signature, str):
        raise SekishoError("lists.manifest-malformed", room=ROOM)
    if "\n" in signature:
        raise SekishoError("lists.manifest-malformed", room=ROOM)
    return told, signature


def require_file(manifest: Manifest, path: Path, at: datetime) -> None:
    """The file is the one that was signed for, and its time is not over. Raises: lists.file-changed, lists.expired."""
    if file_sha256(path) != manifest.sha256:
        raise SekishoError("lists.file-changed", room=ROOM, list=manifest.ref)
    if at >= manifest.expires_at:
        raise SekishoError("lists.expired", room=ROOM, list=manifest.ref, at=manifest.told["expires_at"])


def file_sha256(path: Path) -> str:
    """The hash of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
