"""Keys of the machines that may ask over HTTP."""

import secrets
from collections.abc import Iterable
from datetime import datetime

from sekisho.engine.errors import SekishoError
from sekisho.evidence.actions import append
from sekisho.evidence.writing import writing
from sekisho.registers.decisions.models import ApiKey
from sekisho.registers.decisions.queries.keys import digest_of
from sekisho.registers.decisions.rules import ROOM, KeyScope


def create_api_key(
    *, name: str, at: datetime, acting_user: str, scopes: Iterable[KeyScope] = (KeyScope.EVALUATE,)
) -> str:
    """Make a key for one client; returns it, once: only its hash is kept. Evidence: `decisions.api-key-made`.

    Raises: decisions.key-exists, for a name that was ever given: a revoked name is not used again.
    """
    opens = sorted({scope.value for scope in scopes})
    key = f"sk_{secrets.token_urlsafe(32)}"
    with writing():
        if ApiKey.objects.filter(name=name).exists():
            raise SekishoError("decisions.key-exists", room=ROOM, name=name)
        ApiKey.objects.create(name=name, sha256=digest_of(key), scopes=opens, made_at=at)
        append(kind="decisions.api-key-made", body={"name": name, "scopes": opens, "by": acting_user}, at=at)
    return key


def revoke_api_key(*, name: str, at: datetime, acting_user: str) -> None:
    """Let a key open nothing from now on. A repeat is a no-op. Evidence: `decisions.api-key-revoked`."""
    with writing():
        if ApiKey.objects.filter(name=name, revoked_at=None).update(revoked_at=at):
            append(kind="decisions.api-key-revoked", body={"name": name, "by": acting_user}, at=at)
