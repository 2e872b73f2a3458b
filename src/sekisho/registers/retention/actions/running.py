"""Carrying out an approved plan: every step is written down as begun, done in the store, counted, written down as done.

Each step may be repeated: what was erased stays erased, and the count before it is the one written down first. So
after a crash at any point the run goes on where it stopped, and nothing is erased without a line in the ledger.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime

from django.db import transaction

from sekisho.connectors.source import Source
from sekisho.engine.catalog.model import DataMap
from sekisho.engine.erasure.plan import Step, StepKind
from sekisho.engine.errors import SekishoError
from sekisho.evidence.actions import append
from sekisho.registers.consents import actions as consents
from sekisho.registers.contractors import actions as contractor_actions
from sekisho.registers.contractors import queries as contractors
from sekisho.registers.datamap import queries as datamap_queries
from sekisho.registers.identities import actions as identities
from sekisho.registers.identities import queries as identity_queries
from sekisho.registers.retention import rules
from sekisho.registers.retention.actions import copies, sealing
from sekisho.registers.retention.models import ErasurePlan, ErasureStep
from sekisho.registers.retention.queries.holding import has_new_hold
from sekisho.registers.retention.queries.locating import opened
from sekisho.registers.retention.queries.mentions import rewritten
from sekisho.registers.retention.queries.narrowing import as_held_now, is_outgrown, require_covered
from sekisho.registers.retention.queries.plans import row_of
from sekisho.registers.retention.queries.target import Target
from sekisho.registers.retention.queries.work import left, pending, replacements, require_key, work_of
from sekisho.registers.retention.rules import OVERTAKEN, RETRY_AFTER, ROOM, UNCLEAR, PlanStatus, StepStatus

OWN = frozenset(
    {StepKind.COPIES, StepKind.ORDER, StepKind.FORGET, StepKind.RECEIPT}
)  # steps that open no store of the data map
Reached = Callable[[str], None]  # told of every point between two durable states; tests stop the process there
Progress = Callable[[int, int, str], None]  # steps done, steps in all, what is being done


def nothing(_point: str) -> None:
    """Go on."""


def silent(_done: int, _total: int, _what: str) -> None:
    """Tell nobody."""


def run_plan(
    *,
    plan: str,
    at: datetime,
    acting_user: str,
    progress: Progress = silent,
    reached: Reached = nothing,
) -> PlanStatus:
    """Do what is left of an approved plan. A repeat goes on where the last one stopped.

    Whatever was skipped, refused by a store, left behind or unknown makes it 一部未了 with a time to try again.
    Evidence: one entry when it begins, two for each step, one when it ends. Raises: retention.wrong-state,
    retention.hold-window, retention.plan-overtaken, retention.seal-lost.
    """
    if not begin_run(plan=plan, at=at, acting_user=acting_user):
        return PlanStatus(row_of(plan).status)
    steps = run_steps(plan)
    for done, (ordinal, place) in enumerate(steps):
        progress(done, len(steps), place)
        run_step(plan=plan, ordinal=ordinal, at=at, acting_user=acting_user, reached=reached)
    progress(len(steps), len(steps), "")
    reached("plan.before-end")
    return end_run(plan=plan, at=at, acting_user=acting_user)


def begin_run(*, plan: str, at: datetime, acting_user: str) -> bool:
    """Write down that an approved plan is being carried out; False where it has been already."""
    row = row_of(plan)
    if row.status in {PlanStatus.DONE.value, PlanStatus.VERIFIED.value, PlanStatus.CERTIFIED.value}:
        return False
    sealed = sealing.unseal(plan, row.sealed)
    if row.status == PlanStatus.APPROVED.value:
        require_covered(plan, sealed)
    _begin(plan, at, acting_user)
    return True


def run_steps(plan: str) -> list[tuple[int, str]]:
    """A plan's steps in their order: ordinal, and what each does where."""
    steps = [(row.ordinal, Step.of_json(row.spec)) for row in row_of(plan).steps.order_by("ordinal")]
    return [(ordinal, f"{step.system}.{step.table} {step.kind.value}".strip(".")) for ordinal, step in steps]


def run_step(*, plan: str, ordinal: int, at: datetime, acting_user: str, reached: Reached = nothing) -> None:
    """Do one step of a plan that runs, unless it is done: a repeat after a crash changes nothing twice."""
    row = row_of(plan)
    step_row = ErasureStep.objects.get(plan=row, ordinal=ordinal)
    step = Step.of_json(step_row.spec)
    if step_row.status == StepStatus.DONE.value:
        return
    if step.kind is StepKind.FORGET and (_unfinished_before(row, ordinal) or _unknown(row)):
        return  # the identity map is what the rest would need: it goes last or not at all
    if step.kind is StepKind.PURGE and _unfinished_before(row, ordinal, step.system):
        return  # what a later try removes would leave its traces behind
    target = as_held_now(sealing.unseal(plan, row.sealed))
    _run_step(row, step_row, step, datamap_queries.current(), target, at, acting_user, reached)


def end_run(*, plan: str, at: datetime, acting_user: str) -> PlanStatus:
    """Say how it ended: done, or 一部未了 with a time to try again. A repeat finds what the first one said."""
    row = row_of(plan)
    return _end(plan, at, acting_user) if row.status == PlanStatus.RUNNING.value else PlanStatus(row.status)


def _unfinished_before(row: ErasurePlan, ordinal: int, system: str = "") -> bool:
    steps = ErasureStep.objects.filter(plan=row, ordinal__lt=ordinal)
    steps = steps.filter(spec__system=system) if system else steps
    return steps.exclude(status=StepStatus.DONE.value).exists()


def _begin(plan: str, at: datetime, acting_user: str) -> None:
    with transaction.atomic():
        row = ErasurePlan.objects.select_for_update().get(pk=row_of(plan).pk)
        _require_no_new_hold(row, at)
        if row.status == PlanStatus.RUNNING.value:
            return
        rules.require_transition(plan, row.status, PlanStatus.RUNNING)
        if row.hold_until is not None and at < row.hold_until:
            raise SekishoError("retention.hold-window", room=ROOM, plan=plan, until=row.hold_until.isoformat())
        if UNCLEAR in row.why:  # steps done meanwhile left that time alone
            done = ErasureStep.objects.filter(plan=row, status=StepStatus.DONE.value)
            done.exclude(spec__system="").update(status=StepStatus.PENDING.value)
        row.status = PlanStatus.RUNNING.value
        row.save(update_fields=["status"])
        append(kind="retention.erasure-begun", body={"plan": plan, "by": acting_user}, at=at)


def _run_step(
    row: ErasurePlan,
    step_row: ErasureStep,
    step: Step,
    datamap: DataMap,
    target: Target,
    at: datetime,
    acting_user: str,
    reached: Reached,
) -> bool:
    """Do one step; returns whether nothing of it is left."""
    point = f"{step.ordinal}.{step.kind.value}"
    try:
        _require_no_new_hold(row, at)
        with _store(step) as source:
            reached(f"{point}.before")
            _begin_step(row, step_row, step, _left_of(source, row.ref, step, datamap, target), at)
            reached(f"{point}.begun")
            _work(source, row, step, datamap, target, at, acting_user)
            reached(f"{point}.worked")
            after = _left_of(source, row.ref, step, datamap, target)
    except SekishoError as refusal:
        _fail_step(row, step_row, step, refusal.code, at)
        return False
    if after:
        code = "retention.receipt-waits" if step.kind is StepKind.RECEIPT else "retention.rows-left"
        _fail_step(row, step_row, step, code, at, after=after)
        return False
    reached(f"{point}.counted")
    _finish_step(row, step_row, step, at)
    reached(f"{point}.done")
    return True


def _store(step: Step) -> AbstractContextManager[Source | None]:
    """The store the step works in; copies and forgetting are our own."""
    return nullcontext() if step.kind in OWN else opened(step.system)


def _left_of(source: Source | None, plan: str, step: Step, datamap: DataMap, target: Target) -> int:
    """How much of a step is left to do, asked of the store or register itself."""
    if step.kind is StepKind.COPIES:
        return len(copies.held(target.person))
    if step.kind is StepKind.ORDER:
        return int(not contractors.is_ordered(plan, step.how))
    if step.kind is StepKind.RECEIPT:
        return int(contractors.waits(plan, step.how))
    if source is None:
        return len(identity_queries.intervals_of(target.person)) + len(identity_queries.names_of(target.person))
    if step.kind is StepKind.PURGE:
        return 0
    if step.kind is StepKind.REWRITE:
        return len(rewritten(source, datamap.systems[step.system].tables[step.table], step.columns[0], target))
    return pending(source, work_of(source, datamap.systems[step.system], step, target.held))


def _work(
    source: Source | None,
    row: ErasurePlan,
    step: Step,
    datamap: DataMap,
    target: Target,
    at: datetime,
    acting_user: str,
) -> None:
    if step.kind is StepKind.COPIES:
        copies.let_go_of(target.person, at)
    elif step.kind is StepKind.ORDER:
        held = [(one.kind, one.value) for one in target.held]
        contractor_actions.issue_order(
            plan=row.ref, contractor=step.how, identifiers=held, at=at, acting_user=acting_user
        )
    elif step.kind is StepKind.RECEIPT:
        contractor_actions.chase(at=at, acting_user=acting_user)
    elif source is None:
        consents.forget(person=target.person, at=at, acting_user=acting_user)
        identities.forget(person=target.person, at=at, acting_user=acting_user, plan=row.ref)
        identities.purge()
    elif step.kind is StepKind.PURGE:
        source.purge()
    elif step.kind is StepKind.REWRITE:
        table = datamap.systems[step.system].tables[step.table]
        texts = rewritten(source, table, step.columns[0], target)
        if texts:
            require_key(source, table)
            source.rewrite_text(step.table, step.columns[0], table.key, texts)
    else:
        work = work_of(source, datamap.systems[step.system], step, target.held)
        if step.kind in {StepKind.GENERALISE, StepKind.PSEUDONYMISE}:
            require_key(source, work.table)
            for column in step.columns:
                said = replacements(source, work, column, sealing.pseudonym_key(row.ref))
                source.rewrite_text(step.table, column, work.table.key, said)
            return
        for region in left(source, work):
            if step.kind is StepKind.DELETE:
                source.erase(step.table, region)
            else:
                source.blank(step.table, step.columns, region)


def _begin_step(row: ErasurePlan, step_row: ErasureStep, step: Step, before: int, at: datetime) -> None:
    with transaction.atomic():
        # The first count stays: after a crash the store may hold fewer, and the ledger must say what there was.
        step_row.before = before if step_row.before is None else step_row.before
        step_row.status, step_row.begun_at = StepStatus.BEGUN.value, at
        step_row.save(update_fields=["before", "status", "begun_at"])
        append(kind="retention.step-begun", body=_body(row, step) | {"before": step_row.before}, at=at)


def _finish_step(row: ErasurePlan, step_row: ErasureStep, step: Step, at: datetime) -> None:
    with transaction.atomic():
        step_row.status, step_row.after, step_row.done_at, step_row.why = StepStatus.DONE.value, 0, at, ""
        step_row.save(update_fields=["status", "after", "done_at", "why"])
        body = _body(row, step) | {"before": step_row.before, "after": 0}
        append(kind="retention.step-done", body=body, at=at)


def _fail_step(
    row: ErasurePlan, step_row: ErasureStep, step: Step, code: str, at: datetime, *, after: int | None = None
) -> None:
    with transaction.atomic():
        step_row.status, step_row.why, step_row.after = StepStatus.FAILED.value, code, after
        step_row.save(update_fields=["status", "why", "after"])
        append(kind="retention.step-failed", body=_body(row, step) | {"why": code, "after": after}, at=at)


def _end(plan: str, at: datetime, acting_user: str) -> PlanStatus:
    with transaction.atomic():
        row = ErasurePlan.objects.select_for_update().get(pk=row_of(plan).pk)
        unfinished = ErasureStep.objects.filter(plan=row).exclude(status=StepStatus.DONE.value)
        why = sorted({step.why or "retention.step-waits" for step in unfinished} | set(_unknown(row)))
        status = PlanStatus.PARTLY if why else PlanStatus.DONE
        rules.require_transition(plan, row.status, status)
        row.status, row.why = status.value, why
        row.retry_at = at + RETRY_AFTER if why else None
        row.finished_at = None if why else at
        row.save(update_fields=["status", "why", "retry_at", "finished_at"])
        append(kind=f"retention.erasure-{status.value}", body={"plan": plan, "why": why, "by": acting_user}, at=at)
    return status


def _unknown(row: ErasurePlan) -> list[str]:
    """What nobody could judge, and what the plan does not cover.

    A system that could not be read when planned was read by its steps since; whose a line was is asked again.
    """
    codes = {one["code"] for one in row.document["unknown"]} - {"erasure.unreadable", UNCLEAR}
    if identity_queries.unclear_of(row.person_ref):
        codes.add(UNCLEAR)
    if is_outgrown(sealing.unseal(row.ref, row.sealed)):
        codes.add(OVERTAKEN)
    return sorted(codes)


def _require_no_new_hold(row: ErasurePlan, at: datetime) -> None:
    """A hold placed after the plan was made stops it: the plan does not know what it would have to leave.

    Told like any other reason to plan anew, for the hold may have been asked for in confidence.
    """
    if has_new_hold(row, at):
        raise SekishoError(OVERTAKEN, room=ROOM, plan=row.ref)


def _body(row: ErasurePlan, step: Step) -> dict[str, object]:
    return {
        "plan": row.ref,
        "step": step.ordinal,
        "kind": step.kind.value,
        "system": step.system,
        "table": step.table,
        "role": step.role,
    }
