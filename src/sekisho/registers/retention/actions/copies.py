"""Copies of the stores that rooms above keep: erasure reaches them through what the assembly names.

Retention knows no room above it. `settings.COPIES_OF_STORES` names modules with `copies_of(person)`,
`drop_for(person=, at=)` and `drop_of(tables=, at=)`, each of which may be repeated. Why: docs/decisions/0010-copies-are-reached-by-name.md.
"""

from collections.abc import Iterable
from datetime import datetime
from importlib import import_module

from django.conf import settings


def held(person: str) -> tuple[str, ...]:
    """The copies that hold a person, as room and reference: `lists:list-1`."""
    found: list[str] = []
    for name in settings.COPIES_OF_STORES:
        module = import_module(name)
        room = name.removesuffix(".actions").rpartition(".")[2]
        found += [f"{room}:{ref}" for ref in module.copies_of(person)]
    return tuple(found)


def let_go_of(person: str, at: datetime) -> None:
    """Every copy that holds this person goes before the stores are touched."""
    for name in settings.COPIES_OF_STORES:
        import_module(name).drop_for(person=person, at=at)


def let_go_of_tables(tables: Iterable[tuple[str, str]], at: datetime) -> None:
    """Every copy of these tables goes: rows that were erased in them may stand there."""
    told = frozenset(tables)
    for name in settings.COPIES_OF_STORES:
        import_module(name).drop_of(tables=told, at=at)
