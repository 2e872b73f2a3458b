"""Asking for work, taking it up, telling how far it is, ending it, giving it up; schedules: the only writes of the room."""

from sekisho.registers.batch_jobs.actions.asking import ask_for_slot, ask_job, begin_schedules, pause_schedule
from sekisho.registers.batch_jobs.actions.carrying import (
    Word,
    claim_job,
    mark_step,
    report_alive,
    report_progress,
    take_up,
)
from sekisho.registers.batch_jobs.actions.ending import cancel_job, end_job
from sekisho.registers.batch_jobs.actions.forgetting import acknowledge_job, forget_jobs
from sekisho.registers.batch_jobs.actions.retiming import retime_schedules

__all__ = [
    "Word",
    "acknowledge_job",
    "ask_for_slot",
    "ask_job",
    "begin_schedules",
    "cancel_job",
    "claim_job",
    "end_job",
    "forget_jobs",
    "mark_step",
    "pause_schedule",
    "report_alive",
    "report_progress",
    "retime_schedules",
    "take_up",
]
