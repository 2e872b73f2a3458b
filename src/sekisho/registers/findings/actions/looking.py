"""A look over the carrier's systems: draw of each table, count, judge, keep what was found. The values are let go of.

Judging again by newer rules reads a table only where the counts no longer do: its data or what a rule sees has changed.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from sekisho.connectors.samples import Wish, sample_of
from sekisho.connectors.snapshots import snapshot_of
from sekisho.connectors.source import Source
from sekisho.engine.catalog.model import System
from sekisho.engine.errors import SekishoError
from sekisho.engine.scanning.columns import ColumnFinding
from sekisho.engine.scanning.measures import Measures, measure
from sekisho.engine.scanning.tables import conclude_table
from sekisho.engine.scanning.versions import versions
from sekisho.evidence.actions import append
from sekisho.evidence.writing import writing
from sekisho.registers.datamap import queries as datamap_queries
from sekisho.registers.findings import queries
from sekisho.registers.findings.models import ColumnLook, DiscoveryRun, Finding
from sekisho.registers.findings.rules.keeping import kept, unkept
from sekisho.registers.findings.rules.limits import ROOM, limits

Step = Callable[[int, int, str], None]  # done, of how many, what
FULL, AGAIN = "full", "again"
Columns = Mapping[str, Measures | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A finding that is new, gone, or judged otherwise than before."""

    what: str  # new, gone, score
    place: str
    type: str
    before: float | None
    now: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What a look did."""

    ref: str
    tables: int
    reread: int  # tables whose data was read
    columns: int
    findings: int
    unread: Mapping[str, str]
    changes: tuple[Change, ...]


@dataclass(slots=True, kw_only=True)
class _Run:
    """A look while it goes on."""

    ref: str
    kind: str
    at: datetime
    by: str
    wish: Wish
    own: frozenset[str]
    versions: Mapping[str, tuple[str, str]]
    tables: int = 0
    reread: int = 0
    columns: int = 0
    findings: int = 0
    unread: dict[str, str] = field(default_factory=dict)
    whole: list[str] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)


def look(
    *,
    at: datetime,
    acting_user: str,
    systems: Sequence[str] = (),
    schema_only: bool = False,
    rows: int | None = None,
    step: Step = lambda _done, _all, _what: None,
) -> Looked:
    """Look over the systems of the map (all, or those named) and keep what stands in them.

    Each table is written as soon as it has been judged: a look that is broken off leaves what it saw, and no run.
    Evidence: `findings.looked`, counts only. Raises: findings.unknown-system, datamap.none-adopted.
    """
    run = _begun(FULL, at, acting_user, Wish(rows=rows or limits().rows, schema_only=schema_only, seed=limits().seed))
    chosen = _chosen(systems)
    for done, system in enumerate(chosen):
        step(done, len(chosen), system.id)
        with _opened(system, run) as source:
            if source is None:
                continue
            crawled = source.crawl()
            for table, columns in crawled.items():
                _read(source, system, table, columns, run)
            _gone(system.id, [one for one in _tables_known(system.id) if one not in crawled], run)
            run.whole.append(system.id)
    step(len(chosen), len(chosen), "")
    return _ended(run)


def look_again(*, at: datetime, acting_user: str, step: Step = lambda _done, _all, _what: None) -> Looked:
    """Judge anew what older rules judged: from the counts where they suffice, else by reading the table again.

    Evidence: `findings.looked`. Raises: findings.never-looked, datamap.none-adopted.
    """
    outdated = queries.outdated()
    if queries.last_run() is None:
        raise SekishoError("findings.never-looked", room=ROOM)
    run = _begun(AGAIN, at, acting_user, Wish(rows=limits().rows, seed=limits().seed))
    for done, ((system_id, table), must_read) in enumerate(outdated.items()):
        step(done, len(outdated), f"{system_id}.{table}")
        (system,) = _chosen([system_id])
        stored = list(ColumnLook.objects.filter(system=system_id, table=table))
        try:
            state = snapshot_of(system, datamap_queries.located(system), table)
        except SekishoError as error:
            run.unread[f"{system_id}.{table}"] = error.code
            continue
        if not must_read and all(one.state == state for one in stored):
            _keep(system_id, table, {one.column: unkept(one.measures) for one in stored}, state, run)
            continue
        with _opened(system, run) as source:
            if source is None:
                continue
            columns = source.crawl().get(table)
            if columns is None:
                _gone(system_id, [table], run)
            else:
                _read(source, system, table, columns, run)
    step(len(outdated), len(outdated), "")
    return _ended(run)


def _begun(kind: str, at: datetime, by: str, wish: Wish) -> _Run:
    return _Run(
        ref=f"look-{uuid4().hex[:12]}",
        kind=kind,
        at=at,
        by=by,
        wish=wish,
        own=queries.own_numbers(at),
        versions=versions(),
    )


def _chosen(ids: Iterable[str]) -> list[System]:
    known = datamap_queries.current().systems
    for id_ in ids:
        if id_ not in known:
            raise SekishoError("findings.unknown-system", room=ROOM, system=id_, known=", ".join(known))
    return [known[id_] for id_ in ids] or list(known.values())


class _opened:  # noqa: N801  read as a verb
    """A system's store, or None with the code noted why it could not be read to the end."""

    def __init__(self, system: System, run: _Run) -> None:
        self.system, self.run = system, run
        self.source: Source | None = None

    def __enter__(self) -> Source | None:
        try:
            self.source = datamap_queries.open_source(self.system)
        except SekishoError as error:
            self.run.unread[self.system.id] = error.code
        return self.source

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        if self.source is not None:
            self.source.close()
        if isinstance(error, SekishoError) and error.code.startswith("connector."):
            self.run.unread[self.system.id] = error.code
            return True
        return False


def _read(source: Source, system: System, table: str, columns: Mapping[str, str], run: _Run) -> None:
    """Draw of a table and judge it."""
    try:
        state = snapshot_of(system, datamap_queries.located(system), table)
        drawn = sample_of(source, table, columns, run.wish)
    except SekishoError as error:
        run.unread[f"{system.id}.{table}"] = error.code
        return
    run.reread += not run.wish.schema_only
    seen = {
        name: None if values is None else measure(values, own_numbers=run.own) for name, values in drawn.columns.items()
    }
    _keep(system.id, table, seen, state, run)


def _keep(system: str, table: str, seen: Columns, state: str, run: _Run) -> None:
    """Judge the columns of one table, and put what stands there in place of what stood there."""
    found = {
        (column, one.type): one
        for column, many in conclude_table(seen, threshold=limits().score).items()
        for one in many
    }
    with writing():
        ColumnLook.objects.filter(system=system, table=table).delete()
        ColumnLook.objects.bulk_create(
            ColumnLook(system=system, table=table, column=name, state=state, measures=kept(one), run=run.ref)
            for name, one in seen.items()
        )
        known = {(one.column, one.type): one for one in Finding.objects.filter(system=system, table=table)}
        for key, one in found.items():
            run.changes += _changed(known.get(key), one, f"{system}.{table}.{key[0]}".rstrip("."))
            row = known.get(key) or Finding(
                system=system, table=table, column=key[0], type=key[1], first_seen_at=run.at
            )
            _fill(row, one, run)
            row.save()
        _let_go((row for key, row in known.items() if key not in found), run)
    run.tables += 1
    run.columns += len(seen)
    run.findings += len(found)


def _fill(row: Finding, one: ColumnFinding, run: _Run) -> None:
    row.grade, row.score = one.grade.name.lower(), one.score
    row.why, row.why_en = one.why.ja, one.why.en
    row.sampled, row.matched, row.is_inside = one.sampled, one.matched, one.is_inside
    row.rule, row.run, row.seen_at, row.gone_at = run.versions[one.type][1], run.ref, run.at, None


def _changed(row: Finding | None, one: ColumnFinding, place: str) -> Iterator[Change]:
    if row is None or row.gone_at is not None:
        yield Change(what="new", place=place, type=one.type, before=None, now=one.score)
    elif row.score != one.score:
        yield Change(what="score", place=place, type=one.type, before=row.score, now=one.score)


def _gone(system: str, tables: Iterable[str], run: _Run) -> None:
    """Tables that are no more, with what was found in them."""
    names = list(tables)
    with writing():
        ColumnLook.objects.filter(system=system, table__in=names).delete()
        _let_go(Finding.objects.filter(system=system, table__in=names), run)


def _let_go(rows: Iterable[Finding], run: _Run) -> None:
    for row in rows:
        if row.gone_at is None:
            place = f"{row.system}.{row.table}.{row.column}".rstrip(".")
            run.changes.append(Change(what="gone", place=place, type=row.type, before=row.score, now=None))
            row.gone_at = run.at
            row.save(update_fields=["gone_at"])


def _tables_known(system: str) -> list[str]:
    return list(ColumnLook.objects.filter(system=system).values_list("table", flat=True).distinct().order_by("table"))


def _ended(run: _Run) -> Looked:
    with writing():
        DiscoveryRun.objects.create(
            ref=run.ref,
            kind=run.kind,
            schema_only=run.wish.schema_only,
            rows=run.wish.rows,
            seed=run.wish.seed,
            systems=run.whole,
            unread=run.unread,
            columns=run.columns,
            reread=run.reread,
            versions=run.versions,
            by=run.by,
            at=run.at,
        )
        append(
            kind="findings.looked",
            body={
                "run": run.ref,
                "kind": run.kind,
                "systems": run.whole,
                "unread": sorted(run.unread),
                "columns": run.columns,
                "findings": run.findings,
                "changes": len(run.changes),
                "versions_sha256": hashlib.sha256(json.dumps(run.versions, sort_keys=True).encode()).hexdigest(),
                "by": run.by,
            },
            at=run.at,
        )
    return Looked(
        ref=run.ref,
        tables=run.tables,
        reread=run.reread,
        columns=run.columns,
        findings=run.findings,
        unread=run.unread,
        changes=tuple(run.changes),
    )
