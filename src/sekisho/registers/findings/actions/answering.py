"""Answering an alarm: what stands there belongs into the map as this item, or it is nothing, for this reason."""

import hashlib
from datetime import datetime
from uuid import uuid4

from sekisho.engine.errors import SekishoError
from sekisho.evidence.actions import append
from sekisho.evidence.writing import writing
from sekisho.registers.findings import queries
from sekisho.registers.findings.models import FindingAnswer
from sekisho.registers.findings.rules.limits import ROOM
from sekisho.registers.findings.rules.standing import Place
from sekisho.registers.policies import queries as policies


def accept(*, place: str, item: str, at: datetime, acting_user: str) -> str:
    """Say that the place belongs into the map as `item`; returns the answer's reference.

    It stays an alarm until a map that says so has been adopted: the map is a document, `queries.patch` is for it.
    Evidence: `findings.accepted`. Raises: findings.no-such-place, findings.unknown-item.
    """
    if item not in queries.items_of(policies.in_force(at)):
        raise SekishoError("findings.unknown-item", room=ROOM, item=item)
    return _answer(queries.place(place), is_accepted=True, item=item, reason="", at=at, by=acting_user)


def dismiss(*, place: str, reason: str, at: datetime, acting_user: str) -> str:
    """Say that it is nothing, and why. It holds as long as the rules that found it are the same.

    Evidence: `findings.dismissed`, with a digest of the reason. Raises: findings.no-such-place, findings.no-reason.
    """
    if not reason.strip():
        raise SekishoError("findings.no-reason", room=ROOM)
    return _answer(queries.place(place), is_accepted=False, item="", reason=reason.strip(), at=at, by=acting_user)


def _answer(place: Place, *, is_accepted: bool, item: str, reason: str, at: datetime, by: str) -> str:
    ref, rules = f"answer-{uuid4().hex[:12]}", {one.type: one.rule for one in place.found}
    body = {
        "answer": ref,
        "place": place.name,
        "item": item,
        "rules": rules,
        "reason_sha256": hashlib.sha256(reason.encode()).hexdigest() if reason else "",
        "by": by,
    }
    with writing():
        FindingAnswer.objects.create(
            ref=ref,
            system=place.system,
            table=place.table,
            column=place.column,
            is_accepted=is_accepted,
            item=item,
            reason=reason,
            rules=rules,
            by=by,
            at=at,
        )
        append(kind="findings.accepted" if is_accepted else "findings.dismissed", body=body, at=at)
    return ref
