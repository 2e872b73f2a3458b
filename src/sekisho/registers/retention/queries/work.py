"""One step against one store: how much is left to do, and what it takes to do it. Counting and doing are apart."""

from collections.abc import Iterator
from dataclasses import dataclass

from sekisho.connectors.source import Source
from sekisho.engine.catalog.model import Table
from sekisho.engine.erasure.plan import Step, StepKind
from sekisho.registers.retention.queries.where import Region, any_filled


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A step with the rows it reaches, as regions that don't overlap."""

    step: Step
    table: Table
    regions: tuple[Region, ...]


def pending(source: Source, work: Work) -> int:
    """Rows that still wait for this step, by a query of its own."""
    if not work.regions:
        return 0
    if work.step.kind is StepKind.DELETE:
        return sum(source.count(work.table.name, region) for region in work.regions)
    return sum(source.count(work.table.name, region) for region in any_filled(work.regions, work.step.columns))


def left(source: Source, work: Work) -> Iterator[Region]:
    """The regions in which anything waits, so that a store is not rewritten for nothing."""
    for region in work.regions:
        if pending(source, Work(step=work.step, table=work.table, regions=(region,))):
            yield region
