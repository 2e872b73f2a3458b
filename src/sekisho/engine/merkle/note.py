"""Signed notes with Ed25519: a text, a blank line, and one line per signature. Source: c2sp.org/signed-note."""

import binascii
from base64 import b64decode, b64encode
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sekisho.engine.errors import SekishoError

ROOM = "sekisho.engine.merkle"
ED25519 = b"\x01"
DASH = "— "  # an em dash and a space begin every signature line


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """A named key that signs notes; `seed` are the 32 secret bytes."""

    name: str
    seed: bytes

    @property
    def verifier(self) -> "Verifier":
        """The public half."""
        public = Ed25519PrivateKey.from_private_bytes(self.seed).public_key()
        return Verifier(name=self.name, key=public.public_bytes(Encoding.Raw, PublicFormat.Raw))

    def sign(self, text: str) -> str:
        """The note over `text`, which ends with a newline."""
        if not text.endswith("\n") or "\n\n" in text:
            raise SekishoError("note.not-signable", room=ROOM)
        signature = Ed25519PrivateKey.from_private_bytes(self.seed).sign(text.encode())
        return f"{text}\n{DASH}{self.name} {b64encode(self.verifier.key_id + signature).decode()}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verifier:
    """A named public key, 32 bytes."""

    name: str
    key: bytes

    @property
    def key_id(self) -> bytes:
        """The four bytes that bind a signature line to name and key."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.key).digest()[:4]

    def __str__(self) -> str:
        """The text form in which verifier keys are handed over."""
        return f"{self.name}+{self.key_id.hex()}+{b64encode(ED25519 + self.key).decode()}"

    def open(self, note: str) -> str:
        """The text of a note that this key signed.

        Raises: note.malformed; note.not-signed where no line is by this key or its signature is wrong.
        """
        text, blank, lines = note.rpartition("\n\n")
        if not blank or not lines.endswith("\n"):
            raise SekishoError("note.malformed", room=ROOM)
        text += "\n"
        for line in lines.splitlines():
            name, _, encoded = line.removeprefix(DASH).partition(" ")
            signature = _decoded(encoded)
            if not line.startswith(DASH) or signature is None:
                raise SekishoError("note.malformed", room=ROOM)
            if name != self.name or signature[:4] != self.key_id:
                continue  # somebody else's: a witness may have added its own line
            try:
                Ed25519PublicKey.from_public_bytes(self.key).verify(signature[4:], text.encode())
            except InvalidSignature:
                break
            return text
        raise SekishoError("note.not-signed", room=ROOM, name=self.name)


def verifier_from(text: str) -> Verifier:
    """The verifier key written as `name+id+key`. Raises: note.malformed."""
    name, _, rest = text.strip().partition("+")
    key_id, _, encoded = rest.partition("+")
    key = _decoded(encoded)
    if not name or key is None or key[:1] != ED25519 or len(key) != 33:  # noqa: PLR2004 -- type byte and 32 of the key
        raise SekishoError("note.malformed", room=ROOM)
    verifier = Verifier(name=name, key=key[1:])
    if verifier.key_id.hex() != key_id:
        raise SekishoError("note.malformed", room=ROOM)
    return verifier


def _decoded(encoded: str) -> bytes | None:
    try:
        decoded = b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return None
    # Bits that base64 leaves over must be zero: one signature, one spelling.
    return decoded if decoded and b64encode(decoded).decode() == encoded else None
