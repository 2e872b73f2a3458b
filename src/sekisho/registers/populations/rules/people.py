"""The persons' own columns, and how rows of the identities register are put into them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sekisho.engine.gate.bits import Flags, Places
from sekisho.registers.populations.rules.numbers import ABSENT, NO_DAY, day_number

T = TypeVar("T")
Days = npt.NDArray[np.int32]
MOST_DERIVED = 512  # days and items of asks come from callers: what is kept must not grow with them


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
    derived: dict[object, Any] = field(default_factory=dict, compare=False)  # what was made of these columns

    def derive(self, key: object, make: Callable[[], T]) -> T:
        """Something made of these columns, kept under its key for as long as they stand."""
        if key not in self.derived:
            if len(self.derived) >= MOST_DERIVED:
                self.derived.clear()
            self.derived[key] = make()
        found: T = self.derived[key]
        return found


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
