"""Whether a machine may ask, and how much. Only hashes are compared, and the database does it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sekisho.evidence.reading import Arm, Row, instant, listed, read, text

KEYS = Arm(
    name="keys",
    table="decisions_apikey",
    columns=("sha256", "name", "made_at", "revoked_at", "scopes"),
    where="sha256 IN ({keys})",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFacts:
    """A key as the register holds it."""

    name: str
    scopes: frozenset[str]
    made_at: datetime
    revoked_at: datetime | None

    def is_valid(self, at: datetime) -> bool:
        """Whether it was made and not revoked."""
        return self.made_at <= at and (self.revoked_at is None or at < self.revoked_at)


def digest_of(key: str) -> str:
    """What is kept of a key."""
    return sha256(key.encode()).hexdigest()


def keys_in(rows: Iterable[Row]) -> dict[str, KeyFacts]:
    """The keys that rows of `KEYS` tell of, by digest."""
    return {
        text(digest): KeyFacts(
            name=text(name), scopes=frozenset(listed(scopes)), made_at=made, revoked_at=instant(revoked)
        )
        for digest, name, made_at, revoked, scopes, *_ in rows
        if (made := instant(made_at)) is not None
    }


def is_api_key(key: str, at: datetime) -> bool:
    """Whether this key was made and not revoked."""
    found = keys_in(read([(KEYS, [digest_of(key)])])["keys"]).get(digest_of(key))
    return found is not None and found.is_valid(at)
