"""Holds, erasures and sweeps: the only writes of the room."""

from sekisho.registers.retention.actions.certificates import certify_plan, forget_seals
from sekisho.registers.retention.actions.holds import (
    end_expired_holds,
    extend_hold,
    place_hold,
    release_hold,
    review_hold,
)
from sekisho.registers.retention.actions.plans import approve_plan, propose_plan, requeue_plan, withdraw_plan
from sekisho.registers.retention.actions.running import begin_run, end_run, run_plan, run_step, run_steps
from sekisho.registers.retention.actions.sweeps import (
    begin_sweep,
    end_sweep,
    resume_sweep,
    sweep,
    sweep_step,
    sweep_steps,
)
from sekisho.registers.retention.actions.verification import verify_plan

__all__ = [
    "approve_plan",
    "begin_run",
    "begin_sweep",
    "certify_plan",
    "end_expired_holds",
    "end_run",
    "end_sweep",
    "extend_hold",
    "forget_seals",
    "place_hold",
    "propose_plan",
    "release_hold",
    "requeue_plan",
    "resume_sweep",
    "review_hold",
    "run_plan",
    "run_step",
    "run_steps",
    "sweep",
    "sweep_step",
    "sweep_steps",
    "verify_plan",
    "withdraw_plan",
]
