"""Documents that were sealed one at a time, opened again for whoever may read them. `actions.scans` seals and destroys."""

from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from sekisho.casework.subject_requests.rules import ROOM
from sekisho.engine.errors import SekishoError

NONCE_SIZE = 12


def unseal(ref: str) -> bytes:
    """A sealed document again. Raises: requests.scan-gone."""
    try:
        sealed = box(ref).read_bytes()
        return AESGCM(key_path(ref).read_bytes()).decrypt(sealed[:NONCE_SIZE], sealed[NONCE_SIZE:], ref.encode())
    except (OSError, InvalidTag):
        raise SekishoError("requests.scan-gone", room=ROOM, ref=ref) from None


def key_path(name: str) -> Path:
    """Where the key of one document stands."""
    return Path(settings.HOME) / "keys" / "scans" / f"{name}.key"


def box(ref: str) -> Path:
    """Where the sealed document stands."""
    return Path(settings.HOME) / "scans" / f"{ref}.sealed"
