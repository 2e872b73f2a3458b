"""The facts of everybody for one ask, as columns: what `gather` says of one person, said of all at once.

The meaning of every slot is that of `persons` and `slots`; here it is worked out for columns. Source: DESIGN.md section 5.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sekisho.engine.gate.ask import BulkAsk
from sekisho.engine.gate.columns import Columns
from sekisho.engine.gate.sets import Fact
from sekisho.engine.gate.slots import SLOT
from sekisho.registers.decisions.queries.facts import gather
from sekisho.registers.decisions.queries.malformed import MalformedAsk
from sekisho.registers.decisions.queries.people_facts import PeopleFacts
from sekisho.registers.decisions.queries.scene import Scene, scene_of
from sekisho.registers.decisions.queries.slots import attributes
from sekisho.registers.identities import queries as identities
from sekisho.registers.populations import queries as populations
from sekisho.registers.populations.queries import Bits, Places, Population, flags_of
from sekisho.registers.retention import queries as retention

Words = npt.NDArray[np.int64]
CHUNK = 1 << 15
FEW = 100  # a lookup by name costs as much as matching so many


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleWords:
    """One row per person, for each item of the ask. `epoch` is that of the consent ledger."""

    epoch: int
    in_force: str
    recipient_kind: str | None
    grounds: tuple[str, ...]
    refs: pa.Array
    items: Mapping[str, Columns]

    def columns(self, item: str) -> Columns:
        """The rows of one item."""
        return self.items[item]

    @property
    def known(self) -> Words:
        """The known facts, where the ask has one item (else of its first)."""
        return self._first.known

    @property
    def value(self) -> Words:
        """What the facts are, where the ask has one item (else of its first)."""
        return self._first.value

    @property
    def kinds(self) -> tuple[str, ...]:
        """What `kind` points into."""
        return self._first.kinds

    @property
    def kind(self) -> npt.NDArray[np.int16]:
        """As which kind of person the item concerns them."""
        return self._first.kind

    @property
    def eras(self) -> tuple[str | None, ...]:
        """What `era` points into."""
        return self._first.eras

    @property
    def era(self) -> npt.NDArray[np.int16]:
        """The version that governs their data."""
        return self._first.era

    @property
    def _first(self) -> Columns:
        return next(iter(self.items.values()))


def people_words(ask: BulkAsk, persons: Sequence[str] | None = None) -> PeopleWords:
    """Everybody's facts for this ask, or those of the persons named, in their order; a reference nobody knows is a row.

    Reads the heads of consent ledger and identities register first: what was committed before is in it.
    Raises: policies.none-in-force, decisions.malformed-ask (no items, no zone, or parties of a call: these are asked about one by one).
    """
    people = people_facts(ask)
    places, refs = _rows(people.population, persons)
    items = _items(people, places)
    _look_at_the_named(people.scene, places, refs, items)
    recipient = people.scene.recipient
    return PeopleWords(
        epoch=people.population.epoch,
        in_force=people.scene.policy.era,
        recipient_kind=recipient.kind if recipient and recipient.known else None,
        grounds=people.scene.grounds,
        refs=refs,
        items=items,
    )


def people_facts(ask: BulkAsk) -> PeopleFacts:
    """Everybody's facts for this ask, as sets. Raises as `people_words`."""
    for field, is_malformed in (
        ("items", not ask.items),
        ("at", ask.at.tzinfo is None),
        ("resource.parties", bool(ask.resource.get("parties"))),
    ):
        if is_malformed:
            raise MalformedAsk(field)
    population = populations.current()
    scene = scene_of(ask.about())
    return PeopleFacts(
        scene=scene,
        population=population,
        holding=populations.as_of(population, ask.at),
        table_holds=retention.holds_over_tables(scene.on),
    )


def named_in(scene: Scene) -> set[str]:
    """Of whom a claim, a hold or the line of the ask speaks by name: their facts are gathered one by one."""
    named = {ref for claim in scene.claims for ref in claim.persons} | retention.held_people(
        scene.on, with_confidential=False
    ).keys()
    if scene.rows.line is not None:
        named |= {interval.person for interval in identities.holders_of("number", scene.rows.line)}
    return named


def _items(people: PeopleFacts, places: Places) -> dict[str, Columns]:
    size, eras, said = people.population.size, people.eras(), attributes(people.scene)
    shared_known, shared_value = _words(people.slots(), size, places)
    found = {}
    for item in people.scene.ask.items:
        kinds = people.kinds(item)
        known, value = _words(people.row_slots(item, kinds), size, places)
        found[item] = Columns(
            kinds=tuple(kinds) or ("",),
            kind=_numbers(kinds.values(), size, places),
            eras=tuple(eras) or (None,),
            era=_numbers(eras.values(), size, places),
            known=np.bitwise_or(known, shared_known, out=known),
            value=np.bitwise_or(value, shared_value, out=value),
            attributes=said,
        )
    return found


def _words(facts: Mapping[str, Fact], size: int, places: Places) -> tuple[Words, Words]:
    """The two words of every row."""
    found = []
    for parts in (
        {name: fact.known for name, fact in facts.items()},
        {name: fact.value for name, fact in facts.items()},
    ):
        constant = sum(SLOT[name].mask for name, part in parts.items() if part is True)
        columns = {
            SLOT[name].bit: flags_of(part, size)[places] for name, part in parts.items() if not isinstance(part, bool)
        }
        words = np.full(len(places), constant, dtype=np.int64)
        for start in range(0, len(words), CHUNK):  # a portion at a time: it stays in the processor's cache
            for bit, flags in columns.items():
                words[start : start + CHUNK] |= flags[start : start + CHUNK].astype(np.int64) << bit
        found.append(words)
    return found[0], found[1]


def _numbers(parts: Iterable[Bits], size: int, places: Places) -> npt.NDArray[np.int16]:
    """For each row, which of the parts it is in."""
    numbers = np.zeros(size, dtype=np.int16)
    for number, part in enumerate(parts):
        numbers[flags_of(part, size)] = number
    return numbers[places]


def _look_at_the_named(scene: Scene, places: Places, refs: pa.Array, items: dict[str, Columns]) -> None:
    """Whoever a claim, a hold or the line of the ask speaks of by name, and whoever nobody knows, is gathered singly."""
    named = named_in(scene)
    singly = pc.is_in(refs, value_set=pa.array(sorted(named), pa.string())).to_numpy(zero_copy_only=False)
    rows = np.flatnonzero(singly | (places < 0))
    if not len(rows):
        return
    wanted = refs.take(rows).to_pylist()
    gathered = {
        (row.data_subject, row.item): row
        for row in gather(replace(scene.ask, data_subjects=tuple(dict.fromkeys(wanted)))).rows
    }
    for item, columns in items.items():
        given = [gathered[ref, item] for ref in wanted]
        kinds = tuple(dict.fromkeys((*columns.kinds, *(row.subject_kind for row in given))))
        eras = tuple(dict.fromkeys((*columns.eras, *(row.era for row in given))))
        columns.known[rows] = [row.known for row in given]
        columns.value[rows] = [row.value for row in given]
        columns.kind[rows] = [kinds.index(row.subject_kind) for row in given]
        columns.era[rows] = [eras.index(row.era) for row in given]
        items[item] = replace(columns, kinds=kinds, eras=eras)


def _rows(population: Population, persons: Sequence[str] | None) -> tuple[Places, pa.Array]:
    """Places of the rows (-1 where nobody is) and their references."""
    if persons is None:
        places = np.flatnonzero(population.people.exists)
        return places, population.people.ref.filter(pa.array(population.people.exists))
    wanted = pa.array(list(persons), pa.string())
    if len(persons) * FEW > population.size:  # many: matched against everybody's references
        found = pc.index_in(wanted, value_set=population.people.ref).fill_null(-1)
        return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.int64), wanted
    numbers = identities.numbers_of(persons)
    at = (numbers.get(ref, -1) for ref in persons)
    return np.array([place if place < population.size else -1 for place in at], dtype=np.int64), wanted
