"""In which encoding a text file stands: UTF-8 with or without a mark, or CP932; anything else is refused by file and line.

CP932 takes nearly any bytes, so what also reads as EUC-JP is not taken for it, nor what holds bytes CP932 leaves open.
"""

import codecs
from dataclasses import dataclass
from pathlib import Path

from sekisho.connectors.failures import refusal

CHUNK = 1 << 20
NOT_TEXT = frozenset("\x00\x1b\x80\xa0\uf8f0\uf8f1\uf8f2\uf8f3")  # NUL, escapes of ISO-2022-JP, what CP932 leaves open
UTF8, UTF8_MARKED, CP932, EUC = "utf-8", "utf-8-sig", "cp932", "euc_jp"


@dataclass(frozen=True, slots=True)
class _Failed:
    line: int


def encoding_of(system: str, path: Path) -> str:
    """The codec's name. Raises: connector.unknown-encoding."""
    with path.open("rb") as file:
        marked = file.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8
    failed = _read(path, UTF8)
    if failed is None:
        return UTF8_MARKED if marked else UTF8
    if not marked:
        other = _read(path, CP932)
        if other is None and _read(path, EUC) is not None:
            return CP932
        failed = other or failed
    raise refusal("connector.unknown-encoding", system, path=path.name, line=failed.line)


def _read(path: Path, codec: str) -> _Failed | None:
    """None where the whole file is text in this encoding; else the first line that is not."""
    decoder = codecs.getincrementaldecoder(codec)()
    line = 1
    with path.open("rb") as file:
        while True:
            chunk = file.read(CHUNK)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                return _Failed(line + error.object[: error.start].count(b"\n"))
            if not NOT_TEXT.isdisjoint(text):
                at = min(place for sign in NOT_TEXT if (place := text.find(sign)) >= 0)
                if codec != UTF8 or text[at] in "\x00\x1b":
                    return _Failed(line + text.count("\n", 0, at))
            line += text.count("\n")
            if not chunk:
                return None
