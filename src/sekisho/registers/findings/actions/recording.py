"""What a look leaves behind: the counts and findings of each table as it is judged, the run and its evidence at the end."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sekisho.connectors.samples import Wish
from sekisho.engine.scanning.columns import ColumnFinding
from sekisho.engine.scanning.measures import Measures
from sekisho.engine.scanning.tables import conclude_table
from sekisho.evidence.actions import append
from sekisho.evidence.writing import writing
from sekisho.registers.findings.models import ColumnLook, DiscoveryRun, Finding
from sekisho.registers.findings.rules.keeping import kept
from sekisho.registers.findings.rules.limits import limits

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
class Run:
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


def keep(system: str, table: str, seen: Columns, state: str, run: Run) -> None:
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


def _fill(row: Finding, one: ColumnFinding, run: Run) -> None:
    row.grade, row.score = one.grade.name.lower(), one.score
    row.why, row.why_en = one.why.ja, one.why.en
    row.sampled, row.matched, row.is_inside = one.sampled, one.matched, one.is_inside
    row.rule, row.run, row.seen_at, row.gone_at = run.versions[one.type][1], run.ref, run.at, None


def _changed(row: Finding | None, one: ColumnFinding, place: str) -> Iterator[Change]:
    if row is None or row.gone_at is not None:
        yield Change(what="new", place=place, type=one.type, before=None, now=one.score)
    elif row.score != one.score:
        yield Change(what="score", place=place, type=one.type, before=row.score, now=one.score)


def let_go_of_tables(system: str, tables: Iterable[str], run: Run) -> None:
    """Tables that are no more, with what was found in them."""
    names = list(tables)
    with writing():
        ColumnLook.objects.filter(system=system, table__in=names).delete()
        _let_go(Finding.objects.filter(system=system, table__in=names), run)


def _let_go(rows: Iterable[Finding], run: Run) -> None:
    for row in rows:
        if row.gone_at is None:
            place = f"{row.system}.{row.table}.{row.column}".rstrip(".")
            run.changes.append(Change(what="gone", place=place, type=row.type, before=row.score, now=None))
            row.gone_at = run.at
            row.save(update_fields=["gone_at"])


def end(run: Run) -> Looked:
    """Write the run and its evidence."""
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
