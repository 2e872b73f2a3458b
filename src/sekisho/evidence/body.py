"""What may stand in an entry: references, codes, counts and hashes. Nothing that could be personal data."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from sekisho.engine.errors import SekishoError
from sekisho.engine.merkle.canonical import canonical
from sekisho.engine.merkle.tiles import LARGEST_ENTRY

ROOM = "sekisho.evidence"
LONGEST_TEXT = 512
# A telephone number or a mail address standing by itself; a UUID or a hash around the digits is none.
SHAPES = re.compile(
    r"(?<![0-9A-Za-z-])0\d{9,10}(?![0-9A-Za-z-])"
    r"|(?<![0-9A-Za-z-])0\d{1,4}-\d{1,4}-\d{3,4}(?![0-9A-Za-z-])"
    r"|\+81[\d-]{9,}"
    r"|[^\s@]+@[^\s@]+\.[A-Za-z]{2,}"
)


def leaf_of(*, entry: str, kind: str, body: Mapping[str, object], at: datetime) -> bytes:
    """The leaf of an entry: canonical JSON.

    Raises: evidence.personal-data-shape, evidence.too-large, evidence.naive-time, canonical.not-allowed.
    """
    if at.tzinfo is None:
        raise SekishoError("evidence.naive-time", room=ROOM, kind=kind)
    _require_impersonal(body, kind)
    leaf = canonical({"at": instant(at), "body": body, "id": entry, "kind": kind})
    if len(leaf) > LARGEST_ENTRY:
        raise SekishoError("evidence.too-large", room=ROOM, kind=kind, bytes=len(leaf))
    return leaf


def instant(at: datetime) -> str:
    """An instant as entries write it: UTC, microseconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _require_impersonal(value: object, where: str) -> None:
    """Names and addresses in Japan are not ASCII; numbers and mail addresses have shapes."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            _require_impersonal(key, where)
            _require_impersonal(inner, f"{where}.{key}")
    elif isinstance(value, list | tuple):
        for inner in value:
            _require_impersonal(inner, where)
    elif isinstance(value, str) and (not value.isascii() or len(value) > LONGEST_TEXT or SHAPES.search(value)):
        raise SekishoError("evidence.personal-data-shape", room=ROOM, where=where if where.isascii() else "?")
