"""Whom an ask is about: by reference, or by an identifier and the instant it tells of."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from sekisho.engine.catalog.vocabulary import IDENTIFIER_KINDS
from sekisho.evidence.reading import read
from sekisho.registers.decisions.queries.resource import instant_of
from sekisho.registers.identities import queries as identities

NOBODY = "unknown"  # a reference that no register knows: the gate refuses it


def person_at(address: object) -> str:
    """The person behind `"ref"`, `{"person": ref}` or `{"number": …, "at": …}` (any kind of identifier).

    Numbers are recycled, so a number without an instant is anybody's: unknown. So are two holders at one instant.
    """
    return _person(address, identities.person_of)


def named_by(address: object) -> tuple[str, str] | None:
    """The identifier an address names, as (kind, value); None where it names none, or needs none to be looked up."""
    named = [(kind, value) for kind, value in _members(address) if kind not in ("at", "person")]
    return named[0] if len(named) == 1 and named[0][0] in IDENTIFIER_KINDS else None


def people_at(addresses: Iterable[object]) -> Callable[[object], str]:
    """`person_at` for many addresses, looked up together."""
    values: dict[str, set[str]] = {}
    for named in map(named_by, addresses):
        if named is not None:
            values.setdefault(named[0], set()).add(named[1])
    arms = {kind: identities.holders_arm(kind) for kind in values}
    rows = read([(arms[kind], sorted(values[kind])) for kind in arms]) if arms else {}
    held = {kind: identities.holders_in(rows[arm.name]) for kind, arm in arms.items()}
    return lambda address: _person(
        address, lambda kind, value, at: identities.holder_at(held.get(kind, {}).get(value, ()), at)
    )


def _person(address: object, holder: Callable[[str, str, datetime | None], str | None]) -> str:
    if isinstance(address, str):
        return address or NOBODY
    if not isinstance(address, Mapping):
        return NOBODY
    if isinstance(address.get("person"), str):
        return str(address["person"]) or NOBODY
    at = instant_of(address.get("at"))
    named = [(kind, value) for kind, value in _members(address) if kind != "at"]
    if len(named) != 1 or (named[0][0] == "number" and at is None):
        return NOBODY
    return holder(named[0][0], named[0][1], at) or NOBODY


def _members(address: object) -> list[tuple[str, str]]:
    if not isinstance(address, Mapping):
        return []
    return [(str(kind), value) for kind, value in address.items() if isinstance(value, str)]
