"""Read persons and consent events in bulk, from the rooms that hold them."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from sekisho.evidence.reading import read
from sekisho.registers.consents import queries as consents
from sekisho.registers.identities import queries as identities
from sekisho.registers.populations.rules import (
    ABSENT,
    EventRow,
    Events,
    PersonRow,
    Places,
    Scope,
    instant_number,
)

PORTION = 200_000  # rows held at once: memory stays bounded


def heads() -> tuple[int, int]:
    """How far consent ledger and identities register have come, at one instant."""
    rows = read([(consents.EPOCH, ()), (identities.CHANGE, ())])
    return consents.epoch_in(rows["epoch"]), consents.epoch_in(rows["change"])


def newest(epoch: int) -> int:
    """The latest instant that any event up to an epoch tells of; ABSENT where there is none."""
    latest = consents.latest(epoch)
    return ABSENT if latest is None else instant_number(latest)


def anchor(epoch: int, change: int, size: int) -> str:
    """What tells these registers from others that count alike: newest event, change and person so far, hashed."""
    told = (consents.last_event(epoch), identities.last_change(change), identities.newest_person(size))
    return hashlib.sha256(repr(told).encode()).hexdigest()


def person_rows(rows: Iterable[identities.NumberedPerson], refs: Sequence[str] | None) -> Iterator[PersonRow]:
    """Persons with their kinds, ends and suppressions; `refs` says whose these are to be, None = everybody's."""
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


def portions(rows: Iterable[EventRow]) -> Iterator[list[EventRow]]:
    """Rows in portions."""
    portion: list[EventRow] = []
    for row in rows:
        portion.append(row)
        if len(portion) == PORTION:
            yield portion
            portion = []
    if portion:
        yield portion


def events(rows: Sequence[EventRow], places: Places) -> Events:
    """Events as columns; `places` are those of their persons."""
    scopes: dict[Scope, int] = {}
    numbers = [scopes.setdefault((row[2], row[3]), len(scopes)) for row in rows]
    return Events(
        scopes=tuple(scopes),
        place=places,
        scope=np.array(numbers, dtype=np.int64),
        given=np.array([row[4] for row in rows], dtype=np.bool_),
    )


def places_by(numbers: dict[str, int], rows: Sequence[EventRow]) -> Places:
    """Places of the persons of events; -1 where nobody knows them."""
    return np.array([numbers.get(row[1], -1) for row in rows], dtype=np.int64)
