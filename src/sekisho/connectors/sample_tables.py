"""What a sample is, and how rows of text become one: with a header where they have one, drawn where they are many."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sekisho.connectors.sample_drawing import reservoir
from sekisho.engine.errors import SekishoError


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A table: column -> values drawn of it as text, without nulls; None where only the schema was looked at."""

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


def tabled(name: str, lines: Iterable[list[str]], rows: int, seed: int, *, schema_only: bool) -> Sample:
    """The table these rows make. Without a header the columns are numbered; of `schema_only` one row is read."""
    stream = iter(lines)
    first = next(stream, [])
    if not _is_header(first):
        stream, first = itertools.chain([first], stream), [f"{place}" for place in range(1, len(first) + 1)]
    names = [title or str(place) for place, title in enumerate(first, 1)]
    if schema_only:
        return Sample(table=name, columns=dict.fromkeys(names))
    columns: dict[str, list[str]] = {title: [] for title in names}
    for row in reservoir(stream, rows, seed):
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
