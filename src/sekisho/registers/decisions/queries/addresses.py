"""Whom an ask is about: by reference, or by an identifier and the instant it tells of."""

from collections.abc import Mapping

from sekisho.registers.decisions.queries.resource import instant_of
from sekisho.registers.identities import queries as identities

NOBODY = "unknown"  # a reference that no register knows: the gate refuses it


def person_at(address: object) -> str:
    """The person behind `"ref"`, `{"person": ref}` or `{"number": …, "at": …}` (any kind of identifier).

    Numbers are recycled, so a number without an instant is anybody's: unknown. So are two holders at one instant.
    """
    if isinstance(address, str):
        return address or NOBODY
    if not isinstance(address, Mapping):
        return NOBODY
    if isinstance(address.get("person"), str):
        return str(address["person"]) or NOBODY
    at = instant_of(address.get("at"))
    named = [(kind, value) for kind, value in address.items() if kind != "at" and isinstance(value, str)]
    if len(named) != 1 or (named[0][0] == "number" and at is None):
        return NOBODY
    return identities.person_of(named[0][0], named[0][1], at) or NOBODY
