"""Check proofs of the hash tree without the tree. Source: RFC 9162 sections 2.1.3.2 and 2.1.4.2."""

from collections.abc import Sequence

from sekisho.engine.merkle.tree import EMPTY_ROOT, node_hash


def root_from_inclusion(hashed: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """The root that this proof leads to, or None where its length cannot be right."""
    if not 0 <= index < size:
        return None
    position, last, reached = index, size - 1, hashed
    for sibling in proof:
        if last == 0:
            return None
        if position % 2 or position == last:
            reached = node_hash(sibling, reached)
            while position % 2 == 0 and position:
                position, last = position >> 1, last >> 1
        else:
            reached = node_hash(reached, sibling)
        position, last = position >> 1, last >> 1
    return reached if last == 0 else None


def is_included(hashed: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the leaf with this hash stands at `index` of the tree of `size` with this root."""
    return root_from_inclusion(hashed, index, size, proof) == root


def is_consistent(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the tree of `new` leaves is the tree of `old` leaves with leaves added, and nothing else."""
    if not 0 <= old <= new:
        return False
    if old == new:
        return old_root == new_root and not proof
    if old == 0:
        return old_root == EMPTY_ROOT and not proof
    nodes = list(proof)
    if old & (old - 1) == 0:  # the old tree is one perfect subtree, so its root begins the path
        nodes.insert(0, old_root)
    if not nodes:
        return False
    position, last = old - 1, new - 1
    while position % 2:
        position, last = position >> 1, last >> 1
    old_reached = new_reached = nodes[0]
    for sibling in nodes[1:]:
        if last == 0:
            return False
        if position % 2 or position == last:
            old_reached, new_reached = node_hash(sibling, old_reached), node_hash(sibling, new_reached)
            while position % 2 == 0 and position:
                position, last = position >> 1, last >> 1
        else:
            new_reached = node_hash(new_reached, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and old_reached == old_root and new_reached == new_root
