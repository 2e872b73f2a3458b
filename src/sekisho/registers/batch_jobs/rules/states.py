"""States of a job, and which may follow which. That a job stands still is seen, not written: a dead process writes nothing."""

from collections.abc import Mapping
from enum import StrEnum

from sekisho.engine.errors import SekishoError
from sekisho.registers.batch_jobs.rules.kinds import ROOM


class State(StrEnum):
    """Where a job stands."""

    REQUESTED = "requested"
    RUNNING = "running"
    DONE = "done"
    PARTLY = "partly"  # 一部未了: it ended, and something is left that its own room keeps a clock for
    FAILED = "failed"
    CANCELLED = "cancelled"


LIVE = frozenset({State.REQUESTED, State.RUNNING})
ENDED = frozenset(State) - LIVE
TRANSITIONS: Mapping[State, frozenset[State]] = {
    State.REQUESTED: frozenset({State.RUNNING, State.CANCELLED, State.FAILED}),
    State.RUNNING: ENDED,
    **dict.fromkeys(ENDED, frozenset()),
}


def require_transition(job: str, before: str, after: State) -> None:
    """Raises: batch_jobs.wrong-state."""
    if after not in TRANSITIONS[State(before)]:
        raise SekishoError("batch_jobs.wrong-state", room=ROOM, job=job, before=before, after=after.value)
