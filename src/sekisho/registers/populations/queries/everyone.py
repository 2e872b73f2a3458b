"""Everybody read at once, into columns: for a process that knows nobody yet. Seconds for a million, so no row is an object."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sekisho.registers.identities import queries as identities
from sekisho.registers.populations.rules import (
    ABSENT,
    NO_DAY,
    OPEN,
    Events,
    People,
    Places,
    Scope,
    instant_number,
    nobody,
)

Column = Sequence[Any]


def everyone() -> People:
    """All persons of the identities register."""
    portions = [_portion(rows) for rows in identities.all_persons()]
    if not portions:
        return nobody()
    place, ref, born, deceased, corporate, protected, shop, acquired = (
        list(parts) for parts in zip(*portions, strict=True)
    )
    places = np.concatenate(place)
    size = int(places[-1]) + 1

    def put(parts: list[npt.NDArray[Any]], fill: object) -> npt.NDArray[Any]:
        column = np.full(size, fill, dtype=parts[0].dtype)
        column[places] = np.concatenate(parts)
        return column

    exists = put([np.ones(len(places), dtype=np.bool_)], False)
    refs = _spread(pa.concat_arrays(ref), places, size)
    shops = pa.chunked_array(shop).combine_chunks().dictionary_encode()
    kinds, kind_names = _kinds(refs, size)
    return People(
        ref=refs,
        exists=exists,
        acquired=put(acquired, NO_DAY),
        born=put(born, NO_DAY),
        deceased=put(deceased, NO_DAY),
        is_corporate=put(corporate, False),
        is_protected=put(protected, False),
        shop=put([shops.indices.to_numpy()], -1),
        shops=tuple(shops.dictionary.to_pylist()),
        kinds=kinds,
        kind_names=kind_names,
        ends=_ends(refs, size),
        suppressions=_suppressions(),
    )


def said(rows: Sequence[Sequence[Any]], refs: pa.Array, known: Mapping[str, int] | None = None) -> Events:
    """Consent events as columns; their persons are looked up in `known`, else matched against all references."""
    person, kind, scope, given, *_ = zip(*rows, strict=True)
    scopes: dict[Scope, int] = {}
    numbers = [scopes.setdefault(pair, len(scopes)) for pair in zip(kind, scope, strict=True)]
    return Events(
        scopes=tuple(scopes),
        place=_places(refs, person) if known is None else np.array([known.get(one, -1) for one in person]),
        scope=np.array(numbers, dtype=np.int64),
        given=np.array(given, dtype=np.bool_),
    )


def _portion(rows: Sequence[Sequence[Any]]) -> tuple[Any, ...]:
    number, ref, born, deceased, corporate, protected, shop, acquired, _ = zip(*rows, strict=True)
    return (
        np.array(number, dtype=np.int64),
        pa.array(ref, pa.string()),
        _days(born),
        _days(deceased),
        np.array(corporate, dtype=np.bool_),
        np.array(protected, dtype=np.bool_),
        pa.array(shop, pa.string()),
        _days(acquired),
    )


def _kinds(refs: pa.Array, size: int) -> tuple[npt.NDArray[np.int64], tuple[str, ...]]:
    bits, names = np.zeros(size, dtype=np.int64), dict[str, int]()
    for rows in identities.all_kinds():
        person, kind, _ = zip(*rows, strict=True)
        masks = np.array([1 << names.setdefault(one, len(names)) for one in kind], dtype=np.int64)
        places = _places(refs, person)
        np.bitwise_or.at(bits, places[places >= 0], masks[places >= 0])
    return bits, tuple(names)


def _ends(refs: pa.Array, size: int) -> dict[str, npt.NDArray[np.int64]]:
    """By kind of identifier, the last end of each person's."""
    found: dict[str, npt.NDArray[np.int64]] = {}
    for rows in identities.all_ends():
        person, kind, until, _ = zip(*rows, strict=True)
        places, instants, kinds = _places(refs, person), _instants(until), np.array(kind, dtype=np.object_)
        for name in sorted(set(kind)):
            these = (kinds == name) & (places >= 0)
            ends = found.setdefault(name, np.full(size, ABSENT, dtype=np.int64))
            np.maximum.at(ends, places[these], instants[these])
    return found


def _suppressions() -> dict[int, tuple[tuple[int, int], ...]]:
    rows = list(identities.suppressions_among(None))
    numbers = identities.numbers_of(person for person, _, _ in rows)
    found: dict[int, tuple[tuple[int, int], ...]] = {}
    for person, since, until in rows:
        if person in numbers:
            span = (instant_number(since), instant_number(until))
            found[numbers[person]] = (*found.get(numbers[person], ()), span)
    return found


def _places(refs: pa.Array, wanted: Iterable[str]) -> Places:
    """Where these people are; -1 where nobody knows them."""
    found = pc.index_in(pa.array(wanted, pa.string()), value_set=refs, skip_nulls=True).fill_null(-1)
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.int64)


def _spread(refs: pa.Array, places: Places, size: int) -> pa.Array:
    at = np.full(size, -1, dtype=np.int64)
    at[places] = np.arange(len(places))
    return refs.take(pa.array(at, pa.int64(), mask=at < 0))


def _days(texts: Column) -> npt.NDArray[np.int32]:
    days = np.array(texts, dtype="datetime64[D]")
    return np.where(np.isnat(days), NO_DAY, days.astype(np.int64)).astype(np.int32)


def _instants(texts: Column) -> npt.NDArray[np.int64]:
    instants = np.array(texts, dtype="datetime64[us]")
    return np.where(np.isnat(instants), OPEN, instants.astype(np.int64))
