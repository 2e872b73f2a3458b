"""Tiles: paths as the specification spells them, growth in steps equal to growth at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.engine.merkle import tiles
from sekisho.engine.merkle.tree import Tree, consistency_proof, inclusion_proof


def leaf(number: int) -> bytes:
    return b"entry %d" % number


def test_paths_as_the_specification_spells_them() -> None:
    assert tiles.hash_path(0, 1234067) == "tile/0/x001/x234/067"
    assert tiles.hash_path(1, 0, 17) == "tile/1/000.p/17"
    assert tiles.entries_path(273, 112) == "tile/entries/273.p/112"
    for width in (0, 257):
        with pytest.raises(ValueError, match="256"):
            tiles.hash_path(0, 0, width)


def test_the_specifications_example_of_seventy_thousand() -> None:
    files = list(tiles.paths(70_000))
    assert sum(path.startswith("tile/0/") for path in files) == 274
    assert {"tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1", "tile/entries/273.p/112"} <= {*files}
    assert list(tiles.paths(256)) == ["tile/0/000", "tile/entries/000", "tile/1/000.p/1"]
    assert list(tiles.paths(0)) == []


@given(st.lists(st.integers(min_value=1, max_value=400), min_size=1, max_size=5))
def test_growing_in_steps_is_growing_at_once(steps: list[int]) -> None:
    store: dict[str, bytes] = {}
    size = 0
    for step in steps:
        growth = tiles.grow(store.__getitem__, size, [leaf(number) for number in range(size, size + step)])
        store |= growth.files
        size = growth.size
        assert {*tiles.paths(size)} <= {*store}
    tree = Tree([leaf(number) for number in range(size)])
    assert growth.root == tree.root()
    nodes = tiles.nodes_of(store.__getitem__, size)
    for index in {0, size // 2, size - 1}:
        assert inclusion_proof(nodes, index, size) == tree.inclusion(index)
    assert consistency_proof(nodes, (size + 1) // 2, size) == tree.consistency((size + 1) // 2)


def test_a_tree_of_three_levels() -> None:
    size = 66_000
    store = dict(tiles.grow(dict[str, bytes]().__getitem__, 0, [leaf(number) for number in range(65_000)]).files)
    store |= tiles.grow(store.__getitem__, 65_000, [leaf(number) for number in range(65_000, size)]).files
    tree = Tree([leaf(number) for number in range(size)])
    nodes = tiles.nodes_of(store.__getitem__, size)
    assert inclusion_proof(nodes, 65_536, size) == tree.inclusion(65_536)
    assert consistency_proof(nodes, 65_001, size) == tree.consistency(65_001)


@given(st.lists(st.binary(max_size=300), max_size=256))
def test_bundles_come_back(entries: list[bytes]) -> None:
    assert tiles.unbundle(tiles.bundle(entries)) == tuple(entries)


@pytest.mark.parametrize("cut", [b"\x00", b"\x00\x05abc", b"\x00\x01a\x00"])
def test_a_bundle_that_ends_inside_an_entry(cut: bytes) -> None:
    with pytest.raises(ValueError, match="ends inside"):
        tiles.unbundle(cut)


def test_a_tile_of_the_wrong_length_is_not_read() -> None:
    with pytest.raises(ValueError, match="has 31 bytes"):
        tiles.nodes_of(lambda _: b"x" * 31, 1)(0, 0)
