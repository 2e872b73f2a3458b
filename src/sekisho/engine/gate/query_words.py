"""The allow-list of a query (query.toml) as sets of node types. Refused unless listed. Source: DESIGN.md section 5."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from sqlglot import exp


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryWords:
    """What a query may be made of."""

    parts: Mapping[type[exp.Expr], frozenset[str]]  # node type -> settings it may have
    plain: frozenset[type[exp.Expr]]  # node types that may stand as they are
    aggregates: frozenset[type[exp.Expr]]
    join_kinds: frozenset[str]
    join_sides: frozenset[str]
    types: frozenset[str]
    group_aggregates: frozenset[type[exp.Expr]]
    group_arguments: frozenset[type[exp.Expr]]
    characters: int
    tokens: int
    depth: int


@cache
def query_words() -> QueryWords:
    """query.toml, read once."""
    said = tomllib.loads(resources.files("sekisho.engine.gate").joinpath("query.toml").read_text(encoding="utf-8"))
    return QueryWords(
        parts={_node(name): frozenset(settings) for name, settings in said["parts"].items()},
        plain=frozenset(_node(name) for names in said["plain"].values() for name in names),
        aggregates=frozenset({*map(_node, said["plain"]["aggregates"]), exp.Count}),
        join_kinds=frozenset(said["kinds"]["join_kind"]),
        join_sides=frozenset(said["kinds"]["join_side"]),
        types=frozenset(said["kinds"]["types"]),
        group_aggregates=frozenset(map(_node, said["groups"]["aggregates"])),
        group_arguments=frozenset(map(_node, said["groups"]["arguments"])),
        **said["limits"],
    )


def _node(name: str) -> type[exp.Expr]:
    found: type[exp.Expr] = getattr(exp, name)
    return found
