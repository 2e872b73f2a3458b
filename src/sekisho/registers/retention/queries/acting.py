"""Whether whoever is named works here, and may approve: asked of the people register, never of what was typed."""

import tomllib
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.registers.people import queries as people
from sekisho.registers.policies import queries as policies
from sekisho.registers.retention.rules import ROOM

MACHINE = "system"  # the people register's employment of what is no person


def require_actor(by: str, at: datetime) -> None:
    """Refuse a name the people register does not know, or who does not work here on that Tokyo day.

    Raises: retention.unknown-actor, retention.actor-not-active.
    """
    on = tokyo_date(at)
    standing = people.standing_of(by, on, policies.in_force(at))
    if not standing.known:
        raise SekishoError("retention.unknown-actor", room=ROOM, by=by, may=_told(at))
    if not standing.active:
        raise SekishoError("retention.actor-not-active", room=ROOM, by=by, on=on.isoformat())


def require_approver(by: str, at: datetime) -> None:
    """Refuse an approval by anybody but a person who works here that day and whose role may approve erasures.

    A reference is matched as it is written: another spelling is unknown, so two approvals are two people.
    Raises: retention.unknown-approver, retention.approver-not-active, retention.approver-may-not.
    """
    on = tokyo_date(at)
    standing = people.standing_of(by, on, policies.in_force(at))
    if not standing.known:
        raise SekishoError("retention.unknown-approver", room=ROOM, by=by, may=_told(at))
    if not standing.active:
        raise SekishoError("retention.approver-not-active", room=ROOM, by=by, on=on.isoformat(), may=_told(at))
    if standing.role not in approving_roles() or standing.employment == MACHINE:
        raise SekishoError("retention.approver-may-not", room=ROOM, by=by, role=standing.role, may=_told(at))


def require_authorities_desk(by: str, at: datetime) -> None:
    """Refuse whoever is not of the authorities desk that day. Raises: retention.authorities-desk-only."""
    if not is_authorities_desk(by, at):
        desk = [one.ref for one in people.everyone(tokyo_date(at)) if is_authorities_desk(one.ref, at)]
        raise SekishoError("retention.authorities-desk-only", room=ROOM, by=by, may=", ".join(desk) or "-")


def is_authorities_desk(by: str, at: datetime) -> bool:
    """Whether somebody may know of what an authority asked in confidence."""
    standing = people.standing_of(by, tokyo_date(at), policies.in_force(at))
    return standing.known and standing.active and standing.role in _limits()["authorities"]["roles"]


def review_after() -> str:
    """After how long a hold without a last day is looked at again: `limits.toml`."""
    return str(_limits()["holds"]["review"])


def general_kind(ground: str) -> str:
    """The kind of hold meant where only the ground is named; empty for a ground that has none."""
    kinds: dict[str, str] = _limits()["holds"]["general"]
    return kinds.get(ground, "")


def approvers(at: datetime) -> tuple[str, ...]:
    """References of everybody who may approve on that day."""
    staff = people.everyone(tokyo_date(at))
    return tuple(one.ref for one in staff if one.role in approving_roles() and one.employment != MACHINE)


def approving_roles() -> frozenset[str]:
    """The roles that may approve an erasure or a hold: `limits.toml`."""
    return frozenset(_limits()["approving"]["roles"])


def endings() -> frozenset[str]:
    """Events whose absence says that the person is still in a relation with the carrier: `limits.toml`."""
    return frozenset(_limits()["standing"]["endings"])


def _told(at: datetime) -> str:
    return ", ".join(approvers(at)) or "-"


@cache
def _limits() -> dict[str, Any]:
    text = resources.files("sekisho.registers.retention").joinpath("limits.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
