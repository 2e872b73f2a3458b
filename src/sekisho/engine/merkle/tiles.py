"""Where the tree stands in files: C2SP tlog-tiles. Paths, widths, contents, and how the tree grows by whole tiles.

A tile holds up to 256 consecutive hashes of one level; levels are eight apart. An entry bundle holds the up to 256
leaves under a level-0 tile, each after its length as two big-endian bytes. Source: c2sp.org/tlog-tiles.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sekisho.engine.merkle.tree import HASH_SIZE, Nodes, leaf_hash, node_hash, root

Read: TypeAlias = Callable[[str], bytes]  # path relative to the log's folder -> contents

HEIGHT = 8
WIDTH = 1 << HEIGHT
LARGEST_ENTRY = 2**16 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """What a longer tree adds: its size and root, and the files to write."""

    size: int
    root: bytes
    files: Mapping[str, bytes]


def hash_path(level: int, index: int, width: int = WIDTH) -> str:
    """Path of a tile of hashes; `width` below 256 is a partial tile."""
    return f"tile/{level}/{_number(index)}{_suffix(width)}"


def entries_path(index: int, width: int = WIDTH) -> str:
    """Path of an entry bundle."""
    return f"tile/entries/{_number(index)}{_suffix(width)}"


def width_at(level: int, index: int, size: int) -> int:
    """How many hashes the tile has in a tree of `size`: 0 to 256."""
    return max(0, min(WIDTH, (size >> HEIGHT * level) - index * WIDTH))


def paths(size: int) -> Iterator[str]:
    """Every file that a log of `size` entries consists of, the checkpoint aside."""
    level = 0
    while size >> HEIGHT * level:
        for index in range((size >> HEIGHT * level) + WIDTH - 1 >> HEIGHT):
            width = width_at(level, index, size)
            yield hash_path(level, index, width)
            if level == 0:
                yield entries_path(index, width)
        level += 1


def bundle(entries: Sequence[bytes]) -> bytes:
    """The contents of an entry bundle."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def unbundle(contents: bytes) -> tuple[bytes, ...]:
    """The entries of a bundle. Raises ValueError where the lengths do not add up."""
    entries: list[bytes] = []
    position = 0
    while position < len(contents):
        start = position + 2
        position = start + int.from_bytes(contents[start - 2 : start], "big")
        if position > len(contents) or start > len(contents):
            raise ValueError("the bundle ends inside an entry")
        entries.append(contents[start:position])
    return tuple(entries)


def nodes_of(read: Read, size: int) -> Nodes:
    """The tree of `size` as its tiles tell it. Raises ValueError where a tile has another length than it should."""
    cache: dict[tuple[int, int], bytes] = {}

    def tile(level: int, index: int) -> bytes:
        if (level, index) not in cache:
            width = width_at(level, index, size)
            contents = read(hash_path(level, index, width))
            if len(contents) != width * HASH_SIZE:
                raise ValueError(f"{hash_path(level, index, width)} has {len(contents)} bytes")
            cache[level, index] = contents
        return cache[level, index]

    def node(level: int, index: int) -> bytes:
        tile_level, height = divmod(level, HEIGHT)
        tile_index, offset = divmod(index << height, WIDTH)
        contents = tile(tile_level, tile_index)
        hashes = [contents[at * HASH_SIZE : (at + 1) * HASH_SIZE] for at in range(offset, offset + (1 << height))]
        while len(hashes) > 1:
            hashes = [node_hash(left, right) for left, right in zip(hashes[::2], hashes[1::2], strict=True)]
        return hashes[0]

    return node


def grow(read: Read, size: int, leaves: Sequence[bytes]) -> Growth:
    """Add `leaves` to the log of `size` whose right edge `read` gives: the files that are new or fuller."""
    files: dict[str, bytes] = {}
    _grow_entries(read, size, leaves, files)
    added = [leaf_hash(leaf) for leaf in leaves]
    level, grown = 0, size + len(leaves)
    while added:
        before = size >> HEIGHT * level
        first, width = divmod(before, WIDTH)
        hashes = _cut(read(hash_path(level, first, width))) if width else []
        hashes += added
        added = []
        for start in range(0, len(hashes), WIDTH):
            part = hashes[start : start + WIDTH]
            files[hash_path(level, first + start // WIDTH, len(part))] = b"".join(part)
            if len(part) == WIDTH:
                added.append(_perfect(part))
        level += 1
    return Growth(
        size=grown, root=root(nodes_of(lambda path: files.get(path) or read(path), grown), grown), files=files
    )


def _grow_entries(read: Read, size: int, leaves: Sequence[bytes], files: dict[str, bytes]) -> None:
    first, width = divmod(size, WIDTH)
    entries = [*(unbundle(read(entries_path(first, width))) if width else ()), *leaves]
    for start in range(0, len(entries), WIDTH):
        part = entries[start : start + WIDTH]
        files[entries_path(first + start // WIDTH, len(part))] = bundle(part)


def _cut(contents: bytes) -> list[bytes]:
    return [contents[at : at + HASH_SIZE] for at in range(0, len(contents), HASH_SIZE)]


def _perfect(hashes: Sequence[bytes]) -> bytes:
    while len(hashes) > 1:
        hashes = [node_hash(left, right) for left, right in zip(hashes[::2], hashes[1::2], strict=True)]
    return hashes[0]


def _number(index: int) -> str:
    """The index in groups of three digits, all but the last after an `x`."""
    groups = [f"{index % 1000:03d}"]
    while index := index // 1000:
        groups.append(f"x{index % 1000:03d}")
    return "/".join(reversed(groups))


def _suffix(width: int) -> str:
    if not 0 < width <= WIDTH:
        raise ValueError("a tile holds 1 to 256 hashes")
    return "" if width == WIDTH else f".p/{width}"
