"""Verifying an erasure by the independent reader, and writing down what it saw."""

from datetime import datetime

from django.db import transaction

from sekisho.engine.erasure.plan import Step, StepKind
from sekisho.evidence.actions import append
from sekisho.registers.datamap import queries as datamap_queries
from sekisho.registers.retention import rules
from sekisho.registers.retention.actions import sealing
from sekisho.registers.retention.models import ErasurePlan, ErasureStep, RetainedItem
from sekisho.registers.retention.queries.checking import PRODUCT, Check, check
from sekisho.registers.retention.queries.narrowing import as_held_now
from sekisho.registers.retention.queries.plans import row_of
from sekisho.registers.retention.queries.promised import with_promises
from sekisho.registers.retention.rules import RETRY_AFTER, PlanStatus, StepStatus


def verify_plan(*, plan: str, at: datetime, acting_user: str) -> PlanStatus:
    """Look for what is left of the person in every store; what is found or unread makes it 一部未了.

    Evidence: `retention.erasure-verified` or `retention.erasure-partly`, with counts and places.
    Raises: retention.wrong-state, retention.seal-lost.
    """
    row = row_of(plan)
    if row.status not in {PlanStatus.DONE.value, PlanStatus.VERIFIED.value}:
        raise rules.wrong_state(plan, row.status, PlanStatus.VERIFIED)
    target = as_held_now(sealing.unseal(plan, row.sealed))
    kept = RetainedItem.objects.filter(plan=row, released_at=None).values_list("system", "table").distinct()
    datamap = datamap_queries.current()
    steps = [Step.of_json(one.spec) for one in row.steps.order_by("ordinal")]
    found = with_promises(check(target, datamap, kept), datamap, steps)
    return _write(plan, found, at, acting_user)


def _do_again(row: ErasurePlan, found: Check) -> None:
    """What was found again is erased again: the steps of that system, its purge too; in ours, copies and register."""
    for place in found.places:
        if place.residue:
            steps = ErasureStep.objects.filter(plan=row, spec__system=place.id, status=StepStatus.DONE.value)
            if place.id.startswith(PRODUCT):
                own = [StepKind.COPIES.value, StepKind.FORGET.value]
                steps = ErasureStep.objects.filter(plan=row, spec__kind__in=own)
            steps.update(status=StepStatus.PENDING.value)


def _write(plan: str, found: Check, at: datetime, acting_user: str) -> PlanStatus:
    why = (["retention.residue-found"] if found.residue else []) + (["retention.not-read"] if found.unread else [])
    status = PlanStatus.PARTLY if why else PlanStatus.VERIFIED
    with transaction.atomic():
        row = ErasurePlan.objects.select_for_update().get(pk=row_of(plan).pk)
        if row.status != status.value:
            rules.require_transition(plan, row.status, status)
        row.status, row.why = status.value, why
        row.verification = found.as_json() | {"at": at.isoformat()}
        row.retry_at = at + RETRY_AFTER if why else None
        row.save(update_fields=["status", "why", "verification", "retry_at"])
        _do_again(row, found)
        body = {
            "plan": plan,
            "needles": found.needles,
            "variants": found.variants,
            "places": [[place.id, place.found, place.allowed, len(place.residue)] for place in found.places],
            "unread": list(found.unread),
            "by": acting_user,
        }
        append(kind=f"retention.erasure-{status.value}", body=body, at=at)
    return status
