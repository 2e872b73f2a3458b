"""Everybody as columns and bitmaps: plain values, and how events and changes are folded into them.

A person's place is their number in the identities register: it never changes and is never given twice, so what is folded
bit by bit and what is made anew are alike to the byte. Bits lie as Arrow has them: eight to a byte, the lowest first.
No value here is ever changed once made: whoever holds a population can go on reading it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Bits = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]
Days = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
Scope = tuple[str, str]  # kind of consent, scope

EVERYTHING = "*"
NO_DAY = int(np.iinfo(np.int32).min)  # nobody wrote it down
ABSENT = int(np.iinfo(np.int64).min)  # no identifier of that kind
OPEN = int(np.iinfo(np.int64).max)  # no end
FIRST_DAY = date(1970, 1, 1)
FIRST_INSTANT = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """One person as the identities register has them."""

    place: int
    ref: str
    born_on: date | None
    deceased_on: date | None
    is_corporate: bool
    is_protected: bool
    shop: str
    acquired_on: date
    kinds: tuple[str, ...]
    ends: Mapping[str, int]  # kind of identifier -> instant of the last end, or OPEN
    suppressions: tuple[tuple[int, int], ...]  # instants since and until


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """The persons' own columns, by place. Where nobody is (any more) `exists` is false and the rest means nothing."""

    ref: pa.Array
    exists: Flags
    acquired: Days
    born: Days
    deceased: Days
    is_corporate: Flags
    is_protected: Flags
    shop: npt.NDArray[np.int32]
    shops: tuple[str, ...]
    kinds: npt.NDArray[np.int64]  # bit by bit, the places in `kind_names`
    kind_names: tuple[str, ...]
    ends: Mapping[str, npt.NDArray[np.int64]]  # kind of identifier -> instant of the last end, OPEN or ABSENT
    suppressions: Mapping[int, tuple[tuple[int, int], ...]]  # place -> instants since and until


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """Consent events in the order of their epochs. `scope` is a place in `scopes`; persons nobody knows are at -1."""

    scopes: tuple[Scope, ...]
    place: Places
    scope: npt.NDArray[np.int64]
    given: Flags


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """Who holds which consent: one bitmap for each kind and scope that anybody holds."""

    bits: Mapping[Scope, Bits] = field(default_factory=dict)

    def places(self, kind: str, scope: str, size: int) -> Flags:
        """Whether each place holds exactly this."""
        found = self.bits.get((kind, scope))
        return flags_of(found, size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """Everybody, as of an epoch of the consent ledger and a change of the identities register."""

    epoch: int
    change: int
    newest: int  # instant of the newest event folded
    anchor: str  # newest event and person so far: tells these registers from restored ones that count alike
    people: People
    holding: Holding

    @property
    def size(self) -> int:
        """One more than the highest place."""
        return len(self.people.exists)


def fold(holding: Holding, events: Events, size: int) -> Holding:
    """Fold events in: the last word on each kind and scope counts; a withdrawal of `*` withdraws all of its kind."""
    known = np.flatnonzero((events.place >= 0) & (events.place < size))
    if not len(known):
        return holding
    place, scope, given = events.place[known], events.scope[known], events.given[known]
    bits = dict(holding.bits)
    swept = _sweep(bits, events.scopes, place, scope, given, size)
    key = scope * size + place
    order = np.argsort(key, kind="stable")
    last = order[np.append(np.diff(key[order]) != 0, True)]
    for number in np.unique(scope[last]):
        kind, name = events.scopes[number]
        mine = last[scope[last] == number]
        yes = mine[given[mine]]
        if kind in swept:
            yes = yes[yes > swept[kind][place[yes]]]
        changed = bits.get((kind, name))
        changed = np.zeros((size + 7) // 8, dtype=np.uint8) if changed is None else _grown(changed, size)
        _clear(changed, place[mine])
        _set(changed, place[yes])
        bits[kind, name] = changed
    return Holding(bits={scope: held for scope, held in bits.items() if held.any()})


def without(holding: Holding, places: Places) -> Holding:
    """Nobody at these places holds anything any more."""
    bits = {}
    for scope, held in holding.bits.items():
        left = held.copy()
        _clear(left, places[places < len(left) * 8])
        bits[scope] = left
    return Holding(bits={scope: held for scope, held in bits.items() if held.any()})


def flags_of(bits: Bits | None, size: int) -> Flags:
    """Bits as one flag to a place."""
    if bits is None:
        return np.zeros(size, dtype=np.bool_)
    flags = np.unpackbits(_grown(bits, size), count=size, bitorder="little")
    return flags.view(np.bool_)


def day_number(day: date | None) -> int:
    """Days since 1970; NO_DAY for none."""
    return NO_DAY if day is None else (day - FIRST_DAY).days


def instant_number(at: datetime | None) -> int:
    """Microseconds since 1970; OPEN for none."""
    if at is None:
        return OPEN
    span = at - FIRST_INSTANT
    return (span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds


def instant_of(number: int) -> datetime:
    """The instant of a number of microseconds."""
    return FIRST_INSTANT + timedelta(microseconds=number)


def _sweep(
    bits: dict[Scope, Bits],
    scopes: Sequence[Scope],
    place: Places,
    scope: npt.NDArray[np.int64],
    given: Flags,
    size: int,
) -> dict[str, Places]:
    """Clear what withdrawals of `*` withdraw; by kind, which event of each place was the last such withdrawal."""
    swept: dict[str, Places] = {}
    for number, (kind, name) in enumerate(scopes):
        withdrawals = np.flatnonzero((scope == number) & ~given) if name == EVERYTHING else ()
        if not len(withdrawals):
            continue
        swept[kind] = np.full(size, -1, dtype=np.int64)
        swept[kind][place[withdrawals]] = withdrawals  # in order, so the last one stays
        for key in [key for key in bits if key[0] == kind]:
            bits[key] = _grown(bits[key], size)
            _clear(bits[key], place[withdrawals])
    return swept


def _grown(bits: Bits, size: int) -> Bits:
    """A copy with room for `size` places."""
    grown = np.zeros((size + 7) // 8, dtype=np.uint8)
    grown[: len(bits)] = bits[: len(grown)]
    return grown


def _set(bits: Bits, places: Places) -> None:
    np.bitwise_or.at(bits, places >> 3, np.left_shift(1, places & 7).astype(np.uint8))


def _clear(bits: Bits, places: Places) -> None:
    np.bitwise_and.at(bits, places >> 3, ~np.left_shift(1, places & 7).astype(np.uint8))


def nobody() -> People:
    """No people: the first place is nobody's for ever."""
    days, flags, words = np.full(1, NO_DAY, np.int32), np.zeros(1, np.bool_), np.zeros(1, np.int64)
    return People(
        ref=pa.array([None], pa.string()),
        exists=flags,
        acquired=days,
        born=days,
        deceased=days,
        is_corporate=flags,
        is_protected=flags,
        shop=np.full(1, -1, np.int32),
        shops=(),
        kinds=words,
        kind_names=(),
        ends={},
        suppressions={},
    )


def with_people(people: People, rows: Sequence[PersonRow], gone: Iterable[int] = ()) -> People:
    """The people with these rows put in or replaced, and whoever is at `gone` left out."""
    places = np.array([row.place for row in rows], dtype=np.int64)
    left_out = np.array(sorted(gone), dtype=np.int64)
    exists = _with(people.exists, places, [True] * len(rows), fill=False)
    exists[left_out[left_out < len(exists)]] = False
    size = int(np.flatnonzero(exists)[-1]) + 1 if exists.any() else 1  # whoever is gone from the end leaves no trace
    shops = (*people.shops, *sorted({row.shop for row in rows} - set(people.shops)))
    kind_names = (*people.kind_names, *sorted({kind for row in rows for kind in row.kinds} - set(people.kind_names)))
    shop_at = {shop: number for number, shop in enumerate(shops)}
    kind_bit = {kind: 1 << number for number, kind in enumerate(kind_names)}

    def put(old: npt.NDArray[Any], values: Iterable[object], fill: object) -> npt.NDArray[Any]:
        new = _with(old, places, list(values), fill=fill)[:size]
        new[~exists[:size]] = fill
        return new

    ends = {}
    for kind in sorted({*people.ends, *(kind for row in rows for kind in row.ends)}):
        old = people.ends.get(kind, np.full(1, ABSENT, np.int64))
        ends[kind] = put(old, (row.ends.get(kind, ABSENT) for row in rows), ABSENT)
    changed = {*places.tolist(), *left_out.tolist()}
    suppressions = {place: spans for place, spans in people.suppressions.items() if place not in changed}
    return People(
        ref=_refs(people.ref, rows, exists[:size]),
        exists=exists[:size],
        acquired=put(people.acquired, (day_number(row.acquired_on) for row in rows), NO_DAY),
        born=put(people.born, (day_number(row.born_on) for row in rows), NO_DAY),
        deceased=put(people.deceased, (day_number(row.deceased_on) for row in rows), NO_DAY),
        is_corporate=put(people.is_corporate, (row.is_corporate for row in rows), False),
        is_protected=put(people.is_protected, (row.is_protected for row in rows), False),
        shop=put(people.shop, (shop_at[row.shop] for row in rows), -1),
        shops=shops,
        kinds=put(people.kinds, (sum(kind_bit[kind] for kind in row.kinds) for row in rows), 0),
        kind_names=kind_names,
        ends=ends,
        suppressions=suppressions | {row.place: row.suppressions for row in rows if row.suppressions},
    )


def _with(old: npt.NDArray[Any], places: Places, values: Sequence[object], *, fill: object) -> npt.NDArray[Any]:
    new = np.full(max(len(old), int(places.max(initial=-1)) + 1), fill, dtype=old.dtype)
    new[: len(old)] = old
    new[places] = values
    return new


def _refs(old: pa.Array, rows: Sequence[PersonRow], exists: Flags) -> pa.Array:
    """References by place; none where nobody is."""
    ref: dict[int, str] = {row.place: row.ref for row in rows if row.place >= len(old)}
    longer = pa.concat_arrays([old, pa.array([ref.get(place) for place in range(len(old), len(exists))], pa.string())])
    return pc.if_else(pa.array(exists), longer.slice(0, len(exists)), pa.scalar(None, pa.string()))
