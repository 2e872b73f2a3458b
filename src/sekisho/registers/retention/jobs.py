"""Long work of this room: the sweep, the erasure of a person, what was retained and may go now; and what should exist.

Every step is keyed by the run's or plan's own ordinal, in the rows that the step itself writes: a repeat changes nothing.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.registers.batch_jobs import queries as batch_jobs
from sekisho.registers.batch_jobs.queries import Doing, State, Wanted
from sekisho.registers.retention import actions, queries
from sekisho.registers.retention.rules import PlanStatus, RunStatus, require_come


def begin_sweep(doing: Doing) -> Sequence[tuple[str, str]]:
    """Finish sweeps that were given up half way, look, and write this one down under the job's own reference."""
    sweep, on = _sweep_of(doing), date.fromisoformat(doing.job.arguments["on"])
    require_come(on, tokyo_date(doing.at))
    if doing.job.as_of is not None:
        require_come(tokyo_date(doing.job.as_of), tokyo_date(doing.job.asked_at))
    for unfinished in queries.unfinished_sweeps():
        if unfinished != sweep:
            actions.resume_sweep(sweep=unfinished, at=doing.at, acting_user=doing.job.asked_by, progress=doing.progress)
    actions.begin_sweep(sweep=sweep, on=on, at=doing.at, acting_user=doing.job.asked_by)
    return [(str(ordinal), place) for ordinal, place in actions.sweep_steps(sweep)]


def step_of_sweep(doing: Doing, key: str) -> None:
    """One table's due rows, or one store's purge."""
    actions.sweep_step(sweep=_sweep_of(doing), ordinal=int(key), at=doing.at, reached=doing.reached)


def end_sweep(doing: Doing) -> tuple[State, str]:
    """Done, or partly where a store refused or nobody could judge."""
    sweep = actions.end_sweep(sweep=_sweep_of(doing), at=doing.at, acting_user=doing.job.asked_by)
    return State.DONE if queries.sweep(sweep).status == RunStatus.DONE else State.PARTLY, sweep


def begin_erasure(doing: Doing) -> Sequence[tuple[str, str]]:
    """The steps of the approved plan, and the look for what is left."""
    return [*begin_run(doing), ("verify", "")]


def begin_run(doing: Doing) -> Sequence[tuple[str, str]]:
    """The steps of the approved plan alone: who asked will have it verified apart."""
    plan = doing.job.arguments["plan"]
    actions.begin_run(plan=plan, at=doing.at, acting_user=doing.job.asked_by)
    return [(str(ordinal), place) for ordinal, place in actions.run_steps(plan)]


def step_of_erasure(doing: Doing, key: str) -> None:
    """One step of the plan; last, the independent reader."""
    plan, by = doing.job.arguments["plan"], doing.job.asked_by
    status = queries.plan(plan).status
    if key != "verify":
        if status is PlanStatus.RUNNING:
            actions.run_step(plan=plan, ordinal=int(key), at=doing.at, acting_user=by, reached=doing.reached)
    elif actions.end_run(plan=plan, at=doing.at, acting_user=by) is PlanStatus.DONE:
        actions.verify_plan(plan=plan, at=doing.at, acting_user=by)


def end_erasure(doing: Doing) -> tuple[State, str]:
    """Done, or 一部未了 whose clock the plan keeps. Certifying stays a person's act."""
    plan = doing.job.arguments["plan"]
    actions.end_run(plan=plan, at=doing.at, acting_user=doing.job.asked_by)
    return State.PARTLY if queries.plan(plan).status is PlanStatus.PARTLY else State.DONE, plan


def replan(doing: Doing, _key: str) -> None:
    """Plan anew what an erasure had to leave, where any of it may go now."""
    actions.forget_seals()
    actions.requeue_plan(plan=doing.job.arguments["plan"], at=doing.at, acting_user=doing.job.asked_by)


def wanted(at: datetime) -> Iterable[Wanted]:
    """Erasures under way or whose hour has come, what may go now of what was retained, sweeps that lost their job."""
    for plan in dict.fromkeys((*queries.unfinished_plans(), *queries.waiting_plans(at))):
        if batch_jobs.live_of("retention.run", {"plan": plan}) is None:  # a command is at it, and will verify it apart
            yield Wanted(kind="retention.erase", arguments={"plan": plan})
    for plan in queries.retaining_plans(tokyo_date(at)):
        yield Wanted(kind="retention.replan", arguments={"plan": plan})
    if any(not batch_jobs.is_known(_job_of(sweep)) for sweep in queries.unfinished_sweeps()):
        yield Wanted(kind="retention.sweep", arguments={"on": tokyo_date(at).isoformat()})


def resume(at: datetime, *, acting_user: str = "sekisho") -> tuple[str, ...]:
    """All of it at once and in this thread, for a process that has no worker; returns what was gone on with.

    An erasure whose steps are done is verified; certifying it stays a person's act. What an erasure had to leave is
    planned anew once it may go.
    """
    actions.forget_seals()
    swept = queries.unfinished_sweeps()
    for sweep in swept:
        actions.resume_sweep(sweep=sweep, at=at, acting_user=acting_user)
    plans = (*queries.unfinished_plans(), *queries.waiting_plans(at))
    for plan in plans:
        if actions.run_plan(plan=plan, at=at, acting_user=acting_user) == "done":
            actions.verify_plan(plan=plan, at=at, acting_user=acting_user)
    requeued = [
        actions.requeue_plan(plan=plan, at=at, acting_user=acting_user)
        for plan in queries.retaining_plans(tokyo_date(at))
    ]
    return (*swept, *plans, *(plan for plan in requeued if plan))


def _sweep_of(doing: Doing) -> str:
    return f"sweep-{doing.job.ref.removeprefix('job-')}"


def _job_of(sweep: str) -> str:
    return f"job-{sweep.removeprefix('sweep-')}"
