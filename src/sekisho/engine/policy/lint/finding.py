"""How a finding is made: its place from the policy, its source from the law packs."""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

from sekisho.engine.errors import Fault, SekishoError, Severity
from sekisho.engine.law.pack import Law
from sekisho.engine.policy.model import Policy

ROOM = "sekisho.engine.policy.lint"
Rule = Callable[[Policy, Law], Iterator[Fault]]


def finding(
    policy: Policy,
    law: Law,
    code: str,
    path: str,
    *,
    source: str,
    clause: str = "",
    severity: Severity = Severity.WARNING,
    **values: object,
) -> Fault:
    """A finding at a dotted path. `source` is a key for Law.cite, or words where no article says it."""
    return Fault(
        code=code,
        place=policy.place(path),
        room=ROOM,
        severity=severity,
        clause=clause,
        source=cited(policy, law, source),
        values={key: str(value) for key, value in values.items()},
    )


def cited(policy: Policy, law: Law, source: str) -> str:
    """The citation in words, in the edition the policy follows where it follows one that has the entry."""
    norm = source.partition(".")[0]
    if norm not in law.norms:
        return source
    edition = next((row.edition for row in policy.norms if row.id == norm), None)
    try:
        return law.cite(source, edition).text()
    except SekishoError:
        return law.cite(source).text()


@cache
def wording() -> Mapping[str, Any]:
    """Patterns of Japanese wording the rules look for."""
    return tomllib.loads(resources.files(ROOM).joinpath("wording.toml").read_text(encoding="utf-8"))
