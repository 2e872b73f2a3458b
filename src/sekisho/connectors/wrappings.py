"""What text and bytes may be wrapped in: escapes, base64, compression, archives. Opened here, looked at elsewhere."""

import base64
import binascii
import bz2
import gzip
import html
import io
import lzma
import quopri
import re
import zipfile
import zlib
from collections.abc import Iterator
from urllib.parse import unquote

import pyarrow as pa

LARGEST = 256 * 1024 * 1024  # of what one wrapping may hold; beyond that it is not looked through, and that is said
DEEPEST = 4
ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
BASE64 = re.compile(r"[A-Za-z0-9+/_-]{12,}={0,2}")
HEX = re.compile(r"(?:[0-9a-fA-F]{2}){9,}")
QUOTED = re.compile(r"=[0-9A-F]{2}=[0-9A-F]{2}")
MAGIC = (b"\x1f\x8b", b"PK\x03\x04", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd")
TAGS = re.compile(r"<[^>]*>")


class TooLargeError(Exception):
    """A wrapping holds more than is looked through."""


def unwrapped(text: str) -> Iterator[str]:
    """The text as it reads without its wrappings, one wrapping at a time; nothing where there is none."""
    if "\\u" in text:
        yield (
            ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
            .encode("utf-16", "surrogatepass")
            .decode("utf-16", "replace")
        )
    if "%" in text:
        yield unquote(text, errors="replace")
    if "&#" in text:
        yield html.unescape(text)
    if "<" in text and ">" in text:
        yield TAGS.sub("", text)
    if QUOTED.search(text):
        yield quopri.decodestring(text.encode(errors="replace")).decode(errors="replace")
    for found in BASE64.finditer(text):
        signs = found[0].replace("-", "+").replace("_", "/").rstrip("=")
        try:
            inner = base64.b64decode(signs + "=" * (-len(signs) % 4))
        except binascii.Error:
            continue
        yield from _read(inner)
    for found in HEX.finditer(text):
        yield from _read(bytes.fromhex(found[0]))


def opened(data: bytes, depth: int = 0) -> Iterator[tuple[str, bytes]]:
    """What a compressed value or an archive holds, however deep: (name of the part, bytes). Raises: TooLargeError."""
    if depth >= DEEPEST or not data.startswith(MAGIC):
        return
    for name, inner in _parts(data):
        yield name, inner
        yield from opened(inner, depth + 1)


def _parts(data: bytes) -> Iterator[tuple[str, bytes]]:
    try:
        if data.startswith(b"PK\x03\x04"):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                for part in archive.infolist():
                    _require(part.file_size)
                    yield part.filename, archive.read(part)
        elif data.startswith(b"\x1f\x8b"):
            yield "gz", _limited(gzip.GzipFile(fileobj=io.BytesIO(data)))
        elif data.startswith(b"BZh"):
            yield "bz2", _limited(bz2.BZ2File(io.BytesIO(data)))
        elif data.startswith(b"\xfd7zXZ\x00"):
            yield "xz", _limited(io.BytesIO(lzma.decompress(data)))
        else:
            yield "zst", _limited(pa.CompressedInputStream(pa.BufferReader(data), "zstd"))
    except (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, NotImplementedError):
        return  # it only begins as if it were: its bytes were looked at as they are


def _limited(file: "gzip.GzipFile | bz2.BZ2File | io.BytesIO | pa.CompressedInputStream") -> bytes:
    inner: bytes = file.read(LARGEST + 1)
    _require(len(inner))
    return inner


def _require(size: int) -> None:
    if size > LARGEST:
        raise TooLargeError


def _read(data: bytes) -> Iterator[str]:
    for encoding in ("utf-8", "cp932"):
        try:
            yield data.decode(encoding)
        except UnicodeDecodeError:
            continue
