"""Whether whoever is named works here, and may approve a list: asked of the people register."""

from datetime import datetime

from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.registers.lists.rules import ROOM, limits
from sekisho.registers.people import queries as people
from sekisho.registers.policies import queries as policies

MACHINE = "system"  # the people register's employment of what is no person


def require_actor(by: str, at: datetime) -> None:
    """Refuse whoever the people register does not know, or who does not work here that Tokyo day. Raises: lists.unknown-actor."""
    standing = people.standing_of(by, tokyo_date(at), policies.in_force(at))
    if not standing.known or not standing.active:
        raise SekishoError("lists.unknown-actor", room=ROOM, by=by)


def require_approver(by: str, at: datetime, *, built_by: str) -> None:
    """Refuse an approval by anybody but a second person whose role may. Raises: lists.same-person, lists.approver-may-not."""
    standing = people.standing_of(by, tokyo_date(at), policies.in_force(at))
    may = standing.known and standing.active and standing.role in limits().approving and standing.employment != MACHINE
    if not may:
        raise SekishoError("lists.approver-may-not", room=ROOM, by=by, may=", ".join(approvers(at)) or "-")
    if by == built_by:
        raise SekishoError("lists.same-person", room=ROOM, by=by)


def approvers(at: datetime) -> tuple[str, ...]:
    """References of everybody who may approve on that day."""
    staff = people.everyone(tokyo_date(at))
    return tuple(one.ref for one in staff if one.role in limits().approving and one.employment != MACHINE)
