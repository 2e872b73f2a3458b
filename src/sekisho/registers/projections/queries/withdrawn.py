"""Who may no longer be used, of those whose standing changed since a projection was built."""

from collections.abc import Sequence

import pyarrow as pa

from sekisho.engine.gate.ask import BulkAsk
from sekisho.engine.gate.slots import CONDITION_BIT, MOST_CONDITIONS, SLOT
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.registers.decisions.queries.people_words import people_words
from sekisho.registers.policies import queries as policies
from sekisho.registers.populations import queries as populations
from sekisho.registers.projections.queries.judging import OF_ROWS, OWNED

CONDITIONS = sum(1 << bit for bit in range(CONDITION_BIT, CONDITION_BIT + MOST_CONDITIONS))
LOOKED_AT_BEFORE = CONDITIONS | SLOT["role_allowed"].mask  # of rows and of the actor, who is part of a projection's key


def now_failing(ask: BulkAsk, numbers: Sequence[int]) -> set[int]:
    """Of these numbers, whoever does not permit every item now; somebody nobody knows any more does not either.

    Facts about rows are left aside: they were looked at when the projection was built.
    """
    if not ask.items:  # a table that tells of nobody
        return set()
    people = populations.current().people
    known = [number for number in numbers if number < len(people.exists) and people.exists[number]]
    failing = set(numbers) - set(known)
    if not known:
        return failing
    refs = people.ref.take(pa.array(known)).to_pylist()
    words = people_words(ask, refs)
    in_force = policies.in_force(ask.at).era
    table = policies.table()
    on = tokyo_date(ask.at)
    for item, columns in words.items.items():
        for place, number in enumerate(known):
            kind = columns.kinds[columns.kind[place]]
            held = int(columns.known[place]) | OF_ROWS
            value = (int(columns.value[place]) & ~OF_ROWS) | OWNED
            cells = (
                table.cell(
                    in_force=in_force,
                    era=era,
                    purpose=ask.purpose,
                    item=item,
                    subject_kind=kind,
                    on=on,
                    act=ask.act,
                )
                for era in table.eras
            )
            words_of = [cell.failing(held, value) & ~LOOKED_AT_BEFORE for cell in cells if not cell.failures]
            if not words_of or any(words_of):  # of several versions the strictest: a rebuild brings back who may stay
                failing.add(number)
    return failing
