"""What a file kept in a column is, by its first bytes, and what it is called beside an answer."""

import re
from dataclasses import dataclass

# first bytes of what a scanner, a camera or a form leaves; anything else is kept as it is
KINDS = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "png"),
    (re.compile(rb"\xff\xd8\xff"), "jpg"),
    (re.compile(rb"II\*\x00|MM\x00\*"), "tiff"),
    (re.compile(rb"[\s\S]{0,1000}%PDF-"), "pdf"),
)
OTHER = "bin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """In place of a file that goes beside the letter: what it is called there, its size and hash."""

    name: str
    size: int
    sha256: str


def ending_of(content: bytes) -> str:
    """How the name of such a file ends."""
    return next((ending for first, ending in KINDS if first.match(content[:1024])), OTHER)
