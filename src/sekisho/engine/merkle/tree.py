"""The hash tree of RFC 6962 section 2.1 (RFC 9162 section 2.1): hashes, roots, and proofs over any source of nodes.

A node is addressed by (level, index): the perfect subtree over leaves `index << level` up to `(index + 1) << level`.
`nodes` answers for every perfect subtree of the tree; where they stand (a list, tiles on a disk) is the caller's.
"""

from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import TypeAlias

Nodes: TypeAlias = Callable[[int, int], bytes]

EMPTY_ROOT = sha256(b"").digest()
HASH_SIZE = 32


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of a leaf: never equal to that of an inner node."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


def root(nodes: Nodes, size: int) -> bytes:
    """The root over the first `size` leaves."""
    return range_hash(nodes, 0, size) if size else EMPTY_ROOT


def range_hash(nodes: Nodes, start: int, end: int) -> bytes:
    """The root over the leaves `start` up to `end`, a range that the tree itself cuts somewhere."""
    width = end - start
    if width & (width - 1) == 0 and start % width == 0:
        return nodes(width.bit_length() - 1, start // width)
    middle = start + _split(width)
    return node_hash(range_hash(nodes, start, middle), range_hash(nodes, middle, end))


def inclusion_proof(nodes: Nodes, index: int, size: int) -> tuple[bytes, ...]:
    """The sibling hashes from leaf `index` up to the root of the tree of `size`. Source: RFC 9162 2.1.3.1."""
    if not 0 <= index < size:
        raise ValueError("index outside the tree")
    return tuple(_path(nodes, index, 0, size))


def consistency_proof(nodes: Nodes, old: int, new: int) -> tuple[bytes, ...]:
    """What shows that the tree of `new` leaves begins with that of `old`. Source: RFC 9162 2.1.4.1."""
    if not 0 <= old <= new:
        raise ValueError("the old tree is larger than the new one")
    return tuple(_subproof(nodes, old, 0, new, whole=True)) if 0 < old < new else ()


class Tree:
    """A tree in memory that grows leaf by leaf and remembers every perfect subtree."""

    __slots__ = ("_levels",)

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        self._levels: list[list[bytes]] = [[]]
        for leaf in leaves:
            self.append(leaf_hash(leaf))

    @property
    def size(self) -> int:
        """How many leaves it has."""
        return len(self._levels[0])

    def append(self, hashed: bytes) -> int:
        """Add the hash of a leaf; returns its index."""
        index = self.size
        self._levels[0].append(hashed)
        level = 0
        while len(self._levels[level]) % 2 == 0:
            pair = self._levels[level][-2:]
            level += 1
            if level == len(self._levels):
                self._levels.append([])
            self._levels[level].append(node_hash(*pair))
        return index

    def node(self, level: int, index: int) -> bytes:
        """The hash of a perfect subtree."""
        return self._levels[level][index]

    def root(self, size: int | None = None) -> bytes:
        """The root now, or when the tree had `size` leaves."""
        return root(self.node, self.size if size is None else size)

    def inclusion(self, index: int, size: int | None = None) -> tuple[bytes, ...]:
        """The inclusion proof of leaf `index`."""
        return inclusion_proof(self.node, index, self.size if size is None else size)

    def consistency(self, old: int, new: int | None = None) -> tuple[bytes, ...]:
        """The consistency proof from `old` leaves."""
        return consistency_proof(self.node, old, self.size if new is None else new)


def _split(width: int) -> int:
    """The largest power of two below `width`."""
    return 1 << (width - 1).bit_length() - 1


def _path(nodes: Nodes, index: int, start: int, end: int) -> list[bytes]:
    if end - start == 1:
        return []
    middle = start + _split(end - start)
    if index < middle:
        return [*_path(nodes, index, start, middle), range_hash(nodes, middle, end)]
    return [*_path(nodes, index, middle, end), range_hash(nodes, start, middle)]


def _subproof(nodes: Nodes, old: int, start: int, end: int, *, whole: bool) -> list[bytes]:
    if old == end:
        return [] if whole else [range_hash(nodes, start, end)]
    middle = start + _split(end - start)
    if old <= middle:
        return [*_subproof(nodes, old, start, middle, whole=whole), range_hash(nodes, middle, end)]
    return [*_subproof(nodes, old, middle, end, whole=False), range_hash(nodes, start, middle)]
