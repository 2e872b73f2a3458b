"""What goes on after a start: unfinished sweeps and erasures. DBOS will call these when the issue that brings it comes."""

from datetime import datetime

from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.registers.retention import actions, queries


def resume(at: datetime, *, acting_user: str = "sekisho") -> tuple[str, ...]:
    """Finish what was under way when the process ended; returns what was gone on with.

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
