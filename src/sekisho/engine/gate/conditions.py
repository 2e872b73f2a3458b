"""Conditions of the policy as tests on attributes. The language is engine.policy.expression's; three-valued as SQL."""

from collections.abc import Callable, Mapping
from datetime import date


def test_of(source: str) -> Callable[[Mapping[str, object], date], bool | None]:
    """A test of attributes on a Tokyo date: True, False, or None where a name in it is unknown."""
    from sekisho.engine.policy.expression import evaluate, parse

    expression = parse(source)

    def test(attributes: Mapping[str, object], today: date) -> bool | None:
        return evaluate(expression, attributes, today)

    return test


def keys_of(source: str) -> tuple[str, ...]:
    """The keys of an ask that would tell the names in a condition: who asks, who receives, else keys of `resource`."""
    from sekisho.engine.policy.expression import names, parse

    found = []
    for name in names(parse(source)):
        owner, _, rest = name.path.partition(".")
        found.append(
            owner if owner in ("actor", "recipient") else f"resource.{rest if owner == 'resource' else name.path}"
        )
    return tuple(dict.fromkeys(found))
