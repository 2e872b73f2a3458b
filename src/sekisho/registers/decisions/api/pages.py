"""Page tokens: sealed, so that nobody reads or makes one, bound to the search and the key it was given to, and short-lived."""

import base64
import json
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from sekisho.engine.errors import SekishoError
from sekisho.registers.decisions.rules import ROOM, limits


def token_of(*, after: str, size: int, bound_to: str) -> str:
    """A token that goes on after this place. What it holds may be a reference the caller was not told."""
    said = json.dumps({"after": after, "size": size, "for": bound_to}, separators=(",", ":"))
    return _sealer().encrypt(said.encode()).decode()


def place_of(token: str, *, bound_to: str) -> tuple[str, int]:
    """Where to go on, and the size of a page. Raises: decisions.page-token."""
    try:
        said = json.loads(_sealer().decrypt(token.encode(), ttl=limits()["api"]["page_token_seconds"]))
    except (InvalidToken, ValueError):
        said = {}
    if said.get("for") != bound_to:
        raise SekishoError("decisions.page-token", room=ROOM)
    return str(said["after"]), int(said["size"])


def _sealer() -> Fernet:
    key = sha256(b"sekisho page token" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
