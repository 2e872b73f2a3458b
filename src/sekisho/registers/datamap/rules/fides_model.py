"""A fideslang dataset as values: collections of fields, nested fields by their dotted path."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sekisho.engine.catalog.model import Direction
from sekisho.engine.errors import Place
from sekisho.engine.policy.reader import IDENTIFIER

ARRAY = "[]"
NOWHERE = Place(path="", line=1, column=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class FidesReference:
    """A field of another collection. `path` is without array marks."""

    dataset: str
    collection: str
    path: str
    direction: Direction | None
    place: Place = field(default=NOWHERE, compare=False)

    def __str__(self) -> str:
        return f"{self.dataset}.{self.collection}.{self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FidesField:
    """A field that holds a value. `path` names it from the collection; a part that is a list ends in `[]`."""

    path: str
    label: str
    categories: tuple[str, ...]
    data_type: str  # as written, without the array mark; "" where nothing is said
    is_list: bool
    is_key: bool
    identity: str
    references: tuple[FidesReference, ...]
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FidesCollection:
    """A collection: the leaves of its fields."""

    name: str
    label: str
    fields: tuple[FidesField, ...]
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FidesDataset:
    """One dataset. `dropped` are annotations that the map has no place for, with how often they stood."""

    key: str
    label: str
    collections: tuple[FidesCollection, ...]
    dropped: tuple[tuple[str, int], ...] = ()
    place: Place = field(default=NOWHERE, compare=False)

    def fields(self) -> Iterator[tuple[FidesCollection, FidesField]]:
        """Every field of every collection."""
        for collection in self.collections:
            for one in collection.fields:
                yield collection, one


def system_id(key: str) -> str:
    """A dataset's key as the name of a system: as it is where it can be one, else in lower case with underscores."""
    if IDENTIFIER.match(key):
        return key
    name = "".join(sign if sign.isascii() and sign.isalnum() else "_" for sign in key.lower()).strip("_")
    return name if name[:1].isalpha() else f"dataset_{name}".rstrip("_")


def unmarked(path: str) -> str:
    """A path without its array marks, as references write it."""
    return path.replace(ARRAY, "")


def unreachable(datasets: tuple[FidesDataset, ...]) -> tuple[tuple[FidesDataset, FidesCollection], ...]:
    """Collections that no path of references connects to an identity: a request of a person could never reach them."""
    reached = {
        (dataset.key, collection.name) for dataset in datasets for collection, one in dataset.fields() if one.identity
    }
    edges: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for dataset in datasets:
        for collection, one in dataset.fields():
            here = (dataset.key, collection.name)
            for reference in one.references:
                there = (reference.dataset, reference.collection)
                if reference.direction is not Direction.TO:
                    edges.setdefault(there, set()).add(here)
                if reference.direction is not Direction.FROM:
                    edges.setdefault(here, set()).add(there)
    waiting = list(reached)
    while waiting:
        for following in edges.get(waiting.pop(), set()) - reached:
            reached.add(following)
            waiting.append(following)
    return tuple(
        (dataset, collection)
        for dataset in datasets
        for collection in dataset.collections
        if (dataset.key, collection.name) not in reached
    )
