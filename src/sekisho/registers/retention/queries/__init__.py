"""Why something is kept, what is due, how far an erasure came: reads only."""

from sekisho.registers.retention.queries.acting import approvers, require_actor, require_approver
from sekisho.registers.retention.queries.asking import Answer, Why, past_retention, why
from sekisho.registers.retention.queries.calendar import By, Calendar, Falling, calendar
from sekisho.registers.retention.queries.disagreeing import contradictions
from sekisho.registers.retention.queries.holding import (
    HoldRecord,
    held_people,
    holds,
    holds_of,
    holds_over_tables,
    standing_holds,
)
from sekisho.registers.retention.queries.labels import item_label, role_label
from sekisho.registers.retention.queries.overdue import DueRows, Kept, Overdue, Unswept, overdue
from sekisho.registers.retention.queries.plans import (
    PlanRecord,
    RetainedRecord,
    StepRecord,
    SweepRecord,
    certificate,
    last_sweep,
    plan,
    plans,
    requeued,
    retaining_plans,
    sweep,
    unfinished_plans,
    unfinished_sweeps,
    unknowns,
    waiting_plans,
    warnings,
)
from sekisho.registers.retention.queries.rowwise import ItemWhy, RowWhy, named_table, why_row
from sekisho.registers.retention.queries.sweeping import last_sweeps
from sekisho.registers.retention.queries.veil import told_of
from sekisho.registers.retention.queries.wording import Wording, wording

__all__ = [
    "Answer",
    "By",
    "Calendar",
    "DueRows",
    "Falling",
    "HoldRecord",
    "ItemWhy",
    "Kept",
    "Overdue",
    "PlanRecord",
    "RetainedRecord",
    "RowWhy",
    "StepRecord",
    "SweepRecord",
    "Unswept",
    "Why",
    "Wording",
    "approvers",
    "calendar",
    "certificate",
    "contradictions",
    "held_people",
    "holds",
    "holds_of",
    "holds_over_tables",
    "item_label",
    "last_sweep",
    "last_sweeps",
    "named_table",
    "overdue",
    "past_retention",
    "plan",
    "plans",
    "requeued",
    "require_actor",
    "require_approver",
    "retaining_plans",
    "role_label",
    "standing_holds",
    "sweep",
    "told_of",
    "unfinished_plans",
    "unfinished_sweeps",
    "unknowns",
    "waiting_plans",
    "warnings",
    "why",
    "why_row",
    "wording",
]
