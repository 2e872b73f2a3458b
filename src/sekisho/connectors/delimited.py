"""A folder of CSV and TSV files. Rows that don't change stay as they are written, byte for byte.

Encoding (UTF-8, CP932), delimiter and heading are found in each file; a rewritten one loses its blank lines. CSV knows no null: an empty field is read as one.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TextIO, assert_never

import pyarrow as pa

from sekisho.connectors import columns as arrow
from sekisho.connectors import replacing, values
from sekisho.connectors.failures import refusal
from sekisho.connectors.fields import fitted
from sekisho.connectors.file_tables import BATCH_ROWS, Blank, Drop, Edit, FileTables, Part, Texts
from sekisho.connectors.text_encoding import encoding_of

DELIMITERS = (",", "\t", ";", "|")
LOOKED_AT = 20  # records that decide the delimiter
LONGEST_FIELD = 1 << 24


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    encoding: str
    delimiter: str
    names: tuple[str, ...]
    has_heading: bool


@dataclass(frozen=True, slots=True)
class _Record:
    fields: list[str]
    raw: str
    line: int
    is_broken: bool = False  # a quote that never closes, a field beyond measure


class DelimitedSource(FileTables):
    """A `Source` over CSV and TSV files."""

    suffixes = frozenset({".csv", ".tsv"})

    def _columns(self, part: Part, declared: Mapping[str, str]) -> Mapping[str, str]:
        return {name: declared.get(name, values.TEXT) for name in self._shape(part).names}

    def _read(self, part: Part, names: Sequence[str], types: Mapping[str, str]) -> Iterator[pa.Table]:
        shape = self._shape(part)
        with part.path.open(encoding=shape.encoding, newline="") as file:
            records = self._records(file, part, shape)
            while piece := list(islice(records, BATCH_ROWS)):
                yield self._table(piece, part, shape, names, types)

    def _rewrite(self, part: Part, edit: Edit, types: Mapping[str, str]) -> None:
        shape = self._shape(part)
        if not any(changed for _, changed in self._edited(part, shape, edit, types)):
            return

        def write(following: Path) -> None:
            with following.open("w", encoding=shape.encoding, newline="") as file:
                try:
                    file.writelines(raw for raw, _ in self._edited(part, shape, edit, types))
                except UnicodeEncodeError:  # its own words hold the text
                    raise refusal(
                        "connector.not-encodable", self.system, path=part.path.name, encoding=shape.encoding
                    ) from None

        replacing.replace(self.system, part.path, write)

    def _edited(self, part: Part, shape: _Shape, edit: Edit, types: Mapping[str, str]) -> Iterator[tuple[str, bool]]:
        """Each record as it shall stand, and whether that is new; the heading and blank lines too."""
        blank = _Record([], "", 0)
        with part.path.open(encoding=shape.encoding, newline="") as file:
            records = self._records(file, part, shape, with_heading=True)
            if shape.has_heading:
                yield next(records, blank).raw, False
            while piece := list(islice(records, BATCH_ROWS)):
                yield from self._piece(piece, part, shape, edit, types)

    def _piece(
        self, piece: list[_Record], part: Part, shape: _Shape, edit: Edit, types: Mapping[str, str]
    ) -> Iterator[tuple[str, bool]]:
        match edit:
            case Drop(where=where) | Blank(where=where):
                needed = list(dict.fromkeys(test.column for test in where))
                hits = arrow.mask(self._table(piece, part, shape, needed, types), where, types).to_pylist()
                places = (
                    [] if isinstance(edit, Drop) else [shape.names.index(n) for n in edit.columns if n in shape.names]
                )
                for record, hit in zip(piece, hits, strict=True):
                    if not hit:
                        yield record.raw, False
                    elif isinstance(edit, Drop):
                        yield "", True
                    else:
                        yield _with(record, dict.fromkeys(places, ""), shape)
            case Texts(column=column, key=key, texts=texts):
                told = self._table(piece, part, shape, list(key), types).to_pylist()
                place = shape.names.index(column)
                for record, row in zip(piece, told, strict=True):
                    new = texts.get(tuple(row[name] for name in key))
                    yield (record.raw, False) if new is None else _with(record, {place: new}, shape)
            case _:
                assert_never(edit)

    def _table(
        self, piece: list[_Record], part: Part, shape: _Shape, names: Sequence[str], types: Mapping[str, str]
    ) -> pa.Table:
        made = {}
        for name in names:
            place = shape.names.index(name) if name in shape.names else None
            told = [
                None
                if place is None
                else fitted(record.fields[place], types[name], self.system, part.path.name, record.line, name)
                for record in piece
            ]
            made[name] = pa.array(told, values.ARROW[types[name]])
        return pa.table(made)

    def _records(self, file: TextIO, part: Part, shape: _Shape, *, with_heading: bool = False) -> Iterator[_Record]:
        first = shape.has_heading and not with_heading
        for record in _parsed(file, shape.delimiter):
            if record.is_broken or (record.fields and len(record.fields) != len(shape.names)):
                raise refusal("connector.broken-record", self.system, path=part.path.name, line=record.line)
            if record.fields and not first:
                yield record
            first = first and not record.fields

    def _shape(self, part: Part) -> _Shape:
        encoding = encoding_of(self.system, part.path)
        with part.path.open(encoding=encoding, newline="") as file:
            head = list(islice(file, LOOKED_AT))
        delimiter = _delimiter(head, part.path.suffix.lower())
        first = next((one.fields for one in _parsed(iter(head), delimiter) if one.fields), [])
        if not first or _is_heading(first):
            return _Shape(encoding=encoding, delimiter=delimiter, names=tuple(first), has_heading=bool(first))
        table = next(name for name, parts in self._tables().items() if part in parts)
        declared = tuple(self._declared.get(table, ()))
        if len(declared) != len(first):
            raise refusal("connector.no-heading", self.system, path=part.path.name)
        return _Shape(encoding=encoding, delimiter=delimiter, names=declared, has_heading=False)


def _parsed(lines: Iterator[str] | TextIO, delimiter: str) -> Iterator[_Record]:
    """Records with the text they were read from, and at what is none the end."""
    taken: list[str] = []
    line = 1

    def taking() -> Iterator[str]:
        for one in lines:
            taken.append(one)
            yield one

    csv.field_size_limit(LONGEST_FIELD)
    reader = csv.reader(taking(), delimiter=delimiter, strict=True)
    while True:
        try:
            fields = next(reader, None)
        except csv.Error:
            yield _Record([], "", line, is_broken=True)
            return
        if fields is None:
            return
        yield _Record(fields, "".join(taken), line)
        line += len(taken)
        taken.clear()


def _delimiter(head: Sequence[str], suffix: str) -> str:
    """The one that cuts the first records into the same number of fields, and into most."""
    usual = "\t" if suffix == ".tsv" else ","
    best, most = usual, 1
    for delimiter in sorted(DELIMITERS, key=lambda one: one != usual):
        found = [len(one.fields) for one in _parsed(iter(head), delimiter) if one.fields]
        whole = found[:-1] if len(head) == LOOKED_AT else found  # the last record may go on past what was looked at
        if whole and len(set(whole)) == 1 and whole[0] > most:
            best, most = delimiter, whole[0]
    return best


def _is_heading(fields: Sequence[str]) -> bool:
    """Titles: none empty or twice, none that begins with a digit or holds an @."""
    return len(set(fields)) == len(fields) and not any(
        not one.strip() or one.strip()[0].isdecimal() or "@" in one for one in fields
    )


def _with(record: _Record, changes: Mapping[int, str], shape: _Shape) -> tuple[str, bool]:
    if all(record.fields[place] == text for place, text in changes.items()):
        return record.raw, False
    fields = [changes.get(place, text) for place, text in enumerate(record.fields)]
    end = record.raw[len(record.raw.rstrip("\r\n")) :]
    return _line(fields, shape.delimiter, all_quoted=record.raw.startswith('"')) + end, True


def _line(fields: Sequence[str], delimiter: str, *, all_quoted: bool) -> str:
    def one(text: str) -> str:
        quoted = all_quoted or any(sign in text for sign in (delimiter, '"', "\r", "\n"))
        return '"' + text.replace('"', '""') + '"' if quoted else text

    return delimiter.join(one(text) for text in fields)
