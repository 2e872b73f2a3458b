"""Looking into files: Parquet decoded with its footer, JSON decoded, and every byte of anything."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sekisho.connectors.needles import FIELD_END, Needles

Found = tuple[str, str, str]  # location, label, how
CHUNK_BYTES = 64 * 1024 * 1024
OVERLAP_BYTES = 4096  # a value across two chunks is in the overlap
LONG_TEXT = 24  # columns whose values are on average longer may be free text: looked at made plain as well


def in_file(path: Path, location: str, needles: Needles) -> Iterator[Found]:
    """Everything of one file: its bytes, and what they decode to."""
    yield from in_raw(path, location, needles)
    if path.suffix == ".parquet":
        yield from _in_parquet(path, location, needles)
    elif path.suffix in {".json", ".jsonl", ".crc"} or path.name == "_last_checkpoint":
        yield from _in_json_lines(path, location, needles)


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


def _in_parquet(path: Path, location: str, needles: Needles) -> Iterator[Found]:
    try:
        file = pq.ParquetFile(path)
    except pa.ArrowInvalid:  # half a file that a killed writer left: its bytes were looked at
        return
    with file:
        footer = FIELD_END.join(_footer(file.metadata))
        for label in sorted(needles.in_text(footer)):
            yield f"{location} footer", label, "statistics"
        is_log = "_delta_log" in path.parts
        for batch in file.iter_batches():
            for name, column in zip(batch.schema.names, batch.columns, strict=True):
                for label in sorted(in_column(column, needles)):
                    yield f"{location} {name}", label, "log" if is_log else "decoded"


def in_column(column: pa.Array, needles: Needles) -> set[str]:
    """Labels found in the values of one Arrow array, whatever its type."""
    plain = column.type
    if pa.types.is_dictionary(plain):
        column, plain = column.dictionary, plain.value_type
    if pa.types.is_string(plain) or pa.types.is_large_string(plain) or pa.types.is_string_view(plain):
        return _in_strings(column.cast(pa.large_string()), needles)
    if pa.types.is_binary(plain) or pa.types.is_large_binary(plain):
        return needles.in_bytes(b"\x1f".join(value for value in column.to_pylist() if value is not None))
    if pa.types.is_integer(plain):
        hits = column.filter(
            pc.is_in(column.cast(pa.int64(), safe=False), value_set=pa.array(needles.integers, pa.int64()))
        )
        return needles.in_integers(iter(hits.to_pylist()))
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
    if len(joined) > LONG_TEXT * len(column):
        found |= needles.in_text(FIELD_END.join(value for value in column.to_pylist() if value))
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
    found: set[str] = set()
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
