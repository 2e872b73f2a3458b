"""Files sealed under a backup's key, chunk by chunk: whoever destroys the key has destroyed every copy of them.

Chunk i of part p is AES-256-GCM under nonce p‖i; the last chunk says that it is the last, so that a cut file is seen.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sekisho.engine.errors import SekishoError
from sekisho.registers.backups.rules import ROOM
from sekisho.registers.backups.rules.limits import limits

TAG = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One sealed file: bytes before, hash before, hash after."""

    size: int
    sha256: str
    sealed_sha256: str


def seal(chunks: Iterable[bytes], target: Path, key: bytes, ref: str, part: int) -> Written:
    """Seal a stream into a file, durably."""
    box, plain, sealed, size = AESGCM(key), hashlib.sha256(), hashlib.sha256(), 0
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        for index, (chunk, last) in enumerate(_even(chunks, limits().chunk)):
            plain.update(chunk)
            size += len(chunk)
            written = box.encrypt(_nonce(part, index), chunk, _said(ref, last=last))
            sealed.update(written)
            file.write(written)
        file.flush()
        os.fsync(file.fileno())
    return Written(size=size, sha256=plain.hexdigest(), sealed_sha256=sealed.hexdigest())


def unseal(source: Path, key: bytes, ref: str, part: int) -> Iterator[bytes]:
    """The stream again. Raises: backups.part-altered where a byte, the order or the end is not as it was sealed."""
    box, length = AESGCM(key), limits().chunk + TAG
    try:
        size = source.stat().st_size
        with source.open("rb") as file:
            for index in range(max(1, -(-size // length))):
                chunk = file.read(length)
                last = (index + 1) * length >= size
                yield box.decrypt(_nonce(part, index), chunk, _said(ref, last=last))
    except (InvalidTag, FileNotFoundError) as error:
        raise SekishoError("backups.part-altered", room=ROOM, part=source.name) from error


def file_chunks(path: Path) -> Iterator[bytes]:
    """A file, read in portions."""
    with path.open("rb") as file:
        while chunk := file.read(limits().chunk):
            yield chunk


def _even(chunks: Iterable[bytes], size: int) -> Iterator[tuple[bytes, bool]]:
    """Portions of one size, and whether each is the last; an empty stream is one empty portion."""
    waiting = bytearray()
    for chunk in chunks:
        waiting += chunk
        while len(waiting) > size:
            yield bytes(waiting[:size]), False
            del waiting[:size]
    yield bytes(waiting), True


def _nonce(part: int, index: int) -> bytes:
    return part.to_bytes(4, "big") + index.to_bytes(8, "big")


def _said(ref: str, *, last: bool) -> bytes:
    return f"{ref} {'last' if last else 'more'}".encode()
