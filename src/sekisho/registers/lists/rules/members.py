"""Who was on a list that left: one keyed mark for each, sorted, so that one person can be asked for and nobody read off.

Source: APPI 29(1): a record of provision leads to the people it is about.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from hashlib import blake2b

SIZE = 16  # bytes of a mark


def marks(key: bytes, people: Iterable[str]) -> bytes:
    """The marks of these people, in an order that says nothing of theirs."""
    return b"".join(sorted({_mark(key, person) for person in people}))


def holds(content: bytes, key: bytes, person: str) -> bool:
    """Whether a person is among the marks."""
    rows, wanted = _Rows(content), _mark(key, person)
    place = bisect_left(rows, wanted)
    return place < len(rows) and rows[place] == wanted


def _mark(key: bytes, person: str) -> bytes:
    return blake2b(person.encode(), key=key, digest_size=SIZE).digest()


class _Rows(Sequence[bytes]):
    """Marks by number without taking them apart."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def __len__(self) -> int:
        return len(self._content) // SIZE

    def __getitem__(self, place: int) -> bytes:  # type: ignore[override]  # slices are nobody's here
        return self._content[place * SIZE : (place + 1) * SIZE]
