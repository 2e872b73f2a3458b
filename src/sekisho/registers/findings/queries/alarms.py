"""What stands where, held against the map in force."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from sekisho.engine.catalog.model import DataMap
from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.folding import fold_number
from sekisho.engine.scanning.comparing import declared
from sekisho.engine.scanning.versions import versions
from sekisho.registers.datamap import queries as datamap_queries
from sekisho.registers.findings.models import ColumnLook, DiscoveryRun, Finding, FindingAnswer
from sekisho.registers.findings.rules.limits import ROOM
from sekisho.registers.findings.rules.standing import Answered, Found, Place, Standing, standing_of
from sekisho.registers.policies import queries as policies

ORDER = (Standing.OPEN, Standing.ACCEPTED, Standing.DISMISSED, Standing.DECLARED)
FULL = "full"  # a look at everything, not only at what newer rules ask for
PLACE = attrgetter("system", "table", "column")


@dataclass(frozen=True, slots=True, kw_only=True)
class LastRun:
    """The newest look over everything, and what later ones added."""

    ref: str
    at: datetime
    columns: int
    rows: int
    schema_only: bool
    systems: tuple[str, ...]
    unread: Mapping[str, str]


def places() -> tuple[Place, ...]:
    """Every place in which something is found now: alarms first, the most harmful and surest first."""
    datamap = datamap_queries.current()
    answers = {PLACE(one): one for one in FindingAnswer.objects.all()}  # in order: the latest stays
    rows = sorted(Finding.objects.filter(gone_at=None), key=PLACE)
    found = [_place(key, list(many), datamap, answers.get(key)) for key, many in groupby(rows, key=PLACE)]
    return tuple(sorted(found, key=lambda one: (ORDER.index(one.standing), -one.found[0].score, one.name)))


def alarms() -> tuple[Place, ...]:
    """Personal data where the map declares none and nobody said it is nothing."""
    return tuple(one for one in places() if one.is_alarm)


def place(name: str) -> Place:
    """A place by its name, system.table.column. Raises: findings.no-such-place."""
    for one in places():
        if one.name == name:
            return one
    raise SekishoError("findings.no-such-place", room=ROOM, place=name)


def last_run() -> LastRun | None:
    """The newest look at data or names, whatever it was for."""
    row = DiscoveryRun.objects.last()
    if row is None:
        return None
    return LastRun(
        ref=row.ref,
        at=row.at,
        columns=ColumnLook.objects.count(),
        rows=row.rows,
        schema_only=row.schema_only,
        systems=tuple(sorted(set(ColumnLook.objects.values_list("system", flat=True)))),
        unread=row.unread,
    )


def outdated() -> dict[tuple[str, str], bool]:
    """(system, table) judged by older rules -> whether it must be read again, because a rule sees other things now."""
    now = {type_: list(both) for type_, both in versions().items()}
    older: dict[str, bool] = {}
    current = set()
    for run in DiscoveryRun.objects.all():
        if run.versions == now:
            current.add(run.ref)
        else:
            seen = {type_: both[0] for type_, both in run.versions.items()}
            older[run.ref] = seen != {type_: both[0] for type_, both in now.items()}
    tables: dict[tuple[str, str], bool] = {}
    for system, table, ref in ColumnLook.objects.exclude(run__in=current).values_list("system", "table", "run"):
        # Of a look that was broken off nobody knows by which rules it judged.
        tables[system, table] = tables.get((system, table), False) or older.get(ref, True)
    return dict(sorted(tables.items()))


def unseen(since: datetime) -> tuple[str, ...]:
    """Systems of the map, or tables of them, whose data no look since then has seen."""
    newest: dict[str, DiscoveryRun] = {}
    for run in DiscoveryRun.objects.filter(at__gte=since, schema_only=False, kind=FULL):
        newest |= dict.fromkeys(run.systems, run)
    missing = []
    for system in datamap_queries.current().systems:
        if system not in newest:
            missing.append(system)
        else:
            missing += [place for place in newest[system].unread if place.startswith(f"{system}.")]
    return tuple(sorted(missing))


def own_numbers(at: datetime) -> frozenset[str]:
    """The carrier's own desks: nobody's personal data. Source: LAW.md 6."""
    desks = policies.in_force(at).desks.values()
    return frozenset(fold_number(number) for desk in desks for number in (desk.phone, desk.fax) if number)


def _place(key: tuple[str, str, str], rows: Sequence[Finding], datamap: DataMap, answer: FindingAnswer | None) -> Place:
    system, table, column = key
    found = tuple(
        Found(
            type=row.type,
            grade=row.grade,
            score=row.score,
            why=row.why,
            why_en=row.why_en,
            sampled=row.sampled,
            matched=row.matched,
            is_inside=row.is_inside,
            rule=row.rule,
            first_seen_at=row.first_seen_at,
            seen_at=row.seen_at,
        )
        for row in sorted(rows, key=lambda row: (-row.score, row.type))
    )
    known = datamap.systems.get(system)
    items = declared(known, table, column) if known else ()
    answered = _answered(answer) if answer else None
    standing, lapsed = standing_of(found, items, answered)
    return Place(
        system=system,
        table=table,
        column=column,
        found=found,
        standing=standing,
        declared=items,
        is_in_map=known is not None and table in known.tables and column in known.tables[table].columns,
        answer=answered,
        lapsed=lapsed,
    )


def _answered(row: FindingAnswer) -> Answered:
    return Answered(
        ref=row.ref,
        is_accepted=row.is_accepted,
        item=row.item,
        reason=row.reason,
        rules=row.rules,
        by=row.by,
        at=row.at,
    )
