"""Commit to a value without saying it: HMAC-SHA256 under a salt that dies with an erasure (DESIGN.md section 7)."""

import hmac

from sekisho.engine.merkle.canonical import canonical

SHORTEST_SALT = 16


def commitment(salt: bytes, value: object) -> str:
    """The commitment to `value` in hexadecimal. Without the salt it says nothing, not even to who knows the value."""
    if len(salt) < SHORTEST_SALT:
        raise ValueError("a salt has at least 16 bytes")
    return hmac.digest(salt, canonical(value), "sha256").hex()
