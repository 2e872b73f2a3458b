"""Pages that arrived and letters that leave, sealed one document at a time under keys of their own: to destroy the key is to destroy the pages.

They stand as files of the home beside the database, so that a backup of the one does not keep the other readable.
"""

import hmac
import io
import os
import secrets
import zipfile
from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sekisho.casework.subject_requests.queries.sealed import NONCE_SIZE, box, key_path, unseal

KEY_SIZE = 32
DESK_KEY = "desk"
__all__ = [
    "desk_key",
    "destroy_pages",
    "fingerprint",
    "open_pages",
    "seal",
    "seal_pages",
    "unseal",
]


def desk_key() -> bytes:
    """The key of the marks on forms and of the fingerprints of scans, made on first use."""
    return _key(DESK_KEY)


def fingerprint(pages: Sequence[bytes]) -> str:
    """A keyed hash of the pages: tells the same scan again, and nothing else to who has no key."""
    digest = hmac.new(desk_key(), digestmod="sha256")
    for page in pages:
        digest.update(len(page).to_bytes(8, "big") + page)
    return digest.hexdigest()


def seal_pages(ref: str, pages: Sequence[bytes]) -> None:
    """Write the pages (PNG) of one arrival, sealed; the file is whole or not there."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for number, page in enumerate(pages, 1):
            archive.writestr(f"{number:04}.png", page)
    seal(ref, packed.getvalue())


def open_pages(ref: str) -> tuple[bytes, ...]:
    """The pages of one arrival as PNG. Raises: requests.scan-gone."""
    with zipfile.ZipFile(io.BytesIO(unseal(ref))) as archive:
        return tuple(archive.read(name) for name in sorted(archive.namelist()))


def seal(ref: str, content: bytes) -> None:
    """Write one document sealed under a key of its own; the file is whole or not there."""
    nonce = secrets.token_bytes(NONCE_SIZE)
    _write(box(ref), nonce + AESGCM(_key(ref)).encrypt(nonce, content, ref.encode()))


def destroy_pages(ref: str) -> None:
    """Overwrite and remove key and file. A repeat is a no-op."""
    for path in (key_path(ref), box(ref)):
        if path.exists():
            with path.open("r+b") as file:
                file.write(secrets.token_bytes(path.stat().st_size))
                file.flush()
                os.fsync(file.fileno())
            path.unlink()


def _key(name: str) -> bytes:
    path = key_path(name)
    if not path.exists():
        _write(path, secrets.token_bytes(KEY_SIZE))
    return path.read_bytes()


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = path.with_suffix(".new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.rename(path)
