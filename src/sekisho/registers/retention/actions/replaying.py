"""After a restore: what was decided since the backup holds again, without being decided anew.

An erasure that two people approved and that was carried out is carried out again on what the backup brought back. Its
authority is the entries of the ledger, which the caller has checked; a plan approved in the backup but used, withdrawn
or overtaken since is no longer good for anything.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from sekisho.evidence.actions import append
from sekisho.registers.identities import actions as identities
from sekisho.registers.retention import rules
from sekisho.registers.retention.actions import sealing
from sekisho.registers.retention.actions.confiding import append_sealed
from sekisho.registers.retention.models import ErasurePlan, Hold
from sekisho.registers.retention.queries.plans import row_of
from sekisho.registers.retention.queries.replaying import hold_columns
from sekisho.registers.retention.rules import REPLAYED, PlanStatus

__all__ = ["REPLAYED", "approve_replay", "restore_hold", "retire_plan"]


def approve_replay(*, plan: str, earlier: str, entries: tuple[str, ...], at: datetime, acting_user: str) -> None:
    """Approve the plan of a replay by what was approved before. A repeat is a no-op.

    `entries`: where the ledger shows that `earlier` was approved and that the person was forgotten.
    Evidence: `retention.plan-replayed`. Raises: retention.wrong-state for any other plan.
    """
    with transaction.atomic():
        row = ErasurePlan.objects.select_for_update().get(pk=row_of(plan).pk)
        if row.reason != f"{REPLAYED}{earlier}" or not entries:
            raise rules.wrong_state(plan, row.status, PlanStatus.APPROVED)
        if row.status != PlanStatus.PROPOSED.value:
            return
        rules.require_transition(plan, row.status, PlanStatus.APPROVED)
        row.status, row.hold_until = PlanStatus.APPROVED.value, at
        row.save(update_fields=["status", "hold_until"])
        identities.suppress(person=row.person_ref, reason="erasure", at=at, acting_user=acting_user)
        body = {"plan": plan, "earlier": earlier, "entries": list(entries), "by": acting_user}
        append(kind="retention.plan-replayed", body=body, at=at)


def retire_plan(*, plan: str, why: str, at: datetime, acting_user: str) -> None:
    """End a plan of the backup that was used, withdrawn or overtaken since: its approvals open nothing any more.

    A repeat is a no-op. Evidence: `retention.plan-retired`.
    """
    with transaction.atomic():
        row = ErasurePlan.objects.select_for_update().get(pk=row_of(plan).pk)
        if row.status in {PlanStatus.CERTIFIED.value, PlanStatus.WITHDRAWN.value}:
            return
        # Whatever state the backup caught it in: it is not carried on from there.
        row.status, row.sealed, row.retry_at = PlanStatus.WITHDRAWN.value, None, None
        row.save(update_fields=["status", "sealed", "retry_at"])
        append(kind="retention.plan-retired", body={"plan": plan, "why": why, "by": acting_user}, at=at)
    sealing.destroy_key(plan)


def restore_hold(
    *, hold: str, written: Mapping[str, Any], at: datetime, acting_user: str, is_over: bool = False
) -> bool:
    """Write a hold down again that the backup does not have, as ended where it was; returns whether anything changed.

    Its authority is the ledger's, so no desk is asked. Evidence: `retention.sealed`.
    """
    with transaction.atomic():
        row = Hold.objects.filter(ref=hold).first()
        is_ended = row is not None and (row.released_at is not None or row.ended_at is not None)
        if (row is None and not written) or is_ended:
            return False
        if row is None:
            row = Hold(ref=hold, **hold_columns(written))
        elif not is_over and not _extended(row, hold_columns(written)):
            return False
        if is_over:
            row.released_at, row.released_by = row.released_at or at, acting_user
        row.save()
        opening = append_sealed("restored", {"hold": hold, "is_over": is_over, "by": acting_user}, at)
        row.opened = [*row.opened, opening]
        row.save(update_fields=["opened"])
    return True


def _extended(row: Hold, written: Mapping[str, Any]) -> bool:
    """Whether the hold stood longer than the backup knows; then it does again."""
    until, source = written.get("until", row.until), written.get("source", row.source)
    is_longer = row.until is not None and (until is None or until > row.until)
    if is_longer:
        row.until, row.source = until, source
    return is_longer
