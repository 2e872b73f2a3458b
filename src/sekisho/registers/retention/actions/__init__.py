"""Holds, erasures and sweeps: the only writes of the room."""

from sekisho.registers.retention.actions.certificates import certify_plan, forget_seals
from sekisho.registers.retention.actions.holds import place_hold, release_hold
from sekisho.registers.retention.actions.plans import approve_plan, propose_plan, requeue_plan, withdraw_plan
from sekisho.registers.retention.actions.running import run_plan
from sekisho.registers.retention.actions.sweeps import resume_sweep, sweep
from sekisho.registers.retention.actions.verification import verify_plan

__all__ = [
    "approve_plan",
    "certify_plan",
    "forget_seals",
    "place_hold",
    "propose_plan",
    "release_hold",
    "requeue_plan",
    "resume_sweep",
    "run_plan",
    "sweep",
    "verify_plan",
    "withdraw_plan",
]
