"""The data map in force, the systems it names, and whether they are what it says."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from ruamel.yaml import YAML

from sekisho.connectors.opening import look, open_system, url_of
from sekisho.connectors.snapshots import snapshot_of
from sekisho.connectors.source import Source
from sekisho.engine.catalog.model import UNKNOWN_ITEM, Column, DataMap, StoredView, System, SystemKind, Table
from sekisho.engine.erasure.floors import retention_law
from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.pack import law
from sekisho.registers.datamap import rules
from sekisho.registers.datamap.models import DataMapVersion, MapLook, Reclassification
from sekisho.registers.datamap.rules import Comparison, LedgerRow, Look
from sekisho.registers.policies import queries as policies

if TYPE_CHECKING:
    from sekisho.engine.catalog.inheriting import Inheritance, Release

FILES = (SystemKind.DELTA, SystemKind.JSONL)  # folders: they know no views


def current() -> DataMap:
    """The data map adopted last. Raises: datamap.none-adopted."""
    row = DataMapVersion.objects.values_list("id", "sha256").last()
    if row is None:
        raise SekishoError("datamap.none-adopted", room=rules.ROOM)
    return _loaded(*row)


def document() -> str:
    """The text of the data map adopted last. Raises: datamap.none-adopted."""
    row = DataMapVersion.objects.last()
    if row is None:
        raise SekishoError("datamap.none-adopted", room=rules.ROOM)
    return row.text


def adopted_at() -> datetime:
    """When the map in force was adopted. Raises: datamap.none-adopted."""
    found: datetime | None = DataMapVersion.objects.values_list("adopted_at", flat=True).last()
    if found is None:
        raise SekishoError("datamap.none-adopted", room=rules.ROOM)
    return found


def system(id_: str) -> System:
    """One system of the map. Raises: datamap.unknown-system."""
    systems = current().systems
    if id_ not in systems:
        raise SekishoError("datamap.unknown-system", room=rules.ROOM, system=id_)
    return systems[id_]


def open_source(system_or_id: System | str) -> Source:
    """A system's store, open: close it when done. Raises what the store refuses."""
    found = system(system_or_id) if isinstance(system_or_id, str) else system_or_id
    return open_system(found, located(found))


def located(system_: System) -> str:
    """The url of a system of this carrier: from carrier.yaml, else from the map with {home} filled in."""
    return url_of(system_, home=Path(settings.HOME), urls=_urls())


def compare(datamap: DataMap | None = None) -> Comparison:
    """Every system as it really is against the map: what nobody declared is an alarm."""
    datamap = datamap or current()
    looked = look(datamap, home=Path(settings.HOME), urls=_urls())
    compared = rules.compare(datamap, {id_: one if isinstance(one, str) else one.tables for id_, one in looked.items()})
    stored = {id_: one.views for id_, one in looked.items() if not isinstance(one, str)}
    faults = rules.derived_faults(datamap, secret(), releases=releases(), stored=stored)
    seen = compared.columns_seen + sum(len(view.columns) for views in stored.values() for view in views.values())
    return replace(compared, columns_seen=seen, derived=faults)


def ledger(at: datetime) -> tuple[LedgerRow, ...]:
    """個人情報管理台帳 as the policy in force and the map say it. Raises: datamap.none-adopted."""
    return rules.ledger(policies.in_force(at), current(), retention_law(law(tokyo_date(at))))


def picture(at: datetime, *, language: str = "ja", is_alone: bool = False) -> rules.Picture:
    """Systems, flows and recipients as a drawing. Raises: datamap.none-adopted."""
    return rules.picture(policies.in_force(at), current(), ledger(at), language=language, is_alone=is_alone)


def looks() -> Mapping[str, Look]:
    """The last look at each system, with the counts of the last time somebody counted."""
    found = {one: MapLook.objects.filter(system=one) for one in current().systems}
    return {one: _look(row, rows.exclude(counts={}).last()) for one, rows in found.items() if (row := rows.last())}


def _look(row: MapLook, counted: MapLook | None) -> Look:
    return Look(
        system=row.system,
        at=row.at,
        by=row.by,
        columns=row.columns,
        differences=row.differences,
        code=row.code,
        counts=counted.counts if counted else {},
        counted_at=counted.at if counted else None,
    )


def look_now(datamap: DataMap, *, at: datetime, by: str, is_counting: bool) -> tuple[Look, ...]:
    """Every system as it is at this moment; nothing is kept."""
    return tuple(_looked(one, at=at, by=by, is_counting=is_counting) for one in datamap.systems.values())


def _looked(system_: System, *, at: datetime, by: str, is_counting: bool) -> Look:
    try:
        source = open_source(system_)
        try:
            tables = source.crawl()
            names = [name for name in system_.tables if name in tables] if is_counting else []
            counts = {name: source.count(name) for name in names}
        finally:
            source.close()
    except SekishoError as error:
        return Look(system=system_.id, at=at, by=by, columns=0, differences=0, code=error.code)
    return Look(
        system=system_.id,
        at=at,
        by=by,
        columns=sum(len(columns) for columns in tables.values()),
        differences=len(rules.compare_system(system_, tables)),
        counts=counts,
        counted_at=at if counts else None,
    )


def governed() -> DataMap:
    """The map in force as the gate reads it: every derived column carries what it inherits, not just what is declared.

    Views that say whose their rows are and since when stand among the tables. A column that carries items of several
    classes has the item `unknown`, which every purpose refuses, for whoever reads a single one; all of them are in
    `effective_table`.
    """
    datamap = current()
    if not any(rules.has_derived(system) for system in datamap.systems.values()):
        return datamap
    known = inheritance(datamap)
    return replace(datamap, systems={id_: _governed(one, known) for id_, one in datamap.systems.items()})


def effective_table(system_id: str, name: str) -> Table:
    """A table or view with what its columns count as: base columns as declared, derived ones with what they inherit.

    A view that stands in the store and in no map, or whose making nobody can trace, carries `unknown`.
    Raises: datamap.unknown-system, datamap.unknown-table.
    """
    found = system(system_id)
    table = found.tables.get(name) or found.views.get(name)
    if table is None:
        raise SekishoError("datamap.unknown-table", room=rules.ROOM, system=system_id, table=name)
    return table if table.definition is None else inheritance().effective(system_id, table)


def inheritance(datamap: DataMap | None = None) -> "Inheritance":
    """What derived columns inherit, by the map and by the stores' own definitions as they are now."""
    datamap = datamap or current()
    return rules.inheritance(datamap, secret(), releases=releases(), stored=standing_views(datamap))


def secret() -> frozenset[str]:
    """What taints, under any version of the policy."""
    return frozenset().union(*(rules.secret_items(policy) for policy in policies.history()))


def releases() -> Mapping[tuple[str, str, str], "Release"]:
    """What two people have said of derived columns: the latest of each. Whether it still holds, the lineage says."""
    rows = Reclassification.objects.exclude(approved_at=None).filter(withdrawn_at=None).order_by("approved_at", "id")
    if not rows:
        return {}
    from sekisho.engine.catalog.inheriting import Release

    return {(row.system, row.table, row.column): Release(items=tuple(row.items), basis=row.basis) for row in rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReclassificationRecord:
    """A reclassification as a list shows it."""

    ref: str
    system: str
    table: str
    column: str
    inherited: tuple[str, ...]
    items: tuple[str, ...]
    reason: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str
    approved_at: datetime | None
    standing: rules.Standing


def reclassifications() -> tuple[ReclassificationRecord, ...]:
    """All of them, newest first, with whether they hold."""
    rows = list(Reclassification.objects.order_by("-id"))
    if not rows:
        return ()
    known, current_ones = inheritance(), {}
    for row in sorted(rows, key=lambda row: (row.approved_at is not None, row.approved_at or row.proposed_at, row.pk)):
        if row.approved_at is not None and row.withdrawn_at is None:
            current_ones[row.system, row.table, row.column] = row.pk
    return tuple(_record(row, known, current_ones) for row in rows)


def _record(
    row: Reclassification, known: "Inheritance", current_ones: Mapping[tuple[str, str, str], int]
) -> ReclassificationRecord:
    place = (row.system, row.table, row.column)
    if row.withdrawn_at is not None:
        standing = rules.Standing.WITHDRAWN
    elif row.approved_at is None:
        standing = rules.Standing.PROPOSED
    elif current_ones[place] != row.pk:
        standing = rules.Standing.REPLACED
    else:
        standing = rules.Standing.HOLDS if known.holds(*place) else rules.Standing.LAPSED
    return ReclassificationRecord(
        ref=row.ref,
        system=row.system,
        table=row.table,
        column=row.column,
        inherited=tuple(row.inherited),
        items=tuple(row.items),
        reason=row.reason,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        approved_by=row.approved_by,
        approved_at=row.approved_at,
        standing=standing,
    )


def _governed(system_: System, known: "Inheritance") -> System:
    tables = {
        name: _single(known.effective(system_.id, table)) if table.definition else table
        for name, table in system_.tables.items()
    }
    views = {name: known.effective(system_.id, view) for name, view in system_.views.items()}
    usable = {name: _single(view) for name, view in views.items() if view.owners and view.key and view.acquired}
    return replace(system_, tables=tables | usable, views=views)


def _single(table: Table) -> Table:
    """Columns with one item each, for whoever reads one: the class where all are of it, else `unknown`."""
    return replace(table, columns={name: _one_item(column) for name, column in table.columns.items()})


def _one_item(column: Column) -> Column:
    if not column.also:
        return column
    classes = {item.split(".", 1)[0] for item in column.items}
    return replace(column, item=classes.pop() if len(classes) == 1 else UNKNOWN_ITEM)


def standing_views(datamap: DataMap) -> dict[str, Mapping[str, StoredView]]:
    """The views of every system that has any in the map, as they stand in its store. One that can't be opened is left out: its views are unknown."""
    found: dict[str, Mapping[str, StoredView]] = {}
    for system_ in datamap.systems.values():
        if not rules.has_derived(system_) or system_.kind in FILES:
            continue
        try:
            url = located(system_)
            found[system_.id] = _Views(system=system_, url=url, state=snapshot_of(system_, url, "")).read()
        except SekishoError:
            continue
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Views:
    """The views of a store in one state: read once, as long as the store hasn't changed."""

    system: System = field(compare=False)
    url: str
    state: str

    def read(self) -> Mapping[str, StoredView]:
        return _read_views(self)


@lru_cache(maxsize=16)
def _read_views(views: _Views) -> Mapping[str, StoredView]:
    source = open_system(views.system, views.url)
    try:
        return source.views()
    finally:
        source.close()


@lru_cache(maxsize=8)
def _loaded(row: int, sha256: str) -> DataMap:  # noqa: ARG001  the hash is part of the key: another carrier's row 1 is another map
    return rules.load(DataMapVersion.objects.get(pk=row).text)


def _urls() -> Mapping[str, str]:
    path = Path(settings.HOME) / "carrier.yaml"
    if not path.exists():
        return {}
    document = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    urls: Mapping[str, str] = document.get("urls") or {}
    return urls
