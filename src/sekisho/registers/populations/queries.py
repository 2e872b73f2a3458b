"""Everybody, as of now: folded on from what this process knew last, so that a change costs what it changed."""

import os
import threading
from collections.abc import Iterable, Iterator
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sekisho.evidence.reading import read
from sekisho.registers.consents import queries as consents
from sekisho.registers.identities import queries as identities
from sekisho.registers.populations import rules
from sekisho.registers.populations.rules import (
    ABSENT,
    EVERYTHING,
    FIRST_DAY,
    NO_DAY,
    OPEN,
    Bits,
    Events,
    Flags,
    Holding,
    PersonRow,
    Places,
    Population,
    complement,
    count,
    day_number,
    flags_of,
    instant_number,
    instant_of,
    no_bits,
    packed,
    places_of,
    with_places,
    without_places,
)

__all__ = [
    "ABSENT",
    "EVERYTHING",
    "FIRST_DAY",
    "NO_DAY",
    "OPEN",
    "Bits",
    "Flags",
    "Holding",
    "Places",
    "Population",
    "as_of",
    "complement",
    "count",
    "current",
    "day_number",
    "flags_of",
    "instant_number",
    "instant_of",
    "no_bits",
    "packed",
    "places_of",
    "rebuilt",
    "with_places",
    "without_places",
]

PORTION = 200_000  # rows folded at once: memory stays bounded
EventRow = tuple[int, str, str, str, bool, datetime]


class _Process:
    """What this process knew last."""

    lock = threading.Lock()
    known: Population | None = None


def _after_fork() -> None:
    _Process.lock = threading.Lock()


os.register_at_fork(after_in_child=_after_fork)


def current() -> Population:
    """Everybody as of now: every change committed before the call is in it."""
    epoch, change = _heads()
    with _Process.lock:
        known = _Process.known
        if known is None or known.epoch > epoch or known.change > change or not _is_of_these_registers(known):
            known = _made(epoch, change)
        elif (known.epoch, known.change) != (epoch, change):
            known = _folded_on(known, epoch, change)
        _Process.known = known
        return known


def rebuilt() -> Population:
    """Everybody, made anew from the registers alone."""
    return _made(*_heads())


def as_of(population: Population, at: datetime) -> Holding:
    """Who held what at an instant: as known to the population's epoch, without events told of as later."""
    if instant_number(at) >= population.newest:
        return population.holding
    refs = consents.persons_with_events_after(at, population.epoch)
    places = identities.numbers_of(refs)
    some = np.array(sorted(places.values()), dtype=np.int64)
    rows = (row for row in consents.rows_of(sorted(places), population.epoch) if row[5] <= at)
    return _fold_rows(rules.without(population.holding, some), rows, population.size, places)


def _heads() -> tuple[int, int]:
    """How far consent ledger and identities register have come, at one instant."""
    rows = read([(consents.EPOCH, ()), (identities.CHANGE, ())])
    return consents.epoch_in(rows["epoch"]), consents.epoch_in(rows["change"])


def _made(epoch: int, change: int) -> Population:
    people = rules.with_people(rules.nobody(), list(_person_rows(identities.persons_from(0), None)))
    holding, newest = Holding(), ABSENT
    for portion in _portions(consents.rows_after(0, epoch)):
        places = _places(people.ref, [row[1] for row in portion])
        holding = rules.fold(holding, _events(portion, places), len(people.exists))
        newest = max(newest, *(instant_number(row[5]) for row in portion))
    return Population(
        epoch=epoch,
        change=change,
        newest=newest,
        anchor=_anchor(epoch, len(people.exists)),
        people=people,
        holding=holding,
    )


def _folded_on(known: Population, epoch: int, change: int) -> Population:
    """What was known, with the events and changes since."""
    people, holding, newest = known.people, known.holding, known.newest
    if change != known.change:
        changed = identities.changed_after(known.change, change)
        people, holding = _read_again(known, changed, epoch)
    for portion in _portions(consents.rows_after(known.epoch, epoch)):
        numbers = identities.numbers_of(row[1] for row in portion)
        places = np.array([numbers.get(row[1], -1) for row in portion], dtype=np.int64)
        holding = rules.fold(holding, _events(portion, places), len(people.exists))
        newest = max(newest, *(instant_number(row[5]) for row in portion))
    return Population(
        epoch=epoch,
        change=change,
        newest=newest,
        anchor=_anchor(epoch, len(people.exists)),
        people=people,
        holding=holding,
    )


def _read_again(known: Population, changed: Iterable[int], epoch: int) -> tuple[rules.People, Holding]:
    """Read those whose facts changed, and whoever is new, as a whole; let go of those who are gone."""
    wanted = sorted(set(changed))
    again = list(identities.persons_numbered(number for number in wanted if number < known.size))
    rows = again + list(identities.persons_from(known.size))
    refs = [row[1] for row in rows]
    put_in = list(_person_rows(rows, refs))
    gone = set(wanted) - {row[0] for row in rows}
    people = rules.with_people(known.people, put_in, gone)
    places = {row.ref: row.place for row in put_in}
    stale = np.array(sorted({*places.values(), *gone}), dtype=np.int64)
    holding = rules.without(known.holding, stale)
    return people, _fold_rows(holding, consents.rows_of(refs, epoch), len(people.exists), places)


def _fold_rows(holding: Holding, rows: Iterable[EventRow], size: int, places: dict[str, int]) -> Holding:
    for portion in _portions(rows):
        at = np.array([places.get(row[1], -1) for row in portion], dtype=np.int64)
        holding = rules.fold(holding, _events(portion, at), size)
    return holding


def _person_rows(rows: Iterable[identities.NumberedPerson], refs: list[str] | None) -> Iterator[PersonRow]:
    kinds: dict[str, list[str]] = {}
    for ref, kind in identities.kinds_among(refs):
        kinds.setdefault(ref, []).append(kind)
    ends: dict[str, dict[str, int]] = {}
    for ref, kind, until in identities.ends_among(refs):
        of_person = ends.setdefault(ref, {})
        of_person[kind] = max(of_person.get(kind, ABSENT), instant_number(until))
    suppressions: dict[str, list[tuple[int, int]]] = {}
    for ref, since, until in identities.suppressions_among(refs):
        suppressions.setdefault(ref, []).append((instant_number(since), instant_number(until)))
    for number, ref, born, deceased, corporate, protected, shop, acquired in rows:
        yield PersonRow(
            place=number,
            ref=ref,
            born_on=born,
            deceased_on=deceased,
            is_corporate=corporate,
            is_protected=protected,
            shop=shop,
            acquired_on=acquired,
            kinds=tuple(kinds.get(ref, ())),
            ends=ends.get(ref, {}),
            suppressions=tuple(suppressions.get(ref, ())),
        )


def _events(rows: list[EventRow], places: Places) -> Events:
    scopes: dict[rules.Scope, int] = {}
    numbers = [scopes.setdefault((row[2], row[3]), len(scopes)) for row in rows]
    return Events(
        scopes=tuple(scopes),
        place=places,
        scope=np.array(numbers, dtype=np.int64),
        given=np.array([row[4] for row in rows], dtype=np.bool_),
    )


def _places(refs: pa.Array, wanted: list[str]) -> Places:
    found = pc.index_in(pa.array(wanted, pa.string()), value_set=refs).fill_null(-1)
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.int64)


def _portions(rows: Iterable[EventRow]) -> Iterator[list[EventRow]]:
    portion: list[EventRow] = []
    for row in rows:
        portion.append(row)
        if len(portion) == PORTION:
            yield portion
            portion = []
    if portion:
        yield portion


def _anchor(epoch: int, size: int) -> str:
    """What tells these registers from others that count alike: their newest event and newest person so far."""
    return repr((consents.last_event(epoch), identities.newest_person(size)))


def _is_of_these_registers(known: Population) -> bool:
    return known.anchor == _anchor(known.epoch, known.size)
