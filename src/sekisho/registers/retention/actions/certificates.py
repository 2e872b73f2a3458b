"""The certificate of an erasure: counts, hashes and opaque references, bound to an entry of the ledger."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from sekisho.engine.errors import SekishoError
from sekisho.evidence.actions import append
from sekisho.evidence.queries import digest_of
from sekisho.registers.contractors import queries as contractors
from sekisho.registers.retention import rules
from sekisho.registers.retention.actions import sealing
from sekisho.registers.retention.models import ErasurePlan, ErasureStep, RetainedItem
from sekisho.registers.retention.queries.plans import leading_row
from sekisho.registers.retention.rules import REPLAYED, ROOM, PlanStatus

FORMAT = "sekisho-erasure-1"


def certify_plan(*, plan: str, at: datetime, acting_user: str) -> str:
    """Certify a verified erasure; returns the ledger entry. The seal over the person's identifiers dies with it.

    While anything of the person is retained (留保) the seal lives on, for it must be found again when its day comes.
    A repeat is a no-op. Evidence: `retention.erasure-certified` with the certificate's digest.
    Raises: retention.not-verified, retention.wrong-state.
    """
    with transaction.atomic():
        row = ErasurePlan.objects.select_for_update().get(pk=leading_row(plan).pk)
        plan = row.ref
        if row.status == PlanStatus.CERTIFIED.value:
            entry = row.entry
        else:
            if row.status != PlanStatus.VERIFIED.value or row.verification is None:
                raise SekishoError("retention.not-verified", room=ROOM, plan=plan)
            rules.require_transition(plan, row.status, PlanStatus.CERTIFIED)
            document = _document(row, at)
            body = {"plan": plan, "certificate": digest_of(document), "by": acting_user}
            entry = append(kind="retention.erasure-certified", body=body, at=at)
            row.status, row.certificate, row.entry, row.certified_at = PlanStatus.CERTIFIED.value, document, entry, at
            if not _waits(row):
                row.sealed = None
            row.save(update_fields=["status", "certificate", "entry", "certified_at", "sealed"])
    forget_seals()
    return entry


def forget_seals() -> int:
    """Destroy the keys of seals that are gone from the database, as after a crash between the two; returns how many."""
    gone = ErasurePlan.objects.filter(
        sealed=None, status__in=(PlanStatus.CERTIFIED.value, PlanStatus.WITHDRAWN.value)
    ).values_list("ref", flat=True)
    keys = [ref for ref in gone if sealing.has_key(ref)]
    for ref in keys:
        sealing.destroy_key(ref)
    return len(keys)


def _waits(row: ErasurePlan) -> bool:
    return RetainedItem.objects.filter(plan=row, released_at=None).exists()


def _document(row: ErasurePlan, at: datetime) -> Mapping[str, Any]:
    """Codes, counts, articles of law and opaque references: nothing about the person but that they are gone."""
    steps = ErasureStep.objects.filter(plan=row).order_by("ordinal")
    retained = RetainedItem.objects.filter(plan=row).order_by("ordinal")
    return {
        "format": FORMAT,
        "plan": row.ref,
        "plan_sha256": row.sha256,
        "carries_out_again": row.reason.removeprefix(REPLAYED) if row.reason.startswith(REPLAYED) else "",
        "person": row.person_ref,
        "target": row.document["target"],
        "policy": row.document["policy"],
        "policy_sha256": row.document["policy_sha256"],
        "datamap_sha256": row.document["datamap_sha256"],
        "finished_at": row.finished_at.isoformat() if row.finished_at else None,
        "certified_at": at.isoformat(),
        "contractors": [
            {
                "order": one.ref,
                "contractor": one.contractor,
                "sealed_sha256": one.sealed_sha256,
                "issued_at": one.issued_at.isoformat(),
                "done_on": one.done_on.isoformat() if one.done_on else None,
                "method": one.method,
                "chased": list(one.chased),
            }
            for one in contractors.orders(plan=row.ref)
        ],
        "copies": list(row.document.get("copies", ())),
        "steps": [
            {
                "step": step.ordinal,
                "kind": step.spec["kind"],
                "system": step.spec["system"],
                "table": step.spec["table"],
                "role": step.spec["role"],
                "how": step.spec.get("how", "") if step.spec["kind"] == "delete" else "",
                "before": step.before,
                "after": step.after,
            }
            for step in steps
        ],
        "retained": [
            {
                "system": one.system,
                "table": one.table,
                "item": one.item,
                "rule": one.rule,
                "clause": one.clause,
                "article": one.article,
                "until": one.until.isoformat() if one.until else None,
                "rows": one.rows,
            }
            for one in retained
        ],
        "verification": row.verification,
    }
