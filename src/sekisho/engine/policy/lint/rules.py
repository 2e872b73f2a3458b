"""All findings of the linter, in the order they are looked for."""

from collections.abc import Callable, Iterator

from sekisho.engine.errors import Fault
from sekisho.engine.law.pack import Law
from sekisho.engine.policy.model import Policy

Rule = Callable[[Policy, Law], Iterator[Fault]]
RULES: tuple[Rule, ...] = ()


def lint(policy: Policy, law: Law) -> tuple[Fault, ...]:
    """Every finding, in document order."""
    found = [fault for rule in RULES for fault in rule(policy, law)]
    return tuple(sorted(found, key=lambda fault: (fault.place.path, fault.place.line, fault.place.column)))
