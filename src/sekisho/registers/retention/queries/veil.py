"""Rows kept in confidence are told of as though every sweep had taken them: whoever asks hears what a twin would hear.

A hold that an authority asked for in confidence shows to nobody but the authorities desk (LAW.md 9.1), not by a row that
outlived its period either. So what a finished sweep would have taken is left out of every answer and every count.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sekisho.connectors.source import Before, IsNull, Source, Test
from sekisho.engine.catalog.model import Table
from sekisho.engine.erasure.due import Past
from sekisho.engine.erasure.floors import Hold
from sekisho.engine.erasure.plan import StepKind
from sekisho.registers.retention.models import SweepStep
from sekisho.registers.retention.queries.holding import confidences
from sekisho.registers.retention.queries.locating import held_by
from sekisho.registers.retention.queries.where import Region, leaving_out, of_person
from sekisho.registers.retention.rules import StepStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What one finished sweep took from a table on its day, whole rows only."""

    on: date
    past: tuple[Past, ...]
    settled: tuple[str, ...]

    @property
    def tests(self) -> Region:
        """As conditions of a store."""
        return (
            *(Before(one.column, one.before) for one in self.past),
            *(IsNull(column, negated=True) for column in self.settled),
        )

    def matches(self, table: Table, events: Mapping[str, date | None], settled: bool | None) -> bool:
        """Whether rows with these event days were among it."""
        days = {table.triggers[event]: day for event, day in events.items() if event in table.triggers}
        return (not self.settled or settled is True) and all(
            (day := days.get(one.column)) is not None and day < one.before for one in self.past
        )


def taken(system: str, table: str, columns: Iterable[str] = ()) -> tuple[Taken, ...]:
    """What finished sweeps took from a table, each set of conditions once with its first day.

    With `columns`: what they emptied at least these of.
    """
    wanted = frozenset(columns)
    kind = StepKind.BLANK if wanted else StepKind.DELETE
    steps = SweepStep.objects.filter(
        status=StepStatus.DONE.value, spec__kind=kind.value, spec__system=system, spec__table=table
    ).order_by("run__on", "id")
    found: dict[tuple[object, ...], Taken] = {}
    for spec, on in steps.values_list("spec", "run__on"):
        if not wanted <= set(spec["columns"]):
            continue
        past = tuple(Past(column, date.fromisoformat(before)) for column, before in spec["past"])
        settled = tuple(spec["settled"])
        found.setdefault((on, past, settled), Taken(on=on, past=past, settled=settled))
    return tuple(found.values())


def is_veiled(
    holds: Iterable[Hold], system: str, table: Table, events: Mapping[str, date | None], settled: bool | None
) -> bool:
    """Whether a finished sweep would have taken a person's rows, had nothing been held in confidence. `holds`: theirs."""
    theirs = tuple(holds)
    done = taken(system, table.name)  # asked whether anything is held or not: the time it takes tells nothing
    return any(one.matches(table, events, settled) for one in done if _while(theirs, system, table, one.on))


def veiled_regions(system: str, table: Table, columns: Iterable[str] = ()) -> tuple[Region, ...]:
    """The rows of a table that are told of as gone; with `columns`, those told of as emptied of them too."""
    confidential = confidences()
    if not confidential:
        return ()
    emptied = tuple(columns)
    done = (*taken(system, table.name), *(taken(system, table.name, emptied) if emptied else ()))
    found: list[Region] = []
    for person, holds in confidential.items():
        tests = [one.tests for one in _widest(one for one in done if _while(holds, system, table, one.on))]
        if tests:
            held = held_by(person)
            found += [(*region, *more) for owner in table.owners for region in of_person(owner, held) for more in tests]
    return tuple(dict.fromkeys(found))


def told_of(source: Source, system: str, table: Table, regions: Iterable[Iterable[Test]]) -> tuple[Region, ...]:
    """Regions of a table without what is told of as gone: for whoever shows rows to anybody."""
    return leaving_out(source, table, (tuple(region) for region in regions), veiled_regions(system, table))


def _while(holds: Iterable[Hold], system: str, table: Table, on: date) -> bool:
    """Whether any of the holds reached the table on that day."""
    return any(
        hold.stands_over(system, table.name) and hold.placed_on <= on and (hold.until is None or on <= hold.until)
        for hold in holds
    )


def _widest(done: Iterable[Taken]) -> list[Taken]:
    """Those that no other one of the same columns includes."""
    best: dict[tuple[object, ...], list[Taken]] = {}
    for one in done:
        others = best.setdefault((tuple(past.column for past in one.past), one.settled), [])
        if not any(_includes(other, one) for other in others):
            others[:] = [*(other for other in others if not _includes(one, other)), one]
    return [one for others in best.values() for one in others]


def _includes(wide: Taken, narrow: Taken) -> bool:
    return all(mine.before >= theirs.before for mine, theirs in zip(wide.past, narrow.past, strict=True))
