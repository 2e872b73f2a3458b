"""Whether what is nobody's says no more than was promised, rows made coarse and totals: read anew, whoever's they were."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from sekisho.connectors.residue import Residue
from sekisho.engine.catalog.model import DataMap, Table, Totals
from sekisho.engine.erasure.plan import Step, StepKind
from sekisho.engine.erasure.strategies import AGGREGATE, BLANK, COARSE, is_general, is_pseudonym
from sekisho.registers.retention.queries.checking import Check, Place
from sekisho.registers.retention.queries.locating import opened
from sekisho.registers.retention.queries.totals import too_small

HOW, TOTALS = "strategy", "totals"


def with_promises(found: Check, datamap: DataMap, steps: Iterable[Step]) -> Check:
    """The look, with what is finer in anybody's anonymous rows than was promised."""
    steps = tuple(steps)
    tables = {(step.system, step.table) for step in steps if step.kind in {StepKind.GENERALISE, StepKind.PSEUDONYMISE}}
    broken: dict[str, list[Residue]] = {}
    for system, name in sorted(tables):
        table = datamap.systems[system].tables[name]
        for column in sorted(set(_broken(system, table))):
            broken.setdefault(system, []).append(Residue(location=f"{name}.{column}", label="", how=HOW))
    for system, name in sorted({(step.system, step.table) for step in steps if step.how == AGGREGATE}):
        said = datamap.systems[system].tables[name].totals
        if said is not None and _has_too_small(system, said):
            broken.setdefault(system, []).append(Residue(location=f"{said.into}.{said.people}", label="", how=TOTALS))
    return replace(found, places=tuple(_with(place, broken.get(place.id, [])) for place in found.places))


def _has_too_small(system: str, said: Totals) -> bool:
    with opened(system) as source:
        return bool(too_small(source, said))


def _with(place: Place, more: list[Residue]) -> Place:
    return replace(place, found=place.found + len(more), residue=(*place.residue, *more)) if more else place


def _broken(system: str, table: Table) -> Iterator[str]:
    """Columns that say more than promised in any row of nobody's: whose owners are all empty or pseudonyms."""
    owners = list(dict.fromkeys(owner.column for owner in table.owners))
    how = {name: column.erasure for name, column in table.columns.items() if column.erasure in {*COARSE, BLANK}}
    with opened(system) as source:
        for batch in source.rows(table.name, list(dict.fromkeys((*owners, *how)))):
            for row in batch.to_pylist():
                if all(row[name] is None or is_pseudonym(row[name]) for name in owners):
                    for name, strategy in how.items():
                        is_day = table.columns[name].type == "date"
                        kept = (
                            row[name] is None if strategy == BLANK else is_general(row[name], strategy, is_day=is_day)
                        )
                        if not kept:
                            yield name
