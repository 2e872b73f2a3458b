"""How what was gathered is written into one document, and read again a portion at a time."""

import base64
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, overload

from sekisho.casework.subject_requests.rules.gathering import Closed, Value, gathering_words

HEAD = "gathering.json"
NO_DAY = (1980, 1, 1, 0, 0, 0)  # the same rows make the same bytes


class Packer:
    """Writes sections of rows, compressed as they come."""

    def __init__(self) -> None:
        self._bytes = io.BytesIO()
        self._archive = zipfile.ZipFile(self._bytes, "w")

    def add(self, section: int, rows: Iterable[bytes]) -> int:
        """Write a section's encoded rows; how many there were."""
        count, portion, size = 0, list[bytes](), gathering_words()["portions"]["rows"]
        for row in rows:
            portion.append(row)
            if len(portion) == size:
                self._write(_name(section, count // size), b"\n".join(portion))
                count += len(portion)
                portion = []
        if portion:
            self._write(_name(section, count // size), b"\n".join(portion))
        return count + len(portion)

    def packed(self, head: Mapping[str, Any]) -> bytes:
        """Everything, with its head."""
        self._write(HEAD, json.dumps(head, ensure_ascii=False, sort_keys=True).encode())
        self._archive.close()
        return self._bytes.getvalue()

    def _write(self, name: str, content: bytes) -> None:
        self._archive.writestr(zipfile.ZipInfo(name, NO_DAY), content, zipfile.ZIP_DEFLATED)


class Packed:
    """One document again. Rows are decoded as they are asked for."""

    def __init__(self, content: bytes) -> None:
        self._archive = zipfile.ZipFile(io.BytesIO(content))
        self.head: dict[str, Any] = json.loads(self._archive.read(HEAD))

    def rows(self, section: int, count: int) -> "Rows":
        """The rows of a section."""
        return Rows(self, section, count)

    def portion(self, section: int, number: int) -> list[tuple[str, tuple[Value, ...]]]:
        """One portion: fingerprint and values of each row."""
        return [decoded(line) for line in self._archive.read(_name(section, number)).split(b"\n")]


class Rows(Sequence[tuple[Value, ...]]):
    """The rows of a section, a portion of them in memory."""

    def __init__(self, packed: Packed, section: int, count: int) -> None:
        self._packed, self._section, self._count = packed, section, count
        self._size: int = gathering_words()["portions"]["rows"]
        self._at, self._portion = -1, list[tuple[str, tuple[Value, ...]]]()

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> tuple[Value, ...]: ...
    @overload
    def __getitem__(self, index: slice) -> list[tuple[Value, ...]]: ...
    def __getitem__(self, index: int | slice) -> tuple[Value, ...] | list[tuple[Value, ...]]:
        if isinstance(index, slice):
            return [self[one] for one in range(*index.indices(self._count))]
        return self._row(index)[1]

    def __iter__(self) -> Iterator[tuple[Value, ...]]:
        for index in range(self._count):
            yield self._row(index)[1]

    def fingerprint(self, index: int) -> str:
        """By what the row is known again in the next gathering."""
        return self._row(index)[0]

    def fingerprints(self) -> Iterator[str]:
        """Of every row, in order."""
        for index in range(self._count):
            yield self._row(index)[0]

    def _row(self, index: int) -> tuple[str, tuple[Value, ...]]:
        if index < 0:
            index += self._count
        if not 0 <= index < self._count:
            raise IndexError(index)
        if index // self._size != self._at:
            self._at = index // self._size
            self._portion = self._packed.portion(self._section, self._at)
        return self._portion[index % self._size]


def encoded(fingerprint: str, values: Iterable[Value]) -> bytes:
    """One row as a line."""
    return json.dumps(
        [fingerprint, [_plain(one) for one in values]], ensure_ascii=False, separators=(",", ":")
    ).encode()


def decoded(line: bytes) -> tuple[str, tuple[Value, ...]]:
    """A line as its row."""
    fingerprint, values = json.loads(line)
    return fingerprint, tuple(_value(one) for one in values)


def _plain(value: Value) -> object:
    match value:
        case Closed(why=why):
            return {"c": why}
        case datetime():
            return {"t": value.isoformat()}
        case date():
            return {"d": value.isoformat()}
        case bytes():
            return {"b": base64.b64encode(value).decode()}
        case _:
            return value


def _value(plain: Any) -> Value:
    if not isinstance(plain, dict):
        found: Value = plain
        return found
    ((kind, text),) = plain.items()
    match kind:
        case "c":
            return Closed(text)
        case "t":
            return datetime.fromisoformat(text)
        case "d":
            return date.fromisoformat(text)
        case _:
            return base64.b64decode(text)


def _name(section: int, portion: int) -> str:
    return f"{section:04}/{portion:05}.jsonl"
