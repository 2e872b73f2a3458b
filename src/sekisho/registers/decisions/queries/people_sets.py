"""Who may be used for an ask, out of everybody, as a set: combined from bitmaps that are kept current.

Source: DESIGN.md section 5 (people sets carry an epoch: a withdrawal binds every decision that begins after its commit).
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pyarrow as pa

from sekisho.engine.gate.ask import BulkAsk, Decision
from sekisho.engine.gate.columns import EFFECTS
from sekisho.engine.gate.decide import decide
from sekisho.engine.gate.sets import ItemSets, SetDecision, decide_sets
from sekisho.engine.gate.table import Table
from sekisho.engine.gate.waterfall import Lost, together, waterfall
from sekisho.registers.decisions.queries.facts import gather
from sekisho.registers.decisions.queries.people_facts import PeopleFacts
from sekisho.registers.decisions.queries.people_words import named_in, people_facts
from sekisho.registers.decisions.queries.slots import attributes
from sekisho.registers.identities import queries as identities
from sekisho.registers.populations.queries import Bits, Population, places_of, with_places, without_places


@dataclass(frozen=True, kw_only=True)
class PeopleSet:
    """Those who may be used, as of an epoch; how many were not, and at which rule they were lost."""

    ask: BulkAsk
    population: Population
    in_force: str
    recipient_kind: str | None
    grounds: tuple[str, ...]
    permitted: Bits
    counts: tuple[int, int, int, int]  # permit, needs consent, needs approval, refuse
    permits: tuple[Decision, ...]
    waterfall: tuple[Lost, ...]

    @property
    def epoch(self) -> int:
        """The epoch of the consent ledger that it rests on."""
        return self.population.epoch

    def __len__(self) -> int:
        return self.counts[0]

    @cached_property
    def refs(self) -> pa.Array:
        """References of those who may be used."""
        ref = self.population.people.ref
        # The bits lie as Arrow has them: they are the mask, nothing is copied.
        mask = pa.Array.from_buffers(pa.bool_(), len(ref), [None, pa.py_buffer(self.permitted)])
        return ref.filter(mask)

    @property
    def numbers(self) -> pa.Array:
        """Their numbers in the identities register."""
        return pa.array(places_of(self.permitted))


def people_set(ask: BulkAsk) -> PeopleSet:
    """Who may be used, out of everybody. What was committed before the call binds it.

    Raises: policies.none-in-force, decisions.malformed-ask (parties of a call are asked about one by one).
    """
    people = people_facts(ask)
    scene, table = people.scene, people.scene.registers.table()
    recipient = scene.recipient.kind if scene.recipient and scene.recipient.known else None
    named = identities.numbers_of(named_in(scene))
    apart = np.array(sorted(place for place in named.values() if place < people.population.size), dtype=np.int64)
    said = decide_sets(
        table,
        ask,
        _items(people),
        without_places(people.exists, apart),
        in_force=scene.policy.era,
        recipient_kind=recipient,
        grounds=scene.grounds,
    )
    if len(apart):
        said = _with_the_named(said, table, ask, {ref: place for ref, place in named.items() if place in set(apart)})
    return PeopleSet(
        ask=ask,
        population=people.population,
        in_force=scene.policy.era,
        recipient_kind=recipient,
        grounds=scene.grounds,
        permitted=said.permitted,
        counts=said.counts,
        permits=said.permits,
        waterfall=said.waterfall,
    )


def _items(people: PeopleFacts) -> dict[str, ItemSets]:
    shared, eras, said = people.slots(), people.eras(), attributes(people.scene)
    found = {}
    for item in people.scene.ask.items:
        kinds = people.kinds(item)
        facts = {**shared, **people.row_slots(item, kinds)}
        found[item] = ItemSets(kinds=kinds, eras=eras, facts=facts, attributes=said)
    return found


def _with_the_named(said: SetDecision, table: Table, ask: BulkAsk, named: dict[str, int]) -> SetDecision:
    """Those of whom a claim, a hold or a line speaks by name are decided one by one, and put in."""
    gathered = gather(ask.about(*named))
    decisions = []
    for ref in named:
        rows = tuple(row for row in gathered.rows if row.data_subject == ref)
        decisions.append(decide(table, ask.about(ref), replace(gathered, rows=rows)))
    effects = [EFFECTS[type(decision)] for decision in decisions]
    yes = np.array([place for place, effect in zip(named.values(), effects, strict=True) if not effect], dtype=np.int64)
    counts = [count + effects.count(effect) for effect, count in enumerate(said.counts)]
    return replace(
        said,
        permitted=with_places(said.permitted, yes),
        counts=(counts[0], counts[1], counts[2], counts[3]),
        permits=(*said.permits, *(decision for decision, effect in zip(decisions, effects, strict=True) if not effect)),
        waterfall=together(said.waterfall, waterfall((decision, 1) for decision in decisions)),
    )
