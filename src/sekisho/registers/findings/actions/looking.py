"""A look over the carrier's systems: draw of each table, count, judge, keep what was found. The values are let go of.

Judging again by newer rules reads a table only where the counts no longer do: its data or what a rule sees has changed.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import uuid4

from sekisho.connectors.opening import located
from sekisho.connectors.samples import Wish, sample_of
from sekisho.connectors.snapshots import snapshot_of
from sekisho.connectors.source import Source
from sekisho.engine.catalog.model import System, SystemKind
from sekisho.engine.errors import SekishoError
from sekisho.engine.scanning.measures import measure
from sekisho.engine.scanning.versions import versions
from sekisho.registers.datamap import queries as datamap_queries
from sekisho.registers.findings import queries
from sekisho.registers.findings.actions.recording import Looked, Run, end, keep, let_go_of_tables
from sekisho.registers.findings.models import ColumnLook
from sekisho.registers.findings.rules.keeping import unkept
from sekisho.registers.findings.rules.limits import ROOM, limits

Step = Callable[[int, int, str], None]  # done, of how many, what
FULL, AGAIN = "full", "again"
TELL_THEIR_STATE = frozenset(
    {SystemKind.SQLITE, SystemKind.DUCKDB, SystemKind.POSTGRESQL, SystemKind.DELTA, SystemKind.JSONL}
)


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
            let_go_of_tables(system.id, [one for one in _tables_known(system.id) if one not in crawled], run)
            run.whole.append(system.id)
    step(len(chosen), len(chosen), "")
    return end(run)


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
        state = _state_of(system, table)
        if not must_read and state and all(one.state == state for one in stored):
            keep(system_id, table, {one.column: unkept(one.measures) for one in stored}, state, run)
            continue
        with _opened(system, run) as source:
            if source is None:
                continue
            columns = source.crawl().get(table)
            if columns is None:
                let_go_of_tables(system_id, [table], run)
            else:
                _read(source, system, table, columns, run)
    step(len(outdated), len(outdated), "")
    return end(run)


def _begun(kind: str, at: datetime, by: str, wish: Wish) -> Run:
    return Run(
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

    def __init__(self, system: System, run: Run) -> None:
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


def _read(source: Source, system: System, table: str, columns: Mapping[str, str], run: Run) -> None:
    """Draw of a table and judge it. Names alone don't take away what was counted of values before."""
    try:
        state = _state_of(system, table)
        drawn = sample_of(source, table, columns, run.wish)
    except SekishoError as error:
        run.unread[f"{system.id}.{table}"] = error.code
        return
    if run.wish.schema_only:
        counted = {one.column: unkept(one.measures) for one in ColumnLook.objects.filter(system=system.id, table=table)}
        keep(system.id, table, {name: counted.get(name) for name in drawn.columns}, "", run)
        return
    run.reread += 1
    seen = {
        name: None if values is None else measure(values, own_numbers=run.own) for name, values in drawn.columns.items()
    }
    keep(system.id, table, seen, state, run)


def _tables_known(system: str) -> list[str]:
    return list(ColumnLook.objects.filter(system=system).values_list("table", flat=True).distinct().order_by("table"))


def _state_of(system: System, table: str) -> str:
    """The state of the table's store as a word; "" where nobody can tell whether it has changed."""
    url = datamap_queries.located(system)
    if located(system.kind, url)[0] not in TELL_THEIR_STATE:
        return ""
    try:
        return snapshot_of(system, url, table)
    except SekishoError:
        return ""
