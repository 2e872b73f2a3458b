"""Who holds which consent, as bitmaps, and how events are folded into them. Source: the rules of the consent ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import numpy.typing as npt

from sekisho.engine.gate.bits import Bits, Flags, Places, grown, no_bits, with_places, without_places

EVERYTHING = "*"
Scope = tuple[str, str]  # kind of consent, scope
EventRow = tuple[int, str, str, str, bool, datetime]  # epoch, person, kind, scope, given, at


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

    def of(self, kind: str, scope: str, size: int) -> Bits:
        """Who holds exactly this, among `size` places."""
        found = self.bits.get((kind, scope))
        return no_bits(size) if found is None else grown(found, size)


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
    for number in np.unique(scope[last]).tolist():
        kind, name = events.scopes[number]
        mine = last[scope[last] == number]
        yes = mine[given[mine]]
        if kind in swept:
            yes = yes[yes > swept[kind][place[yes]]]
        old = bits.get((kind, name))
        left = no_bits(size) if old is None else without_places(grown(old, size), place[mine])
        bits[kind, name] = with_places(left, place[yes])
    return _held(bits)


def without(holding: Holding, places: Places) -> Holding:
    """Nobody at these places holds anything any more."""
    return _held({scope: without_places(held, places) for scope, held in holding.bits.items()})


def _held(bits: Mapping[Scope, Bits]) -> Holding:
    """A scope that nobody holds leaves no bitmap: made anew there would be none."""
    return Holding(bits={scope: held for scope, held in bits.items() if held.any()})


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
        withdrawals = np.flatnonzero((scope == number) & ~given) if name == EVERYTHING else np.zeros(0, np.int64)
        if not len(withdrawals):
            continue
        swept[kind] = np.full(size, -1, dtype=np.int64)
        swept[kind][place[withdrawals]] = withdrawals  # in order, so the last one stays
        for key in [key for key in bits if key[0] == kind]:
            bits[key] = without_places(bits[key], place[withdrawals])
    return swept
