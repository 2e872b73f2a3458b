"""Other vocabularies' words for ours, out of `vocabularies.toml`: fideslang's categories, the Data Privacy Vocabulary's terms."""

import tomllib
from collections.abc import Container, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

PACKAGE = "sekisho.registers.datamap.rules"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fides:
    """fideslang's categories and types, and which of our items they mean."""

    source: str
    version: str
    personal: str
    not_personal: str
    roots: tuple[str, ...]
    types: Mapping[str, str]
    written: Mapping[str, str]
    identities: Mapping[str, str]
    items: Mapping[str, str]
    categories: Mapping[str, tuple[str, ...]]

    def category(self, item: str) -> str:
        """The category of an item: its own, its class's, or the broadest."""
        return self.items.get(item) or self.items.get(item.split(".", 1)[0]) or self.personal

    def item(self, category: str, known: Container[str]) -> str | None:
        """The item a category means, among those the policy knows; None where none does."""
        while category:
            for item in self.categories.get(category, ()):
                if item in known:
                    return item
            category = category.rpartition(".")[0]
        return None

    def identity(self, kind: str) -> str:
        """What fideslang calls our kind of identifier."""
        return next((theirs for theirs, ours in self.identities.items() if ours == kind), kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dpv:
    """Terms of the Data Privacy Vocabulary, as compact IRIs."""

    source: str
    version: str
    context: Mapping[str, str]
    items: Mapping[str, str]
    natures: Mapping[str, str]
    ways_out: Mapping[str, str]
    subjects: Mapping[str, str]

    def item(self, item: str) -> str | None:
        """The term for an item, or for its class; None where there is none."""
        return self.items.get(item) or self.items.get(item.split(".", 1)[0])


@cache
def fides() -> Fides:
    """fideslang, as this version reads it."""
    said = dict(_file()["fides"])
    said["categories"] = {key: tuple(items) for key, items in said["categories"].items()}
    return Fides(**said | {"roots": tuple(said["roots"])})


@cache
def dpv() -> Dpv:
    """The Data Privacy Vocabulary, as this version reads it."""
    return Dpv(**_file()["dpv"])


def _file() -> Mapping[str, Any]:
    return tomllib.loads(resources.files(PACKAGE).joinpath("vocabularies.toml").read_text(encoding="utf-8"))
