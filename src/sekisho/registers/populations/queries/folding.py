"""Everybody, as of now: folded on from what this process or its home knew last, so that a change costs what it changed."""

import os
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db import connection

from sekisho.evidence.reading import Row
from sekisho.registers.consents import queries as consents
from sekisho.registers.identities import queries as identities
from sekisho.registers.populations.queries import kept, reading
from sekisho.registers.populations.queries.everyone import everyone, said
from sekisho.registers.populations.rules import (
    EventRow,
    Holding,
    People,
    Population,
    fold,
    instant_number,
    with_people,
    without,
)

FEW = 100  # a lookup by name costs as much as matching so many
KEEP_AFTER = 5_000  # events folded since the file was written


@dataclass(slots=True)
class _Process:
    """What this process knew last."""

    lock: threading.Lock
    known: Population | None = None
    kept_at: int = 0  # epoch of the file as this process wrote or read it
    must_keep: bool = False  # somebody who is gone is still in the file


_process = _Process(threading.Lock())


def _after_fork() -> None:
    _process.lock = threading.Lock()


os.register_at_fork(after_in_child=_after_fork)


def current() -> Population:
    """Everybody as of now: every change committed before the call is in it."""
    epoch, change = (
        reading.heads()
    )  # read first: what is committed later may be missing, what was committed before is not
    with _process.lock:
        known = _process.known
        if known is not None and (known.epoch > epoch or known.change > change):
            epoch, change = reading.heads()  # another thread may have read further meanwhile
        if known is None or known.epoch > epoch or known.change > change or not _is_of_these_registers(known):
            known = _from_file(epoch, change) or _made(epoch, change)
        elif (known.epoch, known.change) != (epoch, change):
            known = _folded_on(known, epoch, change)
        if connection.in_atomic_block:
            return known  # what is not committed yet may never have been: only this caller may go by it
        grown = known.epoch - _process.kept_at
        if grown >= KEEP_AFTER or grown < 0 or _process.must_keep:
            kept.keep(known)
            _process.kept_at, _process.must_keep = known.epoch, False
        _process.known = known
        return known


def rebuilt() -> Population:
    """Everybody, made anew from the registers alone."""
    return _made(*reading.heads())


def forget_all() -> None:
    """Forget what this process knew: the next to ask reads the file, or the registers."""
    with _process.lock:
        _process.known, _process.kept_at, _process.must_keep = None, 0, False


def as_of(population: Population, at: datetime) -> Holding:
    """Who held what at an instant: as known to the population's epoch, without events told of as later."""
    if instant_number(at) >= population.newest:
        return population.holding
    refs = consents.persons_with_events_after(at, population.epoch)
    places = identities.numbers_of(refs)
    holding = without(population.holding, np.array(sorted(places.values()), dtype=np.int64))
    rows = (row for row in consents.rows_of(sorted(places), population.epoch) if row[5] <= at)
    return _with_rows(holding, rows, population.size, places)


def _made(epoch: int, change: int) -> Population:
    return _with_events(everyone(), Holding(), (0, epoch), change)


def _from_file(epoch: int, change: int) -> Population | None:
    """From the bitmaps kept in the home, where they are of these registers; persons are always read."""
    found = kept.kept()
    if found is None or found.epoch > epoch or found.change > change:
        return None
    if found.anchor != reading.anchor(found.epoch, found.change, found.size):
        return None
    _process.kept_at = found.epoch
    people = everyone()
    changed = identities.changed_after(found.change, change)
    holding = _again(found.holding, people, changed, found.size, found.epoch)
    return _with_events(people, holding, (found.epoch, epoch), change)


def _folded_on(known: Population, epoch: int, change: int) -> Population:
    """What was known, with the events and changes since."""
    people, holding = known.people, known.holding
    if change != known.change:
        changed = identities.changed_after(known.change, change)
        rows = [
            *identities.persons_numbered(number for number in changed if number < known.size),
            *identities.persons_from(known.size),
        ]
        put_in = list(reading.person_rows(rows, [row[1] for row in rows]))
        people = with_people(people, put_in, set(changed) - {row.place for row in put_in})
        holding = _again(holding, people, changed, known.size, known.epoch)
    return _with_events(people, holding, (known.epoch, epoch), change)


def _again(holding: Holding, people: People, changed: Iterable[int], size: int, epoch: int) -> Holding:
    """Fold the events of those whose facts changed, and of whoever came after `size`, anew; the gone hold nothing."""
    stale = {number for number in changed if number < size}
    numbers = {place for place in stale if place < len(people.exists) and people.exists[place]}
    numbers |= set((np.flatnonzero(people.exists[size:]) + size).tolist())
    _process.must_keep = _process.must_keep or bool(stale - numbers)
    places = {people.ref[number].as_py(): number for number in numbers}
    holding = without(holding, np.array(sorted(stale), dtype=np.int64))
    return _with_rows(holding, consents.rows_of(sorted(places), epoch), len(people.exists), places)


def _with_events(people: People, holding: Holding, epochs: tuple[int, int], change: int) -> Population:
    """The events after one epoch up to another folded in."""
    size = len(people.exists)
    for rows in consents.everything_said(*epochs):
        holding = fold(holding, said(rows, people.ref, _known(people, rows)), size)
    return Population(
        epoch=epochs[1],
        change=change,
        newest=reading.newest(epochs[1]),
        anchor=reading.anchor(epochs[1], change, size),
        people=people,
        holding=holding,
    )


def _with_rows(holding: Holding, rows: Iterable[EventRow], size: int, places: dict[str, int]) -> Holding:
    for portion in reading.portions(rows):
        holding = fold(holding, reading.events(portion, reading.places_by(places, portion)), size)
    return holding


def _known(people: People, rows: Sequence[Row]) -> dict[str, int] | None:
    """Places of the persons of some events, where there are few; many are matched against everybody's references."""
    if len(rows) * FEW > len(people.exists):
        return None
    return identities.numbers_of(str(row[0]) for row in rows)


def _is_of_these_registers(known: Population) -> bool:
    return known.anchor == reading.anchor(known.epoch, known.change, known.size)
