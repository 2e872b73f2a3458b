"""Conditions of the policy as tests on attributes. The language is engine.policy.expression's; three-valued as SQL."""

from collections.abc import Callable, Mapping
from datetime import date

from sekisho.engine.errors import DocumentRefused
from sekisho.engine.policy.expression import evaluate, names, parse
from sekisho.engine.policy.expression_tree import Expr, Kind


def read(source: str, types: Mapping[str, Kind]) -> Expr:
    """The condition, typed. Names of another version that this one types otherwise are left untyped."""
    try:
        return parse(source, types)
    except DocumentRefused:
        return parse(source)


def test_of(expression: Expr) -> Callable[[Mapping[str, object], date], bool | None]:
    """A test of attributes on a Tokyo date: True, False, or None where a name in it is unknown."""

    def test(attributes: Mapping[str, object], today: date) -> bool | None:
        return evaluate(expression, attributes, today)

    return test


def keys_of(expression: Expr) -> tuple[str, ...]:
    """The keys of an ask that would tell the names in a condition: who asks, who receives, else keys of `resource`."""
    found = []
    for name in names(expression):
        owner, _, rest = name.path.partition(".")
        found.append(
            owner if owner in ("actor", "recipient") else f"resource.{rest if owner == 'resource' else name.path}"
        )
    return tuple(dict.fromkeys(found))
