"""One step against one store: how much is left to do, and what it takes to do it. Counting and doing are apart."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sekisho.connectors.schema_keys import keys_of
from sekisho.connectors.source import In, Scalar, Source
from sekisho.engine.catalog.model import System, Table
from sekisho.engine.erasure.plan import Held, Step, StepKind
from sekisho.engine.erasure.strategies import generalised, is_general, is_pseudonym, pseudonym
from sekisho.engine.errors import SekishoError
from sekisho.registers.retention.queries.where import Region, any_filled, of_due, of_person, with_tests
from sekisho.registers.retention.rules import ROOM

Rows = Iterator[tuple[tuple[Scalar, ...], object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A step with the rows it reaches, as regions that don't overlap."""

    step: Step
    table: Table
    regions: tuple[Region, ...]


def work_of(source: Source, system: System, step: Step, held: tuple[Held, ...]) -> Work:
    """The rows of a step: the person's own, or those that hang on them by what they refer to."""
    top = system.tables[step.via[-1].parent if step.via else step.table]
    if step.path is None:
        raise ValueError("a step over a person's rows names its ownership path")
    regions = with_tests(of_person(top.owners[step.path], held), of_due(step.past, step.settled))
    for link in reversed(step.via):
        regions = tuple(
            hanging
            for region in regions
            for hanging in _referring(source, link.parent, link.theirs, link.columns, region)
        )
    return Work(step=step, table=system.tables[step.table], regions=regions)


def pending(source: Source, work: Work) -> int:
    """Rows that still wait for this step, by a query of its own."""
    if not work.regions:
        return 0
    step = work.step
    if step.kind is StepKind.DELETE:
        return sum(source.count(work.table.name, region) for region in work.regions)
    if step.kind in {StepKind.GENERALISE, StepKind.PSEUDONYMISE}:
        return sum(len(_unfit(source, work, column)) for column in step.columns)
    return sum(source.count(work.table.name, region) for region in any_filled(work.regions, step.columns))


def left(source: Source, work: Work) -> Iterator[Region]:
    """The regions in which anything waits, so that a store is not rewritten for nothing."""
    for region in work.regions:
        if pending(source, Work(step=work.step, table=work.table, regions=(region,))):
            yield region


def require_key(source: Source, table: Table) -> None:
    """One row, one key: else a text meant for one row would overwrite another. Raises: retention.key-repeats."""
    known = keys_of(source).get(table.name)
    if known is not None and known.primary and set(known.primary) <= set(table.key):
        return
    seen: set[tuple[Scalar, ...]] = set()
    for batch in source.rows(table.name, table.key):
        for row in batch.to_pylist():
            at = tuple(row[name] for name in table.key)
            if at in seen or None in at:
                raise SekishoError("retention.key-repeats", room=ROOM, table=table.name)
            seen.add(at)


def replacements(source: Source, work: Work, column: str, key: bytes) -> Mapping[tuple[Scalar, ...], Any]:
    """Row key -> what stands in the column afterwards, for the rows that still say more."""
    step, is_day = work.step, work.table.columns[column].type == "date"
    if step.kind is StepKind.PSEUDONYMISE:
        return {at: pseudonym(value, key) for at, value in _unfit(source, work, column).items()}
    return {at: generalised(value, step.how, is_day=is_day) for at, value in _unfit(source, work, column).items()}


def _unfit(source: Source, work: Work, column: str) -> dict[tuple[Scalar, ...], object]:
    """Row key -> value, of the rows whose value is not yet what was promised."""
    step, is_day = work.step, work.table.columns[column].type == "date"
    found: dict[tuple[Scalar, ...], object] = {}
    for region in work.regions:
        for at, value in _keyed(source, work.table, column, region):
            if step.kind is StepKind.PSEUDONYMISE:
                fits = value is None or is_pseudonym(value)
            else:
                fits = is_general(value, step.how, is_day=is_day)
            if not fits:
                found[at] = value
    return found


def _keyed(source: Source, table: Table, column: str, region: Region) -> Rows:
    columns = list(dict.fromkeys((*table.key, column)))
    for batch in source.rows(table.name, columns, region):
        for row in batch.to_pylist():
            yield tuple(row[name] for name in table.key), row[column]


def _referring(
    source: Source, parent: str, theirs: tuple[str, ...], columns: tuple[str, ...], region: Region
) -> Iterator[Region]:
    """Rows whose columns hold what the parent's rows say: by the last of them together, by the others one by one."""
    found: dict[tuple[Scalar, ...], dict[Scalar, None]] = {}
    for batch in source.rows(parent, list(dict.fromkeys(theirs)), region):
        for row in batch.to_pylist():
            values = tuple(row[name] for name in theirs)
            if all(value is not None for value in values):
                found.setdefault(values[:-1], {})[values[-1]] = None
    for first, last in found.items():
        fixed = tuple(In(column, (value,)) for column, value in zip(columns, first, strict=False))
        yield (*fixed, In(columns[-1], tuple(last)))
