"""The hash tree against the definition written down naively, and against RFC 6962's known roots."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.engine.merkle.proof import is_consistent, is_included, root_from_inclusion
from sekisho.engine.merkle.tree import EMPTY_ROOT, Tree, leaf_hash

# The leaves and roots that implementations of RFC 6962 share as test vectors.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
sizes = st.integers(min_value=1, max_value=70)


def naive_root(leaves: list[bytes]) -> bytes:
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    cut = 1
    while cut * 2 < len(leaves):
        cut *= 2
    return sha256(b"\x01" + naive_root(leaves[:cut]) + naive_root(leaves[cut:])).digest()


def some_leaves(count: int) -> list[bytes]:
    return [str(number).encode() for number in range(count)]


def test_known_roots() -> None:
    for size, expected in enumerate(ROOTS):
        assert Tree(LEAVES[:size]).root().hex() == expected


def test_known_proofs() -> None:
    tree = Tree(LEAVES)
    assert [node.hex()[:8] for node in tree.inclusion(0)] == ["96a296d2", "5f083f0a", "6b47aaf2"]
    assert [node.hex()[:8] for node in tree.consistency(6)] == ["0ebc5d34", "ca854ea1", "d37ee418"]


def test_every_size_against_the_definition() -> None:
    tree = Tree()
    leaves = some_leaves(300)
    for count, leaf in enumerate(leaves):
        assert tree.root() == naive_root(leaves[:count])
        tree.append(leaf_hash(leaf))
    assert tree.root(113) == naive_root(leaves[:113])


@given(sizes, st.data())
def test_inclusion_holds_for_the_leaf_and_for_no_other(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    tree = Tree(some_leaves(size))
    proof, hashed, root = tree.inclusion(index), leaf_hash(str(index).encode()), tree.root()
    assert is_included(hashed, index, size, proof, root)
    assert not is_included(leaf_hash(b"another"), index, size, proof, root)
    other = data.draw(st.integers(0, size))
    assert other == index or not is_included(hashed, other, size, proof, root)
    assert not is_included(hashed, index, size, (*proof, root), root)
    for place in range(len(proof)):
        bent = [bytes([node[0] ^ 1]) + node[1:] if at == place else node for at, node in enumerate(proof)]
        assert not is_included(hashed, index, size, bent, root)
        assert not is_included(hashed, index, size, [*proof[:place], *proof[place + 1 :]], root)


@given(sizes, st.data())
def test_consistency_holds_for_prefixes_and_nothing_else(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(0, new))
    tree = Tree(some_leaves(new))
    proof, old_root, new_root = tree.consistency(old), tree.root(old), tree.root()
    assert is_consistent(old, new, old_root, new_root, proof)
    rewritten = Tree([b"rewritten", *some_leaves(new)[1:]])
    if old:
        assert not is_consistent(old, new, old_root, rewritten.root(), rewritten.consistency(old))
    if 0 < old < new:
        assert not is_consistent(old, new, new_root, new_root, proof)
        assert not is_consistent(old, new, old_root, old_root, proof)
        for place in range(len(proof)):
            bent = [bytes([node[0] ^ 1]) + node[1:] if at == place else node for at, node in enumerate(proof)]
            assert not is_consistent(old, new, old_root, new_root, bent)
            assert not is_consistent(old, new, old_root, new_root, [*proof[:place], *proof[place + 1 :]])
    assert not is_consistent(old, new, old_root, new_root, (*proof, new_root))


def test_impossible_questions() -> None:
    assert not is_consistent(3, 2, EMPTY_ROOT, EMPTY_ROOT, ())
    assert is_consistent(0, 0, EMPTY_ROOT, EMPTY_ROOT, ())
    assert not is_consistent(0, 5, b"x" * 32, b"y" * 32, ())
    assert not is_consistent(3, 5, b"x" * 32, b"y" * 32, ())
    assert root_from_inclusion(b"x" * 32, 5, 5, ()) is None
    tree = Tree(some_leaves(3))
    with pytest.raises(ValueError, match="outside"):
        tree.inclusion(3)
    with pytest.raises(ValueError, match="larger"):
        tree.consistency(4)
