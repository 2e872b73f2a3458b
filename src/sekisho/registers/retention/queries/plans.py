"""Erasures and sweeps as the register holds them, for pages, commands and proofs."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from sekisho.engine.errors import SekishoError
from sekisho.registers.retention import models
from sekisho.registers.retention.queries.wording import wording
from sekisho.registers.retention.rules import REPLAYED, ROOM, PlanStatus, RunStatus, StepStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecord:
    """One step with its counts."""

    ordinal: int
    kind: str
    system: str
    table: str
    role: str
    columns: tuple[str, ...]
    how: str  # of a deletion: aggregate, where rows are counted before they go
    status: StepStatus
    before: int | None
    after: int | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RetainedRecord:
    """What stays, why and until when."""

    system: str
    table: str
    role: str
    item: str
    clause: str
    article: str
    says: str
    until: date | None
    rows: int
    released_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRecord:
    """One erasure."""

    ref: str
    person: str
    reason: str
    status: PlanStatus
    sha256: str
    on: date
    proposed_by: str
    proposed_at: datetime
    approved_by: tuple[str, ...]
    steps: tuple[StepRecord, ...]
    retained: tuple[RetainedRecord, ...]
    unknown: tuple[Mapping[str, Any], ...]
    copies: tuple[str, ...]  # what we ourselves made of the stores and holds the person: room and reference
    living: tuple[Mapping[str, Any], ...]  # what says that the person is not gone: code, system, table, event, count
    why: tuple[str, ...]
    retry_at: datetime | None
    hold_until: datetime | None
    finished_at: datetime | None
    verification: Mapping[str, Any] | None
    entry: str
    certified_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepRecord:
    """One sweep."""

    ref: str
    on: date
    policy: str
    status: RunStatus
    examined: int
    erased: int
    kept: tuple[Mapping[str, Any], ...]
    unswept: tuple[Mapping[str, Any], ...]
    started_at: datetime
    finished_at: datetime | None
    steps: tuple[StepRecord, ...]


def plan(ref: str) -> PlanRecord:
    """One erasure by its reference, or by that of the erasure it carried out again. Raises: retention.unknown-plan."""
    return _plan(leading_row(ref))


def leading_row(ref: str) -> models.ErasurePlan:
    """The row a reference leads to: after a restore that of the plan which carried the erasure out again.

    The backup may know the earlier plan not at all, or as it stood; it is no longer good for anything.
    Raises: retention.unknown-plan.
    """
    own = models.ErasurePlan.objects.filter(ref=ref).first()
    if own is None or own.status == PlanStatus.WITHDRAWN.value:
        again = models.ErasurePlan.objects.filter(reason=f"{REPLAYED}{ref}").order_by("-id").first()
        own = again or own
    if own is None:
        raise SekishoError("retention.unknown-plan", room=ROOM, plan=ref)
    return own


def row_of(ref: str) -> models.ErasurePlan:
    """The row of one erasure. Raises: retention.unknown-plan."""
    row = models.ErasurePlan.objects.filter(ref=ref).first()
    if row is None:
        raise SekishoError("retention.unknown-plan", room=ROOM, plan=ref)
    return row


def warnings(record: PlanRecord, language: str = "ja") -> tuple[Mapping[str, object], ...]:
    """What whoever approves should know first: a relation that stands, a claim that is not settled."""
    words = wording(record.proposed_at, language)
    told = []
    for one in record.living:
        said = {"message": words.code(one["code"], one), "remedy": words.remedy(one["code"], one)}
        told.append({"code": one["code"], "system": one["system"], "table": one["table"], "rows": one["count"]} | said)
    return tuple(told)


def unknowns(record: PlanRecord, language: str = "ja") -> tuple[str, ...]:
    """What nobody could judge when the plan was made, in words."""
    words = wording(record.proposed_at, language)
    return tuple(words.code(one["code"], one["values"]) for one in record.unknown)


def plans(*, person: str = "") -> tuple[PlanRecord, ...]:
    """All erasures, newest first; of one person only, where named."""
    rows = models.ErasurePlan.objects.order_by("-proposed_at", "-id")
    return tuple(_plan(row) for row in (rows.filter(person_ref=person) if person else rows))


def unfinished_plans() -> tuple[str, ...]:
    """Erasures that were under way when the process ended, or whose clock for another try has not been looked at."""
    rows = models.ErasurePlan.objects.filter(status__in=(PlanStatus.RUNNING.value, PlanStatus.DONE.value))
    return tuple(rows.order_by("id").values_list("ref", flat=True))


def waiting_plans(at: datetime) -> tuple[str, ...]:
    """一部未了 whose clock has come, approved ones whose hold window is over."""
    partly = models.ErasurePlan.objects.filter(status=PlanStatus.PARTLY.value, retry_at__lte=at)
    approved = models.ErasurePlan.objects.filter(status=PlanStatus.APPROVED.value, hold_until__lte=at)
    return tuple(row.ref for row in (*partly.order_by("id"), *approved.order_by("id")))


def certificate(ref: str) -> Mapping[str, Any]:
    """The certificate's document. Raises: retention.unknown-plan, retention.not-certified."""
    row = leading_row(ref)
    if row.certificate is None:
        raise SekishoError("retention.not-certified", room=ROOM, plan=ref)
    document: Mapping[str, Any] = row.certificate
    return document


def requeued(on: date) -> tuple[RetainedRecord, ...]:
    """Retained items whose last day is over on this day and which nobody has released yet."""
    rows = models.RetainedItem.objects.filter(until__lt=on, released_at=None).order_by("until", "id")
    return tuple(_retained(row) for row in rows)


def retaining_plans(on: date) -> tuple[str, ...]:
    """Certified erasures of which something may go now: its last day is over, or it never had one (an unpaid claim)."""
    rows = models.RetainedItem.objects.filter(plan__status=PlanStatus.CERTIFIED.value, released_at=None)
    due = rows.filter(Q(until=None) | Q(until__lt=on)).order_by("plan_id").values_list("plan__ref", flat=True)
    return tuple(dict.fromkeys(due))


def unfinished_sweeps() -> tuple[str, ...]:
    """Sweeps that were under way when the process ended."""
    rows = models.SweepRun.objects.filter(status=RunStatus.RUNNING.value)
    return tuple(rows.order_by("id").values_list("ref", flat=True))


def last_sweep() -> SweepRecord | None:
    """The newest sweep."""
    row = models.SweepRun.objects.order_by("-started_at", "-id").first()
    return sweep(row.ref) if row else None


def sweep(ref: str) -> SweepRecord:
    """One sweep by its reference."""
    row = models.SweepRun.objects.get(ref=ref)
    return SweepRecord(
        ref=row.ref,
        on=row.on,
        policy=row.policy,
        status=RunStatus(row.status),
        examined=row.examined,
        erased=row.erased,
        kept=tuple(row.kept),
        unswept=tuple(row.unswept),
        started_at=row.started_at,
        finished_at=row.finished_at,
        # A step that is told of as done already (`veil`) shows nowhere, not by a number that is left out either.
        steps=tuple(
            replace(_step(step), ordinal=ordinal)
            for ordinal, step in enumerate(
                models.SweepStep.objects.filter(run=row).exclude(spec__expected=0).order_by("ordinal"), start=1
            )
        ),
    )


def _plan(row: models.ErasurePlan) -> PlanRecord:
    return PlanRecord(
        ref=row.ref,
        person=row.person_ref,
        reason=row.reason,
        status=PlanStatus(row.status),
        sha256=row.sha256,
        on=row.on,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        approved_by=tuple(models.Approval.objects.filter(plan=row).order_by("id").values_list("by", flat=True)),
        steps=tuple(_step(step) for step in models.ErasureStep.objects.filter(plan=row).order_by("ordinal")),
        retained=tuple(_retained(one) for one in models.RetainedItem.objects.filter(plan=row).order_by("ordinal")),
        unknown=tuple(row.document["unknown"]),
        copies=tuple(row.document.get("copies", ())),
        living=tuple(row.document.get("living", ())),
        why=tuple(row.why),
        retry_at=row.retry_at,
        hold_until=row.hold_until,
        finished_at=row.finished_at,
        verification=row.verification,
        entry=row.entry,
        certified_at=row.certified_at,
    )


def _step(row: models.ErasureStep | models.SweepStep) -> StepRecord:
    return StepRecord(
        ordinal=row.ordinal,
        kind=row.spec["kind"],
        system=row.spec["system"],
        table=row.spec["table"],
        role=row.spec["role"],
        columns=tuple(row.spec["columns"]),
        how=row.spec.get("how", ""),
        status=StepStatus(row.status),
        before=row.before,
        after=row.after,
        why=row.why,
    )


def _retained(row: models.RetainedItem) -> RetainedRecord:
    return RetainedRecord(
        system=row.system,
        table=row.table,
        role=row.role,
        item=row.item,
        clause=row.clause,
        article=row.article,
        says=row.says,
        until=row.until,
        rows=row.rows,
        released_at=row.released_at,
    )
