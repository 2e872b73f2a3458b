"""Whom an erasure is about, sealed: encrypted in the plan's row, under a key file that dies with the certificate.

The identity map forgets the person before the verification looks for what is left, so the needles must outlive it by
a little. The key is a file of the carrier's home and never stands in the database or its backups.
"""

import hmac
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from sekisho.engine.erasure.plan import Plan
from sekisho.engine.errors import SekishoError
from sekisho.engine.merkle.commitment import commitment
from sekisho.registers.retention.queries.target import Target
from sekisho.registers.retention.rules import ROOM

KEY_SIZE = 32
NONCE_SIZE = 12


def commit(plan_ref: str, target: Target) -> str:
    """What the plan's hash says of the person: an HMAC under the plan's key, which dies with the certificate."""
    return commitment(_key(plan_ref), target.as_json().decode())


def seal(plan_ref: str, target: Target) -> bytes:
    """The target, encrypted under the plan's key."""
    nonce = secrets.token_bytes(NONCE_SIZE)
    return nonce + AESGCM(_key(plan_ref)).encrypt(nonce, target.as_json(), plan_ref.encode())


def unseal(plan_ref: str, sealed: bytes | memoryview | None) -> Target:
    """The target again. Raises: retention.seal-lost where the key or the box is gone or does not fit."""
    path = _path(plan_ref)
    if sealed is None or not path.exists():
        raise SekishoError("retention.seal-lost", room=ROOM, plan=plan_ref)
    box = bytes(sealed)
    try:
        opened = AESGCM(path.read_bytes()).decrypt(box[:NONCE_SIZE], box[NONCE_SIZE:], plan_ref.encode())
    except InvalidTag:
        raise SekishoError("retention.seal-lost", room=ROOM, plan=plan_ref) from None
    return Target.of_json(opened)


def pseudonym_key(plan_ref: str) -> bytes:
    """The key of the plan's pseudonyms: it dies with the plan's own, and then nobody gets back from them."""
    return hmac.digest(_key(plan_ref), b"pseudonym", "sha256")


def require_same(plan: Plan, plan_ref: str, target: Target) -> None:
    """The person as sealed is the person as approved. Raises: retention.plan-changed."""
    if plan.target != commit(plan_ref, target):
        raise SekishoError("retention.plan-changed", room=ROOM, plan=plan_ref)


def destroy_key(plan_ref: str) -> None:
    """Overwrite the key and remove it: what was sealed under it can't be read any more. A repeat is a no-op."""
    path = _path(plan_ref)
    if not path.exists():
        return
    with path.open("r+b") as file:
        file.write(secrets.token_bytes(KEY_SIZE))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()


def has_key(plan_ref: str) -> bool:
    """Whether the plan's key still exists."""
    return _path(plan_ref).exists()


def _key(plan_ref: str) -> bytes:
    path = _path(plan_ref)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        new = path.with_suffix(".new")
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(KEY_SIZE))
            file.flush()
            os.fsync(file.fileno())
        new.rename(path)
    return path.read_bytes()


def _path(plan_ref: str) -> Path:
    return Path(settings.HOME) / "keys" / "erasures" / f"{plan_ref}.key"
