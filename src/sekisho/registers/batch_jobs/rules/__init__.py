"""Kinds of work, what their arguments may be, states, and which hour is due: pure."""

from sekisho.registers.batch_jobs.rules.arguments import require_ids
from sekisho.registers.batch_jobs.rules.hours import Schedule, due_slot, next_slot, schedules
from sekisho.registers.batch_jobs.rules.kinds import ROOM, Kind, Limits, kind_of, kinds, limits
from sekisho.registers.batch_jobs.rules.retiming import minutes, retimed
from sekisho.registers.batch_jobs.rules.states import ENDED, LIVE, TRANSITIONS, State, require_transition

__all__ = [
    "ENDED",
    "LIVE",
    "ROOM",
    "TRANSITIONS",
    "Kind",
    "Limits",
    "Schedule",
    "State",
    "due_slot",
    "kind_of",
    "kinds",
    "limits",
    "minutes",
    "next_slot",
    "require_ids",
    "require_transition",
    "retimed",
    "schedules",
]
