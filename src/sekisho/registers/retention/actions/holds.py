"""Placing a hold and releasing it."""

import uuid
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction

from sekisho.engine.erasure.floors import grounds_in_force
from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.evidence.actions import append
from sekisho.registers.policies import queries as policies
from sekisho.registers.retention.models import Hold, RetainedItem
from sekisho.registers.retention.queries.acting import require_actor, require_approver
from sekisho.registers.retention.queries.asking import law_on
from sekisho.registers.retention.rules import ROOM


def place_hold(
    *,
    ground: str,
    source: str,
    placed_on: date,
    until: date | None,
    at: datetime,
    acting_user: str,
    approved_by: str,
    person: str = "",
    system: str = "",
    table: str = "",
    items: Iterable[str] = (),
    review_on: date | None = None,
    is_confidential: bool = False,
) -> str:
    """Stop erasure on a ground this policy promises (or law commands); returns the hold's reference.

    Evidence: `retention.hold-placed`, without whose it is. Raises: retention.ground-not-promised,
    retention.same-approver, and what `require_actor` and `require_approver` refuse.
    Source: telecom guideline 10(1) (2017) / 11(1) (2022).
    """
    if ground not in grounds_in_force(policies.in_force(at), law_on(tokyo_date(at))):
        raise SekishoError("retention.ground-not-promised", room=ROOM, ground=ground)
    if approved_by == acting_user:
        raise SekishoError("retention.same-approver", room=ROOM, plan="-", by=approved_by)
    require_actor(acting_user, at)
    require_approver(approved_by, at)
    ref = f"hold-{uuid.uuid4().hex[:12]}"
    with transaction.atomic():
        Hold.objects.create(
            ref=ref,
            ground=ground,
            source=source,
            person_ref=person,
            system=system,
            table=table,
            items=list(items),
            placed_on=placed_on,
            until=until,
            review_on=review_on,
            placed_by=acting_user,
            approved_by=approved_by,
            is_confidential=is_confidential,
        )
        body = {"hold": ref, "ground": ground, "by": acting_user, "approved_by": approved_by}
        append(kind="retention.hold-placed", body=body, at=at)
    return ref


def release_hold(*, hold: str, at: datetime, acting_user: str) -> None:
    """End a hold. What it kept of erased people comes back into the queue today.

    Evidence: `retention.hold-released`. Raises: retention.unknown-hold.
    """
    with transaction.atomic():
        row = Hold.objects.select_for_update().filter(ref=hold, released_at=None).first()
        if row is None:
            raise SekishoError("retention.unknown-hold", room=ROOM, hold=hold)
        row.released_at = at
        row.save(update_fields=["released_at"])
        waiting = RetainedItem.objects.filter(rule="hold", released_at=None)
        if row.person_ref:
            waiting = waiting.filter(plan__person_ref=row.person_ref)
        requeued = waiting.update(until=tokyo_date(at) - timedelta(days=1))
        body = {"hold": hold, "requeued": requeued, "by": acting_user}
        append(kind="retention.hold-released", body=body, at=at)
