"""Samples of files: CSV and TSV in UTF-8 or CP932, JSON lines, Parquet, and text in any of these encodings."""

import csv
import io
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sekisho.engine.errors import SekishoError

ROOM = "sekisho.engine.scanning"  # discovery's words
DELIMITERS = {".csv": ",", ".tsv": "\t"}
RECORDS = {".jsonl", ".ndjson"}
NOT_YET = {
    ".xlsx",
    ".xls",
    ".pdf",
    ".docx",
    ".doc",
    ".pptx",
    ".zip",
    ".gz",
    ".7z",
    ".jpg",
    ".jpeg",
    ".png",
    ".tif",
    ".tiff",
    ".heic",
}
ENCODINGS = ("utf-8-sig", "cp932")
TABLE_BYTES = 4 * 1024 * 1024  # read of a table to have its first rows; text is read whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A table: column -> its first values as text, without nulls; None where only the schema was looked at."""

    table: str
    columns: Mapping[str, Sequence[str] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A text."""

    location: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """What could not be read, and why."""

    location: str
    error: SekishoError


def read(file: Path, name: str, *, rows: int, schema_only: bool) -> Iterator[Sample | Passage]:
    """The table or text in the file. Raises: discover.not-text, discover.unread-format."""
    suffix = file.suffix.lower()
    if suffix in NOT_YET:
        raise SekishoError("discover.unread-format", room=ROOM, source=name)
    if suffix == ".parquet":
        yield _parquet(file, name, rows, schema_only=schema_only)
    elif suffix in DELIMITERS:
        yield _delimited(file, name, rows, schema_only=schema_only)
    elif suffix in RECORDS:
        yield _records(file, name, rows, schema_only=schema_only)
    elif not schema_only:
        yield Passage(location=name, text=decoded(file.read_bytes(), name))


def decoded(content: bytes, name: str, *, cut: bool = False) -> str:
    """UTF-8 if it is, else CP932. `cut`: the bytes end somewhere, so their last line is left out."""
    if cut:
        content = content[: content.rfind(b"\n") + 1]
    if b"\x00" not in content:
        for encoding in ENCODINGS:
            try:
                return content.decode(encoding)
            except UnicodeDecodeError:
                continue
    raise SekishoError("discover.not-text", room=ROOM, source=name)


def _head(file: Path, name: str) -> str:
    with file.open("rb") as opened:
        content = opened.read(TABLE_BYTES)
        return decoded(content, name, cut=bool(opened.read(1)))


def _delimited(file: Path, name: str, rows: int, *, schema_only: bool) -> Sample:
    text = _head(file, name)
    table = csv.reader(io.StringIO(text, newline=""), delimiter=DELIMITERS[file.suffix.lower()])
    first = next(table, [])
    if not _is_header(first):
        table, first = itertools.chain([first], table), [f"{place}" for place in range(1, len(first) + 1)]  # type: ignore[assignment]
    names = [title or str(place) for place, title in enumerate(first, 1)]
    if schema_only:
        return Sample(table=name, columns=dict.fromkeys(names))
    columns: dict[str, list[str]] = {title: [] for title in names}
    for row in itertools.islice(table, rows):
        for title, value in zip(names, row, strict=False):
            columns[title].append(value)
    return Sample(table=name, columns=columns)


def _is_header(row: list[str]) -> bool:
    """A header has titles: none empty or twice, none that begins with a digit or holds an @."""
    return (
        bool(row)
        and len(set(row)) == len(row)
        and not any(not one.strip() or one[0].isdecimal() or "@" in one for one in row)
    )


def _records(file: Path, name: str, rows: int, *, schema_only: bool) -> Sample:
    columns: dict[str, list[str]] = {}
    for line in itertools.islice((one for one in _head(file, name).splitlines() if one.strip()), rows):
        try:
            record = json.loads(line)
        except json.JSONDecodeError as error:
            raise SekishoError("discover.unread-format", room=ROOM, source=name) from error
        for title, value in record.items() if isinstance(record, dict) else ():
            said = columns.setdefault(title, [])
            if value is not None:
                said.append(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    return Sample(table=name, columns=dict.fromkeys(columns) if schema_only else columns)


def _parquet(file: Path, name: str, rows: int, *, schema_only: bool) -> Sample:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        opened = pq.ParquetFile(file)
        if schema_only:
            return Sample(table=name, columns=dict.fromkeys(opened.schema_arrow.names))
        batch = next(opened.iter_batches(batch_size=rows), None)
    except (pa.ArrowException, OSError) as error:
        raise SekishoError("discover.unread-format", room=ROOM, source=name) from error
    table = batch.to_pydict() if batch is not None else {}
    return Sample(
        table=name,
        columns={
            title: [str(value) for value in table.get(title, ()) if value is not None and not isinstance(value, bytes)]
            for title in opened.schema_arrow.names
        },
    )
