"""What a restore must know of plans and holds, as they are written."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sekisho.registers.retention.models import ErasurePlan, Hold, RetainedItem
from sekisho.registers.retention.rules import APPROVERS, PlanStatus

__all__ = [
    "APPROVERS",
    "PlanStatus",
    "certified_for",
    "hold_as_written",
    "hold_columns",
    "is_hold",
    "open_plan_of",
    "reason_of",
    "retained_tables",
    "sealed_in",
    "sealed_plans",
    "status_of",
]

NOT_WRITTEN = ("id", "ref", "released_at")


def hold_as_written(ref: str) -> Mapping[str, object]:
    """A hold as the register has it, every column as JSON writes it; empty where there is none."""
    row = Hold.objects.filter(ref=ref).first()
    if row is None:
        return {}
    fields = [one for one in Hold._meta.concrete_fields if one.name not in NOT_WRITTEN]  # noqa: SLF001  Django's own name
    return {one.name: _plain(getattr(row, one.name)) for one in fields}


def hold_columns(written: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a hold from what was written down; a column that this version does not have is left out."""
    fields = {one.name: one for one in Hold._meta.concrete_fields}  # noqa: SLF001  Django's own name
    return {name: fields[name].to_python(value) for name, value in written.items() if name in fields}


def sealed_in(commitment: str) -> Mapping[str, object]:
    """What a sealed entry of the ledger says of a hold; empty where the register has no opening of it."""
    openings = ((row, one) for row in Hold.objects.order_by("id") for one in row.opened)
    for row, one in openings:
        if one["commitment"] == commitment:
            return {"hold": row.ref, "what": one["what"], "as_written": hold_as_written(row.ref)}
    return {}


def is_hold(ref: str) -> bool:
    """Whether the register has this hold."""
    return Hold.objects.filter(ref=ref).exists()


def sealed_plans() -> frozenset[str]:
    """The plans whose seal still lives."""
    return frozenset(ErasurePlan.objects.exclude(sealed=None).values_list("ref", flat=True))


def open_plan_of(person: str) -> str | None:
    """The plan of this person that is under way."""
    ended = (PlanStatus.CERTIFIED.value, PlanStatus.WITHDRAWN.value)
    return ErasurePlan.objects.filter(person_ref=person).exclude(status__in=ended).values_list("ref", flat=True).first()


def status_of(plan: str) -> PlanStatus | None:
    """Where a plan stands; None where the register has none of this reference."""
    status = ErasurePlan.objects.filter(ref=plan).values_list("status", flat=True).first()
    return PlanStatus(status) if status else None


def retained_tables(person: str) -> frozenset[tuple[str, str]]:
    """System and table of what law, a claim or a hold keeps of an erased person."""
    kept = RetainedItem.objects.filter(plan__person_ref=person, released_at=None)
    return frozenset(kept.values_list("system", "table"))


def certified_for(reason: str) -> str | None:
    """The certified plan that was made for this reason."""
    done = ErasurePlan.objects.filter(reason=reason, status=PlanStatus.CERTIFIED.value)
    return done.values_list("ref", flat=True).first()


def reason_of(plan: str) -> str:
    """Why a plan was made."""
    return ErasurePlan.objects.filter(ref=plan).values_list("reason", flat=True).first() or ""


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
