"""Sets of places as packed bits, as Arrow has them: eight to a byte, the lowest first, filled up to 64 with zeros."""

import numpy as np
import numpy.typing as npt

Bits = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]


def no_bits(size: int) -> Bits:
    """The empty set among `size` places."""
    return np.zeros((size + 63) // 64 * 8, dtype=np.uint8)


def packed(flags: Flags) -> Bits:
    """The set of the places whose flag is true."""
    bits = no_bits(len(flags))
    told = np.packbits(flags, bitorder="little")
    bits[: len(told)] = told
    return bits


def flags_of(bits: Bits, size: int) -> Flags:
    """One flag to a place."""
    return np.unpackbits(grown(bits, size), count=size, bitorder="little").view(np.bool_)


def places_of(bits: Bits) -> Places:
    """The places in the set, in order."""
    return np.flatnonzero(np.unpackbits(bits, bitorder="little"))


def count(bits: Bits) -> int:
    """How many places are in the set."""
    return int(np.bitwise_count(bits.view(np.uint64)).sum())


def complement(bits: Bits, within: Bits) -> Bits:
    """Those of `within` that are not in the set."""
    left: Bits = np.bitwise_and(within.view(np.uint64), ~bits.view(np.uint64)).view(np.uint8)
    return left


def grown(bits: Bits, size: int) -> Bits:
    """The set with room for exactly `size` places; the same bits where it has that room already."""
    wanted = (size + 63) // 64 * 8
    if len(bits) == wanted:
        return bits
    new = np.zeros(wanted, dtype=np.uint8)
    new[: len(bits)] = bits[:wanted]
    return new


def with_places(bits: Bits, places: Places) -> Bits:
    """The set with these places put in."""
    new = bits.copy()
    np.bitwise_or.at(new, places >> 3, np.left_shift(1, places & 7).astype(np.uint8))
    return new


def without_places(bits: Bits, places: Places) -> Bits:
    """The set with these places left out; places beyond its room are in it anyway never."""
    new = bits.copy()
    inside = places[places < len(bits) * 8]
    np.bitwise_and.at(new, inside >> 3, ~np.left_shift(1, inside & 7).astype(np.uint8))
    return new
