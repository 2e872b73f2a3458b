"""Looking into files: every byte, and whatever the bytes decode to: text, JSON, Parquet, archives, PDF."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sekisho.connectors.failures import refusal
from sekisho.connectors.needles import ENCODINGS, FIELD_END, Needles
from sekisho.connectors.wrappings import MAGIC, TooLargeError, opened

Found = tuple[str, str, str]  # location, label, how
CHUNK_BYTES = 64 * 1024 * 1024
OVERLAP_BYTES = 4096  # a value across two chunks is in the overlap
LONG_TEXT = 24  # columns whose values are on average longer may be free text: looked at made plain as well
JSON_SUFFIXES = {".json", ".jsonl", ".crc"}
WIDE = ("utf-16-le", "utf-16-be")
MULTIBYTE = tuple(one for one in ENCODINGS if one not in {"utf-8", *WIDE})


def in_file(path: Path, location: str, needles: Needles) -> Iterator[Found]:
    """Everything of one file: its name, its bytes, and what they decode to."""
    for label in sorted(needles.in_text(unquote(location)) | needles.in_text(location)):
        yield "(name of a file or folder)", label, "name"
        location = "(name of a file or folder)"  # a place that names the value must not be told
    yield from in_raw(path, location, needles)
    if path.suffix == ".parquet":
        yield from _in_parquet(path, location, needles)
    elif path.suffix in JSON_SUFFIXES or path.name == "_last_checkpoint":
        yield from _in_json_lines(path, location, needles)
    else:
        yield from _in_other(path, location, needles)


def in_raw(path: Path, location: str, needles: Needles) -> Iterator[Found]:
    """The bytes of a file, in every encoding a value may be written in."""
    found: set[str] = set()
    with path.open("rb") as file:
        tail = b""
        while chunk := file.read(CHUNK_BYTES):
            found |= needles.in_bytes(tail + chunk)
            tail = chunk[-OVERLAP_BYTES:]
    for label in sorted(found):
        yield location, label, "bytes"


def in_blob(data: bytes, needles: Needles) -> set[str]:
    """Labels in bytes that somebody keeps as a value or a stray file: read as text, and opened where they are packed."""
    found = needles.in_bytes(data)
    try:
        for name, inner in opened(data):
            found |= needles.in_text(name) | needles.in_bytes(inner) | _in_decoded(inner, needles)
    except TooLargeError:
        raise refusal("connector.unsupported", "archive", name="archive") from None
    return found | _in_decoded(data, needles)


def _in_decoded(data: bytes, needles: Needles) -> set[str]:
    found: set[str] = set()
    if b"\x00" not in data[:OVERLAP_BYTES]:
        found |= needles.in_text(data.decode("utf-8", "replace"))
        others = MULTIBYTE
    else:
        others = WIDE
    for encoding in others:
        text = data.decode(encoding, "replace")
        if text.count("\ufffd") * 4 <= len(text):  # plainly not this encoding
            found |= needles.in_text(text)
    return found


def _in_other(path: Path, location: str, needles: Needles) -> Iterator[Found]:
    """A file nobody declared: text in some encoding, something packed, or letters."""
    with path.open("rb") as file:
        head = file.read(OVERLAP_BYTES)
        size = path.stat().st_size
        if head.startswith(b"%PDF"):
            for label in sorted(needles.in_text(_pdf_text(path))):
                yield location, label, "decoded"
            return
        is_packed = head.startswith(MAGIC)
        if not is_packed and size > CHUNK_BYTES:
            return  # its bytes were looked at
        found = in_blob(head + file.read(), needles)
    for label in sorted(found):
        yield location, label, "decoded"


def _pdf_text(path: Path) -> str:
    import pypdfium2 as pdfium

    try:
        document = pdfium.PdfDocument(path)
    except pdfium.PdfiumError:
        return ""
    try:
        return FIELD_END.join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def _in_parquet(path: Path, location: str, needles: Needles) -> Iterator[Found]:
    try:
        schema = pq.read_schema(path)
        # Dictionaries as they are written: an entry that no row refers to stands in the file all the same.
        words = [
            field.name for field in schema if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)
        ]
        file = pq.ParquetFile(path, read_dictionary=words)
    except pa.ArrowInvalid:  # half a file that a killed writer left: its bytes were looked at
        return
    with file:
        footer = FIELD_END.join(_footer(file.metadata))
        for label in sorted(needles.in_text(footer)):
            yield f"{location} footer", label, "statistics"
        is_log = "_delta_log" in path.parts
        told: set[tuple[str, str]] = set()
        for batch in file.iter_batches():
            for name, column in zip(batch.schema.names, batch.columns, strict=True):
                for label in sorted(in_column(column, needles)):
                    if (name, label) not in told:
                        told.add((name, label))
                        yield f"{location} {name}", label, "log" if is_log else "decoded"


def in_column(column: pa.Array, needles: Needles) -> set[str]:
    """Labels found in the values of one Arrow array, whatever its type."""
    plain = column.type
    if pa.types.is_dictionary(plain):
        column, plain = column.dictionary, plain.value_type
    if pa.types.is_string(plain) or pa.types.is_large_string(plain) or pa.types.is_string_view(plain):
        return _in_strings(column.cast(pa.large_string()), needles)
    if pa.types.is_binary(plain) or pa.types.is_large_binary(plain):
        return {label for value in column.to_pylist() if value for label in in_blob(value, needles)}
    if pa.types.is_integer(plain):
        hits = column.filter(
            pc.is_in(column.cast(pa.int64(), safe=False), value_set=pa.array(needles.integers, pa.int64()))
        )
        return needles.in_integers(iter(hits.to_pylist()))
    if pa.types.is_floating(plain) or pa.types.is_decimal(plain):
        numbers = (int(value) for value in column.to_pylist() if value is not None and value == value)  # noqa: PLR0124 NaN
        return needles.in_integers(numbers)
    if pa.types.is_nested(plain):
        return needles.in_text(json.dumps(column.to_pylist(), ensure_ascii=False, default=str))
    return set()


def _in_strings(column: pa.Array, needles: Needles) -> set[str]:
    """Look in the buffer that holds all values end to end, then make sure of each hit: values touch there."""
    data = column.buffers()[2]
    if data is None or not len(column):
        return set()
    joined = data.to_pybytes()
    found = {
        label
        for variant, label in needles.variants
        if variant.encode() in joined and pc.any(pc.match_substring(column, variant)).as_py()
    }
    # Anything but plain short codes may be written in any way: it is looked at made plain.
    if len(joined) > LONG_TEXT * len(column) or not joined.isascii() or b"-" in joined or b" " in joined:
        found |= needles.in_text(FIELD_END.join(dict.fromkeys(value for value in column.to_pylist() if value)))
    return found


def _footer(metadata: Any) -> Iterator[str]:
    for key, value in (metadata.metadata or {}).items():
        yield f"{key!r} {value!r}"
    for group in range(metadata.num_row_groups):
        for index in range(metadata.num_columns):
            statistics = metadata.row_group(group).column(index).statistics
            if statistics is not None and statistics.has_min_max:
                yield f"{statistics.min} {statistics.max}"


def _in_json_lines(path: Path, location: str, needles: Needles) -> Iterator[Found]:
    pieces: list[str] = []
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            try:
                pieces.extend(_strings(json.loads(line)))
            except ValueError:
                pieces.append(line)
    found = needles.in_text(FIELD_END.join(pieces))
    how = "log" if "_delta_log" in path.parts else "decoded"
    for label in sorted(found):
        yield location, label, how


def _strings(value: object) -> Iterator[str]:
    """Every string and number in a JSON value; a string that is JSON itself (Delta's statistics) is opened too."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
    elif isinstance(value, str):
        yield value
        if value[:1] in {"{", "["}:
            try:
                yield from _strings(json.loads(value))
            except ValueError:
                return
    elif value is not None:
        yield str(value)
