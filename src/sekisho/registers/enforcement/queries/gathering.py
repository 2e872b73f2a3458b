"""Everything the views of a purpose read: the words of everybody, the day's bounds, the words of who logs in."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import reduce

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sekisho.engine.gate.ask import Act, BulkAsk
from sekisho.engine.gate.slots import SLOT, facts_words
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.registers.decisions.queries.people_words import PeopleWords, people_words
from sekisho.registers.enforcement.queries.planning import Planned
from sekisho.registers.enforcement.queries.standing import logins_of
from sekisho.registers.identities import queries as identities
from sekisho.registers.identities.queries import IdentifierInterval
from sekisho.registers.people import queries as people
from sekisho.registers.policies import queries as policies
from sekisho.registers.populations import queries as populations

NOBODY = "views"  # asks for the words of people; whose own words count is decided by the login
SUPPRESSED = SLOT["suppressed"].mask
WORDS = pa.schema(
    [
        ("class", pa.string()),
        ("by", pa.string()),
        ("identifier", pa.string()),
        ("person", pa.int64()),
        ("since", pa.timestamp("us", tz="UTC")),
        ("until", pa.timestamp("us", tz="UTC")),
        ("sole", pa.bool_()),
        ("kind", pa.string()),
        ("known", pa.int64()),
        ("value", pa.int64()),
        ("shop", pa.string()),
    ]
)
LOGINS = pa.schema(
    [("login", pa.string()), ("known", pa.int64()), ("value", pa.int64()), ("role", pa.string()), ("shop", pa.string())]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """Facts of one instant for one purpose. `change` is that of the identities register."""

    era: str
    epoch: int
    change: int
    people: int
    words: pa.Table
    logins: pa.Table
    sha256: str


def gathered(planned: Planned, *, at: datetime) -> Gathered:
    """The facts for a plan's views. What was committed before the call is in them."""
    plan = planned.plan
    population = populations.current()  # read first: the words may know more than it says, never less
    items = tuple(dict.fromkeys(item for view in plan.views for item in view.items))
    words = people_words(
        BulkAsk(actor=NOBODY, act=Act.USE, items=items, purpose=plan.purpose, at=at, channel=plan.channel)
    )
    numbers = {ref: number for number, ref in enumerate(words.refs.to_pylist())}
    shops = dict(
        zip(
            population.people.ref.to_pylist(), (population.people.shops[n] for n in population.people.shop), strict=True
        )
    )
    classes = {class_id: _of_class(words, items, class_id) for class_id in _classes(items)}
    columns: dict[str, list[object]] = {name: [] for name in WORDS.names}
    for held in _intervals(planned):
        number = numbers.get(held.interval.person)
        if number is None:
            continue
        for class_id, (kinds, kind, known, value) in classes.items():
            if int(value[number]) & SUPPRESSED:  # an erasure is under way: not even their words leave the registers
                continue
            row = (
                class_id,
                held.interval.kind,
                held.interval.value,
                number,
                held.interval.since,
                held.interval.until,
                held.is_sole,
                kinds[kind[number]],
                int(known[number]),
                int(value[number]),
                shops.get(held.interval.person, ""),
            )
            for name, told in zip(WORDS.names, row, strict=True):
                columns[name].append(told)
    table = pa.table(columns, WORDS)
    logins = _logins(planned.system.id, at)
    return Gathered(
        era=words.in_force,
        epoch=words.epoch,
        change=population.change,
        people=len(words.refs),
        words=table,
        logins=logins,
        sha256=_hash(table, logins),
    )


@dataclass(frozen=True, slots=True)
class _Held:
    interval: IdentifierInterval
    is_sole: bool  # the one row by which an identifier that was only ever one person's is found without an instant


def _intervals(planned: Planned) -> Iterator[_Held]:
    for kind in sorted({owner.by for view in planned.plan.views for owner in view.owners}):
        group: list[IdentifierInterval] = []
        for interval in identities.all_intervals(kind):  # ordered by value
            if group and group[0].value != interval.value:
                yield from _told(group)
                group = []
            group.append(interval)
        yield from _told(group)


def _told(group: list[IdentifierInterval]) -> Iterator[_Held]:
    is_of_one = len({interval.person for interval in group}) == 1
    for place, interval in enumerate(group):
        yield _Held(interval, is_of_one and place == 0)


def _classes(items: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item.partition(".")[0] for item in items))


def _of_class(
    words: PeopleWords, items: tuple[str, ...], class_id: str
) -> tuple[tuple[str, ...], npt.NDArray[np.int16], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Words that hold for every item of a class: where they differ, only what all of them grant."""
    found = [words.columns(item) for item in items if item.partition(".")[0] == class_id]
    known = reduce(np.bitwise_and, (one.known for one in found))
    value = reduce(np.bitwise_and, (one.value for one in found))
    return found[0].kinds, found[0].kind, known, value


def _logins(system: str, at: datetime) -> pa.Table:
    """The actor's facts behind every enrolled login."""
    on, policy = tokyo_date(at), policies.in_force(at)
    rows = []
    for login, actor in logins_of(system).items():
        standing = people.standing_of(actor, on, policy)
        facts: Mapping[str, bool | None] = {"actor_known": standing.known}
        if standing.known:
            facts = {
                "actor_known": True,
                "actor_active": standing.active,
                "actor_trained": standing.trained,
                "actor_pledged": standing.pledged,
                "actor_acknowledged": standing.acknowledged,
            }
        known, value = facts_words(facts)
        rows.append((login, known, value, standing.role or None, standing.shop or ""))
    columns = list(zip(*rows, strict=True)) or [()] * len(LOGINS)
    return pa.table([pa.array(list(c), t) for c, t in zip(columns, LOGINS.types, strict=True)], schema=LOGINS)


def _hash(*tables: pa.Table) -> str:
    """Of everything that is sent: rows come in one order."""
    sink = pa.BufferOutputStream()
    for table in tables:
        with pa.ipc.new_stream(sink, table.schema) as stream:
            stream.write_table(table)
    return hashlib.sha256(sink.getvalue()).hexdigest()
