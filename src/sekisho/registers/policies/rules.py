"""Which version governs, whether a document may be adopted, and what the request desk may charge under it."""

from collections.abc import Sequence
from datetime import date

from sekisho.engine.errors import SekishoError
from sekisho.engine.policy.model import Policy

ROOM = "sekisho.registers.policies"


def in_force(history: Sequence[Policy], on: date) -> Policy:
    """The latest version whose first day is not after `on` (Asia/Tokyo).

    Raises: policies.none-in-force.
    """
    begun = [policy for policy in history if policy.in_force_from and policy.in_force_from <= on]
    if not begun:
        raise SekishoError("policies.none-in-force", room=ROOM, on=on)
    return max(begun, key=lambda policy: policy.in_force_from or date.min)


def require_adoptable(policy: Policy, *, published_sha256: str | None, may_correct: bool) -> date:
    """The first day of a document that may be adopted: it has one, and changes no version already published.

    Raises: policies.no-effective-date, policies.version-published.
    """
    if policy.in_force_from is None:
        raise SekishoError("policies.no-effective-date", room=ROOM, policy=policy.era)
    if published_sha256 not in (None, policy.sha256) and not may_correct:
        raise SekishoError("policies.version-published", room=ROOM, policy=policy.era)
    return policy.in_force_from
