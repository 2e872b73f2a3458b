"""What a policy really allows: uses and ways out with everything prohibited taken away."""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from sekisho.engine.policy.model import Policy, Prohibition
from sekisho.engine.policy.resolve import expand

Held = Mapping[str, tuple[str, ...]]  # class -> fields, both in the order the policy lists them


def allowed(
    policy: Policy, purpose: str, of: Iterable[str], items: Iterable[str]
) -> Iterator[tuple[tuple[str, ...], Held]]:
    """Groups of people with the same data: `(kinds of person, class -> fields)`, prohibited fields left out."""
    groups: dict[tuple[tuple[str, tuple[str, ...]], ...], list[str]] = {}
    wanted = list(items)
    for kind in of:
        held: dict[str, list[str]] = {}
        for item in wanted:
            for name, field, _ in expand(item, policy.classes):
                if kind in policy.classes[name].of and not is_prohibited(policy, purpose, name, field, kind):
                    fields = held.setdefault(name, [])
                    if field not in fields:
                        fields.append(field)
        if held:
            groups.setdefault(tuple((name, tuple(fields)) for name, fields in held.items()), []).append(kind)
    for key, kinds in groups.items():
        yield tuple(kinds), dict(key)


def is_prohibited(policy: Policy, purpose: str, name: str, field: str, kind: str) -> bool:
    """Whether a prohibition rules out this field of this kind of person for this purpose."""
    return any(_covers(rule, purpose, f"{name}.{field}", kind) for rule in policy.prohibitions)


@lru_cache(maxsize=4096)
def _items(items: tuple[str, ...]) -> frozenset[str]:
    return frozenset(items)


def _covers(rule: Prohibition, purpose: str, item: str, kind: str) -> bool:
    if rule.purpose not in ("*", purpose) or (rule.of and kind not in rule.of):
        return False
    items = _items(rule.items)
    return item in items or item.partition(".")[0] in items
