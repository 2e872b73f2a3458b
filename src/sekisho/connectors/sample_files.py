"""Samples of files: CSV and TSV in UTF-8 or CP932, JSON lines, Parquet, xlsx, PDF, and text. They are only read."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

from sekisho.connectors.sample_drawing import places, reservoir
from sekisho.connectors.sample_tables import Passage, Sample, Unread, tabled
from sekisho.engine.errors import SekishoError

__all__ = ["Passage", "Sample", "Unread", "decoded", "read"]

ROOM = "sekisho.engine.scanning"  # discovery's words
DELIMITERS = {".csv": ",", ".tsv": "\t"}
RECORDS = {".jsonl", ".ndjson"}
NOT_YET = {
    ".xls",
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
LONGEST_FIELD = 1 << 24  # characters of one field of a delimited file


def read(file: Path, name: str, *, rows: int, seed: int, schema_only: bool) -> Iterator[Sample | Passage]:
    """The table or text in the file.

    Raises: discover.not-text, discover.unread-format, discover.damaged, discover.locked, discover.no-text,
    discover.too-large.
    """
    suffix = file.suffix.lower()
    if suffix in NOT_YET:
        raise SekishoError("discover.unread-format", room=ROOM, source=name)
    if suffix == ".parquet":
        yield _parquet(file, name, rows, seed, schema_only=schema_only)
    elif suffix == ".xlsx":
        from sekisho.connectors.sample_office import sheets

        yield from sheets(file, name, rows, seed, schema_only=schema_only)
    elif suffix in DELIMITERS:
        yield _delimited(file, name, rows, seed, schema_only=schema_only)
    elif suffix in RECORDS:
        yield _records(file, name, rows, seed, schema_only=schema_only)
    elif suffix == ".pdf":
        if not schema_only:
            from sekisho.connectors.sample_office import pages

            yield from pages(file, name)
    elif not schema_only:
        yield Passage(location=name, text=decoded(file.read_bytes(), name))


def decoded(content: bytes, name: str) -> str:
    """UTF-8 if it is, else CP932. Raises: discover.not-text."""
    if b"\x00" not in content:
        for encoding in ENCODINGS:
            try:
                return content.decode(encoding)
            except UnicodeDecodeError:
                continue
    raise SekishoError("discover.not-text", room=ROOM, source=name)


def _encoding(file: Path, name: str) -> str:
    """The first encoding in which the whole file reads. Raises: discover.not-text."""
    for encoding in ENCODINGS:
        try:
            with file.open(encoding=encoding, newline="") as opened:
                while piece := opened.read(1 << 20):
                    if "\x00" in piece:
                        raise SekishoError("discover.not-text", room=ROOM, source=name)
        except UnicodeDecodeError:
            continue
        return encoding
    raise SekishoError("discover.not-text", room=ROOM, source=name)


def _delimited(file: Path, name: str, rows: int, seed: int, *, schema_only: bool) -> Sample:
    csv.field_size_limit(LONGEST_FIELD)
    with file.open(encoding=_encoding(file, name), newline="") as opened:
        table = csv.reader(opened, delimiter=DELIMITERS[file.suffix.lower()])
        try:
            return tabled(name, table, rows, seed, schema_only=schema_only)
        except csv.Error as error:
            raise SekishoError("discover.damaged", room=ROOM, source=name) from error


def _records(file: Path, name: str, rows: int, seed: int, *, schema_only: bool) -> Sample:
    columns: dict[str, list[str]] = {}
    with file.open(encoding=_encoding(file, name)) as opened:
        lines = reservoir((one for one in opened if one.strip()), rows, seed)
    for line in lines:
        try:
            record = json.loads(line)
        except json.JSONDecodeError as error:
            raise SekishoError("discover.damaged", room=ROOM, source=name) from error
        for title, value in record.items() if isinstance(record, dict) else ():
            said = columns.setdefault(title, [])
            if value is not None:
                said.append(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    return Sample(table=name, columns=dict.fromkeys(columns) if schema_only else columns)


def _parquet(file: Path, name: str, rows: int, seed: int, *, schema_only: bool) -> Sample:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        opened = pq.ParquetFile(file)
        names = opened.schema_arrow.names
        if schema_only:
            return Sample(table=name, columns=dict.fromkeys(names))
        chosen = places(opened.metadata.num_rows, rows, seed)
        told: dict[str, list[str]] = {title: [] for title in names}
        begin = 0
        for batch in opened.iter_batches():
            here = [number - begin for number in chosen if begin <= number < begin + batch.num_rows]
            for title, values in batch.take(pa.array(here, pa.int64())).to_pydict().items() if here else ():
                told[title] += [str(one) for one in values if one is not None and not isinstance(one, bytes)]
            begin += batch.num_rows
    except (pa.ArrowException, OSError) as error:
        raise SekishoError("discover.damaged", room=ROOM, source=name) from error
    return Sample(table=name, columns=told)
