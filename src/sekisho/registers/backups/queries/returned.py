"""Rows of an erased person in the stores as they are now, found by keyed digests over intervals: no value is known.

What an erasure had to leave (留保) is not somebody who came back: those tables are left out for that person. Free text
and names can't be found by a digest.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sekisho.connectors.source import In, Source, Within
from sekisho.engine.catalog.model import DataMap, Ownership, System, Table
from sekisho.engine.errors import SekishoError
from sekisho.registers.datamap import queries as datamaps
from sekisho.registers.identities.queries import digest
from sekisho.registers.identities.queries.erased import ErasedSpan, erased_spans, is_anothers
from sekisho.registers.retention.queries.locating import opened
from sekisho.registers.retention.queries.replaying import retained_tables

Region = tuple[In | Within, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Rows of one table that are an erased person's under one ownership path."""

    system: str
    table: str
    path: int
    person: str
    identifier: str
    rows: int
    region: Region = field(repr=False, compare=False)  # holds the value: never written down


@dataclass(slots=True, kw_only=True)
class Look:
    """What a look over all stores showed."""

    found: list[Found] = field(default_factory=list)
    examined: int = 0  # values held against the tombstones
    unread: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)


def look_for_returned(*, only: Iterable[str] = ()) -> Look:
    """Hold every identifier of every store against the tombstones. `only`: these systems."""
    look, spans = Look(), erased_spans()
    datamap: DataMap = datamaps.current()
    wanted = frozenset(only)
    kept: dict[str, frozenset[tuple[str, str]]] = {}
    for system in datamap.systems.values():
        if wanted and system.id not in wanted:
            continue
        began = time.monotonic()
        try:
            with opened(system.id) as source:
                for table in system.tables.values():
                    _table(source, system, table, spans, kept, look)
        except SekishoError as error:
            look.unread.append(f"{system.id} {error.code}")
        look.seconds[system.id] = time.monotonic() - began
    return look


def _table(
    source: Source,
    system: System,
    table: Table,
    spans: Mapping[str, tuple[ErasedSpan, ...]],
    kept: dict[str, frozenset[tuple[str, str]]],
    look: Look,
) -> None:
    for path, owner in enumerate(table.owners):
        values = _values(source, table.name, owner)
        look.examined += len(values)
        for value in sorted(values):
            for span in spans.get(digest(owner.by, value), ()):
                if span.kind != owner.by or (system.id, table.name) in _kept(span.person, kept):
                    continue
                if is_anothers(span, value):
                    continue
                region = _region(owner, value, span)
                rows = source.count(table.name, region)
                if rows:
                    look.found.append(
                        Found(
                            system=system.id,
                            table=table.name,
                            path=path,
                            person=span.person,
                            identifier=span.kind,
                            rows=rows,
                            region=region,
                        )
                    )


def _kept(person: str, kept: dict[str, frozenset[tuple[str, str]]]) -> frozenset[tuple[str, str]]:
    if person not in kept:
        kept[person] = retained_tables(person)
    return kept[person]


def _values(source: Source, table: str, owner: Ownership) -> set[str]:
    found: set[str] = set()
    for batch in source.rows(table, (owner.column,)):
        found |= {str(value) for value in batch.column(0).unique().to_pylist() if value not in (None, "")}
    return found


def _region(owner: Ownership, value: str, span: ErasedSpan) -> Region:
    """The rows within the erased person's interval; an identifier that is never reused needs no instant."""
    if owner.at is None:
        return (In(owner.column, (value,)),)
    return (In(owner.column, (value,)), Within(owner.at, span.since, span.until))
