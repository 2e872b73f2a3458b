"""Proposing, approving and withdrawing the erasure of one person."""

import uuid
from datetime import datetime, timedelta

from django.db import transaction

from sekisho.engine.erasure.due import NotDue
from sekisho.engine.erasure.plan import Plan
from sekisho.engine.erasure.plan import plan as make_plan
from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.evidence.actions import append
from sekisho.registers.contractors import queries as contractors
from sekisho.registers.datamap import queries as datamap_queries
from sekisho.registers.identities import actions as identities
from sekisho.registers.identities import queries as identity_queries
from sekisho.registers.policies import queries as policies
from sekisho.registers.retention import rules
from sekisho.registers.retention.actions import copies, sealing
from sekisho.registers.retention.models import Approval, ErasurePlan, ErasureStep, RetainedItem
from sekisho.registers.retention.queries.acting import endings, require_approver
from sekisho.registers.retention.queries.asking import law_on
from sekisho.registers.retention.queries.holding import has_new_hold, holds_of
from sekisho.registers.retention.queries.locating import locate
from sekisho.registers.retention.queries.narrowing import as_held_now, is_outgrown
from sekisho.registers.retention.queries.plans import row_of
from sekisho.registers.retention.queries.target import Target, target_of
from sekisho.registers.retention.rules import ROOM, UNCLEAR, PlanStatus

REQUEUED = "requeued:"  # reason of a plan for what an earlier one had to leave


def propose_plan(*, person: str, reason: str, at: datetime, acting_user: str, asked_by: str = "") -> str:
    """Look for the person in all systems and write the plan down; returns its reference.

    `reason`: a code or a file number, never a name. `asked_by`: who asked for it, where somebody did: the person, or
    until they come of age whoever acts for them (APPI 37(3), Order 13). Evidence: `retention.plan-proposed` with the
    plan's hash and whether the person or their guardian asked. Raises: retention.unknown-person,
    retention.already-planned, retention.personal-reason, retention.may-not-ask, and what a store refuses is in the plan
    as unknown.
    """
    rules.require_impersonal(reason, code="retention.personal-reason")
    _require_plannable(person, again=False)
    if not identity_queries.is_person(person):
        raise SekishoError("retention.unknown-person", room=ROOM, person=person)
    asking = _asking(person, asked_by, at)
    target = target_of(person)  # may hold nothing rows are found by: who only stands in contract for others' lines
    ref = _new_ref()
    made = _made(ref, target, at)
    sealed = sealing.seal(ref, target)
    with transaction.atomic():
        _require_plannable(person, again=False)
        _write(ref, made, sealed, reason=reason, at=at, acting_user=acting_user, asking=asking)
    return ref


def _asking(person: str, asked_by: str, at: datetime) -> str:
    """Whether the person asked or their guardian; empty where nobody did. Raises: retention.may-not-ask."""
    if not asked_by:
        return ""
    if asked_by not in {person, identity_queries.guardian_of(person, at)}:
        raise SekishoError("retention.may-not-ask", room=ROOM, person=person, by=asked_by)
    return "person" if asked_by == person else "guardian"


def requeue_plan(*, plan: str, at: datetime, acting_user: str) -> str | None:
    """Plan anew what a certified erasure had to leave, once any of it may go; None while all of it must stay.

    The new plan needs two approvals like any other. It takes the seal over; the old one's dies.
    Evidence: `retention.plan-proposed`. Raises: retention.seal-lost, retention.already-planned.
    """
    row = row_of(plan)
    waiting = RetainedItem.objects.filter(plan=row, released_at=None)
    if row.status != PlanStatus.CERTIFIED.value or not waiting.exists():
        return None
    _require_plannable(row.person_ref, again=True)
    target, ref = as_held_now(sealing.unseal(plan, row.sealed)), _new_ref()
    made = _made(ref, target, at)
    if sum(one.count for one in made.retained) >= sum(waiting.values_list("rows", flat=True)):
        sealing.destroy_key(ref)
        return None
    sealed = sealing.seal(ref, target)
    with transaction.atomic():
        _write(ref, made, sealed, reason=f"{REQUEUED}{plan}", at=at, acting_user=acting_user)
        waiting.update(released_at=at)
        row.sealed = None
        row.save(update_fields=["sealed"])
    sealing.destroy_key(plan)
    return ref


def _new_ref() -> str:
    return f"erase-{uuid.uuid4().hex[:12]}"


def _made(ref: str, target: Target, at: datetime) -> Plan:
    on = tokyo_date(at)
    datamap = datamap_queries.current()
    found = locate(datamap, target.held)
    made, unreached = _copies(target.person)
    return make_plan(
        datamap,
        policies.in_force(at),
        law_on(on),
        target.person,
        target.kinds,
        target.held,
        found.located,
        holds_of(target.person, on, with_confidential=True),
        on=on,
        target=sealing.commit(ref, target),
        unreadable=(*found.unreadable, *unreached, *_unclear(target.person)),
        endings=endings(),
        links=found.links,
        copies=made,
        contractors=contractors.holders(target.kinds, on),
    )


def _unclear(person: str) -> tuple[NotDue, ...]:
    """Times for which nobody knows whose a line was: what it holds of them stays until the register knows."""
    return tuple(
        NotDue(
            item="",
            code=UNCLEAR,
            values={
                "since": tokyo_date(one.since).isoformat() if one.since else "—",
                "until": tokyo_date(one.until).isoformat(),
            },
        )
        for one in identity_queries.unclear_of(person)
    )


def _copies(person: str) -> tuple[tuple[str, ...], tuple[NotDue, ...]]:
    """What we ourselves made; where its store can't be asked, that is said: its step asks again."""
    try:
        return copies.held(person), ()
    except SekishoError as refusal:
        values = {"system": "sekisho", "table": "", "item": "", "why": refusal.code}
        return (), (NotDue(item="", code="erasure.unreadable", values=values),)


def _write(
    ref: str, made: Plan, sealed: bytes, *, reason: str, at: datetime, acting_user: str, asking: str = ""
) -> None:
    row = ErasurePlan.objects.create(
        ref=ref,
        person_ref=made.person,
        reason=reason,
        on=made.on,
        document=made.as_json(),
        sha256=made.sha256,
        sealed=sealed,
        proposed_by=acting_user,
        proposed_at=at,
    )
    ErasureStep.objects.bulk_create(
        ErasureStep(plan=row, ordinal=step.ordinal, spec=step.as_json()) for step in made.steps
    )
    RetainedItem.objects.bulk_create(
        RetainedItem(
            plan=row,
            ordinal=ordinal,
            system=one.system,
            table=one.table,
            role=one.role,
            item=one.item,
            rule=one.rule,
            clause=one.clause,
            article=one.article,
            says=one.says,
            until=one.until,
            rows=one.count,
        )
        for ordinal, one in enumerate(made.retained, start=1)
    )
    body = {
        "plan": ref,
        "person": made.person,
        "sha256": made.sha256,
        "steps": len(made.steps),
        "retained": len(made.retained),
        "unknown": len(made.unknown),
        "by": acting_user,
    }
    append(kind="retention.plan-proposed", body=body | ({"asked_by": asking} if asking else {}), at=at)


def approve_plan(*, plan: str, sha256: str, by: str, at: datetime, hold_window: timedelta = timedelta(0)) -> PlanStatus:
    """Approve the plan whose hash was read. With the second person's approval every use of the person's data stops.

    `hold_window`: how long execution waits after that; the carrier's configuration says it, the demo's is zero.
    Evidence: `retention.plan-approved`. Raises: retention.plan-changed, retention.same-approver,
    retention.wrong-state, retention.unknown-approver, retention.approver-not-active, retention.approver-may-not.
    """
    require_approver(by, at)
    with transaction.atomic():
        row = ErasurePlan.objects.select_for_update().get(pk=row_of(plan).pk)
        if row.status != PlanStatus.PROPOSED.value:
            rules.require_transition(plan, row.status, PlanStatus.APPROVED)
        others = list(Approval.objects.filter(plan=row).values_list("by", flat=True))
        rules.require_approvable(plan, row.sha256, sha256, by, others)
        Approval.objects.create(plan=row, by=by, sha256=sha256, at=at)
        if len(others) + 1 >= rules.APPROVERS:
            row.status, row.hold_until = PlanStatus.APPROVED.value, at + hold_window
            row.save(update_fields=["status", "hold_until"])
            identities.suppress(person=row.person_ref, reason="erasure", at=at, acting_user=by)
        body = {"plan": plan, "sha256": sha256, "by": by, "approvals": len(others) + 1}
        append(kind="retention.plan-approved", body=body, at=at)
    return PlanStatus(row.status)


def withdraw_plan(*, plan: str, at: datetime, acting_user: str) -> None:
    """Give a plan up before anything was erased, or one that something has overtaken meanwhile.

    Evidence: `retention.plan-withdrawn`. Raises: retention.wrong-state, retention.only-seal.
    """
    with transaction.atomic():
        row = ErasurePlan.objects.select_for_update().get(pk=row_of(plan).pk)
        rules.require_transition(plan, row.status, PlanStatus.WITHDRAWN)
        is_partly = row.status == PlanStatus.PARTLY.value
        if is_partly and not (has_new_hold(row, at) or is_outgrown(sealing.unseal(plan, row.sealed))):
            raise rules.wrong_state(plan, row.status, PlanStatus.WITHDRAWN)
        if row.reason.startswith(REQUEUED):  # it holds the only seal over what an erasure had to leave
            raise SekishoError("retention.only-seal", room=ROOM, plan=plan)
        was_approved = row.status in {PlanStatus.APPROVED.value, PlanStatus.PARTLY.value}
        row.status, row.sealed = PlanStatus.WITHDRAWN.value, None
        row.save(update_fields=["status", "sealed"])
        if was_approved:
            identities.lift_suppression(person=row.person_ref, at=at, acting_user=acting_user)
        append(kind="retention.plan-withdrawn", body={"plan": plan, "by": acting_user}, at=at)
    sealing.destroy_key(plan)


def _require_plannable(person: str, *, again: bool) -> None:
    if not again and identity_queries.is_erased(person):
        raise SekishoError("retention.already-erased", room=ROOM, person=person)
    ended = [PlanStatus.CERTIFIED.value, PlanStatus.WITHDRAWN.value]
    other = ErasurePlan.objects.filter(person_ref=person).exclude(status__in=ended).first()
    if other is not None:
        raise SekishoError("retention.already-planned", room=ROOM, person=person, plan=other.ref)
