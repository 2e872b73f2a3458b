"""What the independent reader finds after an erasure, and which of it may stand: the next holder's, and what law keeps.

The reader (`connectors.residue`) shares no code with the sources that erased. It names places, not rows; where a value
may legitimately stand, every row that holds it is read again here and judged one by one.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.db import connection

from sekisho.connectors import residue, values
from sekisho.connectors.opening import located
from sekisho.connectors.residue import Residue
from sekisho.connectors.source import Contains
from sekisho.engine.catalog.model import DataMap, System, SystemKind, Table
from sekisho.engine.erasure.needles import Finder, Needle, NeedleKind, mentions, variants
from sekisho.engine.errors import SekishoError
from sekisho.registers.datamap import queries as datamap_queries
from sekisho.registers.identities import queries as identities
from sekisho.registers.retention.queries.locating import opened
from sekisho.registers.retention.queries.mentions import instant
from sekisho.registers.retention.queries.target import Target

PRODUCT = "sekisho"
APART = {"systems", "keys", "backups", "tombstones", "apart"}  # folders of the home looked at elsewhere, or sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What one store showed."""

    id: str
    found: int = 0  # values seen at all
    allowed: int = 0  # of these, the next holder's or retained by law
    residue: tuple[Residue, ...] = ()
    unread: str = ""  # code, where it could not be read
    beyond: tuple[str, ...] = ()  # what of it no look of ours reaches: codes


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """The whole look."""

    needles: int
    variants: int
    places: tuple[Place, ...]

    @property
    def residue(self) -> int:
        """In how many places something is left that may not be."""
        return sum(len(place.residue) for place in self.places)

    @property
    def unread(self) -> tuple[str, ...]:
        """The stores that could not be read: what they hold is unknown, so nothing is proven."""
        return tuple(place.id for place in self.places if place.unread)

    def as_json(self) -> dict[str, object]:
        """For the database and the certificate: places and counts, never a value."""
        return {
            "needles": self.needles,
            "variants": self.variants,
            "places": [
                {
                    "id": place.id,
                    "found": place.found,
                    "allowed": place.allowed,
                    "residue": [{"location": one.location, "how": one.how} for one in place.residue],
                    "unread": place.unread,
                    "beyond": list(place.beyond),
                }
                for place in self.places
            ],
        }


def check(target: Target, datamap: DataMap, retained: Iterable[tuple[str, str]], *, own: bool = True) -> Check:
    """Look for every variant of every needle in every store, in our own database and in what we write beside it.

    `retained`: (system, table) of which the plan says that rows stay. `own`: our own places too, which a look at one
    store leaves out.
    """
    needles = target.needles()
    labels = {f"n{index}": variants(needle) for index, needle in enumerate(needles)}
    keeping = frozenset(retained)
    places = [
        _system(system, _Judge(target=target, needles=needles, system=system, retained=keeping), labels)
        for system in datamap.systems.values()
    ]
    if own:
        places += [_own(id_, kind, url, target, needles, labels) for id_, kind, url in _own_places()]
    return Check(needles=len(needles), variants=sum(map(len, labels.values())), places=tuple(places))


def _system(system: System, judge: "_Judge", labels: Mapping[str, tuple[str, ...]]) -> Place:
    try:
        hits = list(residue.find(system.kind, datamap_queries.located(system), labels))
        judged = [(hit, judge.may_stand(hit, hits)) for hit in hits]
        beyond = residue.beyond(system.kind, datamap_queries.located(system))
    except SekishoError as error:
        return Place(id=system.id, unread=error.code)
    left = tuple(hit for hit, allowed in judged if not allowed)
    return Place(id=system.id, found=len(hits), allowed=len(hits) - len(left), residue=left, beyond=beyond)


def _own(
    id_: str,
    kind: SystemKind,
    url: str,
    target: Target,
    needles: tuple[Needle, ...],
    labels: Mapping[str, tuple[str, ...]],
) -> Place:
    """Our own stores: a value stands there only while somebody else holds or bears it."""
    try:
        hits = list(residue.find(kind, url, labels))
    except SekishoError as error:
        return Place(id=id_, unread=error.code)
    gone = not identities.intervals_of(target.person)
    left = tuple(hit for hit in hits if not (gone and needles[int(hit.label[1:])].shared))
    return Place(id=id_, found=len(hits), allowed=len(hits) - len(left), residue=left)


def _own_places() -> Iterator[tuple[str, SystemKind, str]]:
    database = connection.settings_dict
    if connection.vendor == "postgresql":
        user = f"{database['USER']}:{database['PASSWORD']}" if database["PASSWORD"] else database["USER"]
        port = f":{database['PORT']}" if database["PORT"] else ""
        host, query = (database["HOST"], "")
        if host.startswith("/"):
            host, query = "", f"?host={host}"
        yield PRODUCT, SystemKind.POSTGRESQL, f"postgresql://{user}@{host}{port}/{database['NAME']}{query}"
    elif "memory" not in str(database["NAME"]):  # a database in a test's memory leaves no byte on any disk
        yield PRODUCT, SystemKind.SQLITE, f"sqlite:///{database['NAME']}"
    for folder in sorted(
        Path(settings.HOME).iterdir()
    ):  # exports, projections, lists, letters: whatever we wrote there
        if folder.is_dir() and folder.name not in APART:
            yield f"{PRODUCT}/{folder.name}", SystemKind.JSONL, f"jsonl:///{folder}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judge:
    """Whether what was found in one system may stand there."""

    target: Target
    needles: tuple[Needle, ...]
    system: System
    retained: frozenset[tuple[str, str]]
    judged: dict[tuple[str, str], bool] = field(default_factory=dict)

    def may_stand(self, hit: Residue, hits: list[Residue]) -> bool:
        """Judge by the rows that hold the value; bytes and statistics by the rows of the same file."""
        needle = self.needles[int(hit.label[1:])]
        is_retaining = any(system == self.system.id for system, _ in self.retained)
        if not (needle.shared or is_retaining or _is_bounded(needle)):
            return False
        if hit.how == "decoded":
            return self._rows_may_stand(hit, needle)
        # Bytes, statistics and logs name no row: they may stand where live rows of the same file explain them.
        file = _file_of(hit)
        rows = [
            one
            for one in hits
            if one.label == hit.label and one.how == "decoded" and (self._is_server or _file_of(one) == file)
        ]
        return bool(rows) and all(self._rows_may_stand(one, needle) for one in rows)

    @property
    def _is_server(self) -> bool:
        """A server's files are told by table, its rows by column: any live row of the database explains them."""
        url = datamap_queries.located(self.system)
        return located(self.system.kind, url)[0] in {SystemKind.POSTGRESQL, SystemKind.MARIADB}

    def _rows_may_stand(self, hit: Residue, needle: Needle) -> bool:
        """Whether every row that holds the value may; a value that no row explains may not."""
        known = self.judged.get((hit.location, hit.label))
        if known is None:
            rows = list(self._rows(hit, needle))
            known = bool(rows) and all(self._row_may_stand(table, row, needle) for table, row in rows)
            self.judged[hit.location, hit.label] = known
        return known

    def _rows(self, hit: Residue, needle: Needle) -> Iterator[tuple[Table, Mapping[str, Any]]]:
        match self.system.kind:
            case SystemKind.DELTA | SystemKind.JSONL:
                yield from self._rows_of_file(hit, needle)
            case _:
                yield from self._rows_of_table(hit, needle)

    def _rows_of_table(self, hit: Residue, needle: Needle) -> Iterator[tuple[Table, Mapping[str, Any]]]:
        name, _, column = hit.location.split(" ")[-1].rpartition(".")
        table = self.system.tables.get(name)
        if table is None or column not in table.columns:
            return
        # Free text is folded here; what a column holds as a value is asked of the store.
        where = () if table.columns[column].free_text else (Contains(column, variants(needle)),)
        finder = Finder([needle])
        columns = _needed(table, column)
        with opened(self.system.id) as source:
            for batch in source.rows(name, columns, where):
                texts = [text if isinstance(text, str) else "" for text in batch.column(0).to_pylist()]
                for index in finder.texts_with(texts):
                    if finder.mentions(texts[index]):
                        yield table, batch.slice(index, 1).to_pylist()[0]

    def _rows_of_file(self, hit: Residue, needle: Needle) -> Iterator[tuple[Table, Mapping[str, Any]]]:
        file = _file_of(hit)
        table = self.system.tables.get(file.split("/", 1)[0])
        if table is None:
            return
        path = located(self.system.kind, datamap_queries.located(self.system))[1] / file
        finder = Finder([needle])
        read = _parquet_rows if self.system.kind is SystemKind.DELTA else _json_rows
        for row in read(path, finder):
            if any(isinstance(value, str) and finder.mentions(value) for value in row.values()):
                yield table, row

    def _row_may_stand(self, table: Table, row: Mapping[str, Any], needle: Needle) -> bool:
        if self.target.owns(table.owners, row):
            return (self.system.id, table.name) in self.retained
        held = [name for name, value in row.items() if isinstance(value, str) and mentions(value, [needle])]
        if not needle.shared:
            is_nobodys = _is_bounded(needle) and all(
                self._is_dated_elsewhere(table, row, name, needle) for name in held
            )
            return is_nobodys or self._is_party_of_retained(table, row, needle)
        return all(self._column_may_stand(table, row, name, needle) for name in held)

    def _column_may_stand(self, table: Table, row: Mapping[str, Any], name: str, needle: Needle) -> bool:
        column = table.columns.get(name)
        if column is not None and column.free_text:
            if needle.is_name:
                sure = [one for one in self.needles if not one.shared]
                return not mentions(row[name], sure)
            return not self.target.is_theirs_at(needle, instant(_parsed(row.get(table.acquired))))
        if not needle.is_name and any(owner.column == name and owner.at for owner in table.owners):
            return self._is_dated_elsewhere(table, row, name, needle)
        # A column of somebody else's row: what it says is theirs.
        return any(row.get(owner.column) not in (None, "") for owner in table.owners if owner.at is None)

    def _is_dated_elsewhere(self, table: Table, row: Mapping[str, Any], name: str, needle: Needle) -> bool:
        """A number beside an instant at which it was not this person's: the next holder's, or of nobody, and not theirs."""
        dated = [owner for owner in table.owners if owner.column == name and owner.at]
        at = [instant(_parsed(row.get(owner.at or ""))) for owner in dated]
        return bool(dated) and all(self.target.held_at(needle, one) is False for one in at)

    def _is_party_of_retained(self, table: Table, row: Mapping[str, Any], needle: Needle) -> bool:
        """A number in a row that law keeps of this very person, found by an owner that needs an instant."""
        if (self.system.id, table.name) not in self.retained or needle.kind is not NeedleKind.PHONE:
            return False
        return any(row.get(owner.column) == needle.value for owner in table.owners)


def _is_bounded(needle: Needle) -> bool:
    """Whether the value was the person's for a time: a number returned, or come into."""
    return not needle.is_name and (needle.since is not None or needle.until is not None)


def _needed(table: Table, column: str) -> list[str]:
    owners = [name for owner in table.owners for name in (owner.column, owner.at) if name]
    return list(dict.fromkeys((column, table.acquired, *owners)))


def _parquet_rows(path: Path, finder: Finder) -> Iterator[Mapping[str, Any]]:
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches():
            hits: set[int] = set()
            for column in batch.columns:
                if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
                    hits |= set(finder.texts_with(column.to_pylist()))
            for index in sorted(hits):
                yield batch.slice(index, 1).to_pylist()[0]


def _json_rows(path: Path, finder: Finder) -> Iterator[Mapping[str, Any]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    for index in finder.texts_with(lines):
        row: Mapping[str, Any] = json.loads(lines[index])
        yield row


def _file_of(hit: Residue) -> str:
    return hit.location.split(" ", 1)[0]


def _parsed(value: object) -> object:
    """JSON writes days and instants as text."""
    return values.instant(value) if isinstance(value, str) else value
