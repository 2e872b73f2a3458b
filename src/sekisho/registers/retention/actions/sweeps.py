"""The sweep: every row whose period is over goes, in every system, written down before and after.

What is written down counts the rows whose period was over (`before`) and those that still may go (`after`): how many left
the store would say how many an authority asked to keep. Steps told of as done already (`_is_silent`) are done between the
others and told of nowhere; a sealed entry at the beginning and one at the end, which every sweep leaves, hold them.
"""

import uuid
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from sekisho.connectors.source import Partitioned, Source
from sekisho.engine.catalog.model import Table
from sekisho.engine.erasure.plan import Step, StepKind
from sekisho.engine.erasure.strategies import AGGREGATE
from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.evidence.actions import append
from sekisho.registers.datamap import queries as datamap_queries
from sekisho.registers.policies import queries as policies
from sekisho.registers.retention.actions import copies
from sekisho.registers.retention.actions.confiding import append_sealed
from sekisho.registers.retention.actions.holds import end_expired_holds
from sekisho.registers.retention.actions.running import Progress, Reached, nothing, silent
from sekisho.registers.retention.actions.totalling import count_and_erase
from sekisho.registers.retention.models import SweepRun, SweepStep
from sekisho.registers.retention.queries.locating import opened
from sekisho.registers.retention.queries.overdue import Overdue, overdue, regions_due, regions_told
from sekisho.registers.retention.queries.plans import unfinished_sweeps
from sekisho.registers.retention.queries.totals import batch_of
from sekisho.registers.retention.queries.work import Work, left, pending
from sekisho.registers.retention.rules import RunStatus, StepStatus, require_come

SILENT = Q(spec__expected=0)  # as `_is_silent` says of the step


def sweep(*, on: date, at: datetime, acting_user: str, progress: Progress = silent, reached: Reached = nothing) -> str:
    """Erase what is due on a Tokyo day in all systems; returns the run's reference. An unfinished run is finished.

    Evidence: `retention.sweep-begun`, two entries for each step, `retention.sweep-done` (or -partly).
    Raises: retention.sweep-ahead.
    """
    require_come(on, tokyo_date(at))
    for unfinished in unfinished_sweeps():
        resume_sweep(sweep=unfinished, at=at, acting_user=acting_user, progress=progress, reached=reached)
    end_expired_holds(at=at, acting_user=acting_user)
    look = overdue(on, at=at)
    reached("sweep.looked")
    ref = _begin(look, at, acting_user, f"sweep-{uuid.uuid4().hex[:12]}")
    reached("sweep.begun")
    return resume_sweep(sweep=ref, at=at, acting_user=acting_user, progress=progress, reached=reached)


def resume_sweep(
    *, sweep: str, at: datetime, acting_user: str, progress: Progress = silent, reached: Reached = nothing
) -> str:
    """Go on with a sweep where it stopped."""
    steps = sweep_steps(sweep)
    for done, (ordinal, place) in enumerate(steps):
        progress(done, len(steps), place)
        sweep_step(sweep=sweep, ordinal=ordinal, at=at, reached=reached)
    progress(len(steps), len(steps), "")
    reached("sweep.before-end")
    return end_sweep(sweep=sweep, at=at, acting_user=acting_user)


def begin_sweep(*, sweep: str, on: date, at: datetime, acting_user: str) -> str:
    """Look, and write down under this reference what is to be done. A repeat finds what the first one wrote.

    Raises: retention.sweep-ahead.
    """
    require_come(on, tokyo_date(at))
    if not SweepRun.objects.filter(ref=sweep).exists():
        end_expired_holds(at=at, acting_user=acting_user)
        _begin(overdue(on, at=at), at, acting_user, sweep)
    return sweep


def sweep_steps(sweep: str) -> list[tuple[int, str]]:
    """A sweep's steps in their order: ordinal, and the place each works in. Silent ones go along with those before which they stand."""
    rows = SweepStep.objects.filter(run__ref=sweep).exclude(SILENT).order_by("ordinal")
    steps = [Step.of_json(row.spec) for row in rows]
    return [(step.ordinal, f"{step.system}.{step.table}".strip(".")) for step in steps]


def sweep_step(*, sweep: str, ordinal: int, at: datetime, reached: Reached = nothing) -> None:
    """Do one step, unless it has ended already: a repeat after a crash changes nothing twice."""
    silent = SweepStep.objects.select_related("run").filter(SILENT, run__ref=sweep, ordinal__lt=ordinal)
    for row in (
        *silent.order_by("ordinal"),
        SweepStep.objects.select_related("run").get(run__ref=sweep, ordinal=ordinal),
    ):
        _do(row, at, reached)


def end_sweep(*, sweep: str, at: datetime, acting_user: str) -> str:
    """Let go of copies of what was touched, and close the run."""
    run = SweepRun.objects.get(ref=sweep)
    for row in SweepStep.objects.select_related("run").filter(SILENT, run=run).order_by("ordinal"):
        _do(row, at, nothing)
    specs = [Step.of_json(row.spec) for row in SweepStep.objects.filter(run=run)]
    copies.let_go_of_tables({(spec.system, spec.table) for spec in specs if spec.table}, at)
    _end(run, at, acting_user)
    return run.ref


def _do(row: SweepStep, at: datetime, reached: Reached) -> None:
    if row.status not in {StepStatus.DONE.value, StepStatus.FAILED.value}:
        _run_step(row.run, row, Step.of_json(row.spec), at, reached)


def _begin(look: Overdue, at: datetime, acting_user: str, ref: str) -> str:
    with transaction.atomic():
        run = SweepRun.objects.create(
            ref=ref,
            on=look.on,
            policy=look.policy,
            datamap_sha256=look.datamap_sha256,
            examined=look.examined,
            kept=[
                {"system": o.system, "table": o.table, "items": list(o.items), "ground": o.ground, "rows": o.rows}
                for o in look.kept
            ],
            unswept=[
                {
                    "system": o.system,
                    "table": o.table,
                    "item": o.item,
                    "code": o.code,
                    "rows": o.rows,
                    "values": dict(o.values),
                }
                for o in look.unswept
            ],
            started_at=at,
        )
        SweepStep.objects.bulk_create(
            SweepStep(run=run, ordinal=ordinal, spec=replace(step, ordinal=ordinal).as_json())
            for ordinal, step in enumerate(_steps(look), start=1)
        )
        body = {
            "sweep": ref,
            "on": look.on.isoformat(),
            "policy": look.policy,
            "examined": look.examined,
            "due": look.rows,
            "unswept": len(look.unswept),
            "by": acting_user,
        }
        append(kind="retention.sweep-begun", body=body, at=at)
        _seal(run, "sweep-begun", at)
    return ref


def _seal(run: SweepRun, what: str, at: datetime) -> None:
    """The entry every sweep leaves of its silent steps, of none as of many; it is opened by the first of them."""
    rows = list(SweepStep.objects.filter(SILENT, run=run).order_by("ordinal"))
    steps = [
        {"step": row.ordinal, "system": row.spec["system"], "table": row.spec["table"], "status": row.status}
        for row in rows
    ]
    opening = append_sealed(what, {"sweep": run.ref, "steps": steps}, at)
    for row in rows[:1]:
        row.spec = row.spec | {"opened": [*row.spec.get("opened", ()), opening]}
        row.save(update_fields=["spec"])


def _steps(look: Overdue) -> Iterable[Step]:
    """The due steps as found, leaf stores first, and a purge after the last one of each system."""
    systems = list(dict.fromkeys(one.step.system for one in look.due))
    for system in systems:
        yield from (one.step for one in look.due if one.step.system == system)
        told = any(one.rows for one in look.due if one.step.system == system)
        yield Step(ordinal=0, kind=StepKind.PURGE, system=system, expected=None if told else 0)


def _is_silent(step: Step) -> bool:
    """Whether everything this step takes was told of as gone before: it was kept in confidence, and no longer is."""
    return step.expected == 0


def _run_step(run: SweepRun, row: SweepStep, step: Step, at: datetime, reached: Reached) -> None:
    point = f"{step.ordinal}.{step.kind.value}"
    try:
        with opened(step.system) as source:
            reached(f"{point}.before")
            _begin_step(run, row, step, _told_of(source, run, step, at), at)
            reached(f"{point}.begun")
            _work(source, run, step, at, lambda name: reached(f"{point}.{name}"))
            reached(f"{point}.worked")
            after = _left_of(source, run, step, at)
    except SekishoError as refusal:
        _fail_step(run, row, step, refusal.code, None, at)
        return
    if after:
        _fail_step(run, row, step, "retention.rows-left", after, at)
        return
    reached(f"{point}.counted")
    _finish_step(run, row, step, at)
    reached(f"{point}.done")


def _left_of(source: Source, run: SweepRun, step: Step, at: datetime) -> int:
    return 0 if step.kind is StepKind.PURGE else pending(source, _rows_of(source, run, step, at))


def _told_of(source: Source, run: SweepRun, step: Step, at: datetime) -> int:
    if step.kind is StepKind.PURGE:
        return 0
    table = _table_of(step)
    regions = regions_told(source, policies.in_force(at), table, step, run.on)
    return pending(source, Work(step=step, table=table, regions=regions))


def _work(source: Source, run: SweepRun, step: Step, at: datetime, reached: Reached) -> None:
    if step.kind is StepKind.PURGE:
        source.purge()
        return
    if step.how == AGGREGATE and not _is_silent(step):  # totals of what was told of as gone would tell of it
        count_and_erase(
            source,
            datamap_queries.current().systems[step.system],
            _table_of(step),
            lambda: _rows_of(source, run, step, at).regions,
            batch=batch_of(run.ref, step.ordinal),
            on=run.on,
            reached=reached,
        )
        return
    for region in left(source, _rows_of(source, run, step, at)):
        if step.kind is StepKind.DELETE:
            if _table_of(step).partition is not None and isinstance(source, Partitioned):
                source.drop_partitions(step.table, region)
            source.erase(step.table, region)
        else:
            source.blank(step.table, step.columns, region)


def _rows_of(source: Source, run: SweepRun, step: Step, at: datetime) -> Work:
    table = _table_of(step)
    return Work(step=step, table=table, regions=regions_due(source, policies.in_force(at), table, step, run.on))


def _table_of(step: Step) -> Table:
    return datamap_queries.current().systems[step.system].tables[step.table]


def _begin_step(run: SweepRun, row: SweepStep, step: Step, before: int, at: datetime) -> None:
    with transaction.atomic():
        row.before = before if row.before is None else row.before
        row.status, row.begun_at = StepStatus.BEGUN.value, at
        row.save(update_fields=["before", "status", "begun_at"])
        _append(step, "begun", _body(run, step) | {"before": row.before}, at)


def _finish_step(run: SweepRun, row: SweepStep, step: Step, at: datetime) -> None:
    with transaction.atomic():
        row.status, row.after, row.done_at, row.why = StepStatus.DONE.value, 0, at, ""
        row.save(update_fields=["status", "after", "done_at", "why"])
        _append(step, "done", _body(run, step) | {"before": row.before, "after": 0}, at)


def _fail_step(run: SweepRun, row: SweepStep, step: Step, code: str, after: int | None, at: datetime) -> None:
    with transaction.atomic():
        row.status, row.why, row.after = StepStatus.FAILED.value, code, after
        row.save(update_fields=["status", "why", "after"])
        _append(step, "failed", _body(run, step) | {"why": code, "after": after}, at)


def _end(run: SweepRun, at: datetime, acting_user: str) -> None:
    steps = SweepStep.objects.filter(run=run)
    with transaction.atomic():
        row = SweepRun.objects.select_for_update().get(pk=run.pk)
        if row.status != RunStatus.RUNNING.value:
            return
        failed = steps.exclude(SILENT).exclude(status=StepStatus.DONE.value).exists()  # a silent one is tried again
        row.status = (RunStatus.PARTLY if failed or row.unswept else RunStatus.DONE).value
        row.erased = sum(step.before or 0 for step in steps.filter(status=StepStatus.DONE.value))
        row.finished_at = at
        row.save(update_fields=["status", "erased", "finished_at"])
        body = {"sweep": row.ref, "erased": row.erased, "unswept": len(row.unswept), "by": acting_user}
        append(kind=f"retention.sweep-{row.status}", body=body, at=at)
        _seal(row, "sweep-ended", at)


def _append(step: Step, what: str, body: dict[str, object], at: datetime) -> None:
    if not _is_silent(step):
        append(kind=f"retention.sweep-step-{what}", body=body, at=at)


def _body(run: SweepRun, step: Step) -> dict[str, object]:
    return {
        "sweep": run.ref,
        "step": SweepStep.objects.filter(run=run, ordinal__lte=step.ordinal).exclude(SILENT).count(),
        "kind": step.kind.value,
        "system": step.system,
        "table": step.table,
        "columns": list(step.columns),
        "before_days": [[one.column, one.before.isoformat()] for one in step.past],
    } | ({"how": step.how} if step.how else {})
