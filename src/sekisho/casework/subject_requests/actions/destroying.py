"""What served its time goes, with evidence: pages that showed who asks, and the whole file of a case long closed."""

from datetime import date, datetime, timedelta

from sekisho.casework.subject_requests import rules
from sekisho.casework.subject_requests.actions import scans
from sekisho.casework.subject_requests.actions.bodies import keep_fingerprints
from sekisho.casework.subject_requests.actions.complaints import ANSWERED
from sekisho.casework.subject_requests.models import Arrival, CaseAnswer, CaseCorrection, Complaint, SubjectRequest
from sekisho.casework.subject_requests.queries.answers import DRAFT
from sekisho.casework.subject_requests.queries.sealed import box, key_path
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.policy.model import DataKind, Policy
from sekisho.engine.policy.periods import add
from sekisho.evidence import actions as evidence
from sekisho.evidence.writing import writing
from sekisho.registers.policies import queries as policies

VERIFICATION = "verification"  # the event retention counts from


def destroy_due(*, at: datetime, acting_user: str) -> tuple[str, ...]:
    """Destroy the pages of every case whose check of identity lies past the policy's period; returns which.

    A policy without such a period keeps them as long as the case is open, and not a day longer. What ended without a case
    goes after our own days (`limits.toml`, set_aside). Evidence: `arrival.destroyed` for each. Idempotent: what a crash
    left is destroyed by the next turn.
    """
    policy, today = policies.in_force(at), tokyo_date(at)
    gone = []
    for row in Arrival.objects.filter(destroyed_at=None, pages__gt=0).select_related("request").order_by("id"):
        if not (_is_set_aside(row, today) if row.request is None else _is_past(row.request, policy, today)):
            continue
        scans.destroy_pages(row.ref)
        with writing():
            Arrival.objects.filter(pk=row.pk).update(destroyed_at=at)
            evidence.append(kind="arrival.destroyed", body={"arrival": row.ref, "by": acting_user}, at=at)
        gone.append(row.ref)
    return tuple(gone)


def destroy_files(*, at: datetime, acting_user: str) -> tuple[str, ...]:
    """Destroy what is sealed of every case closed longer ago than its file is kept; returns which.

    Letters, what was gathered, corrections, answers and the clerks' words about them go; that there was a case, how it
    ended and what the ledger says of it stay. Evidence: `request.file-destroyed` for each, before: a crash destroys again.
    """
    keep, today, gone = rules.limits()["answers"]["keep"], tokyo_date(at), list[str]()
    for row in SubjectRequest.objects.filter(closed_at__isnull=False).order_by("id"):
        if row.closed_at is None or add(tokyo_date(row.closed_at), keep) >= today:
            continue
        sealed = [ref for ref in _sealed_of(row) if box(ref).exists() or key_path(ref).exists()]
        if not sealed:
            continue
        keep_fingerprints(row)
        with writing():
            CaseAnswer.objects.filter(request=row, destroyed_at=None).update(destroyed_at=at)
            CaseCorrection.objects.filter(request=row, destroyed_at=None).update(destroyed_at=at)
            Arrival.objects.filter(ref__in=sealed, destroyed_at=None).update(destroyed_at=at)
            body = {"request": row.reference, "documents": sealed, "by": acting_user}
            evidence.append(kind="request.file-destroyed", body=body, at=at)
        for ref in sealed:
            scans.destroy_pages(ref)
        gone.append(row.reference)
    return (*gone, *_destroy_complaints(keep, today, at, acting_user))


def _destroy_complaints(keep: str, today: date, at: datetime, acting_user: str) -> list[str]:
    """The words of complaints that belong to no case, as long after their answer. Evidence: `complaint.destroyed` for each."""
    gone = list[str]()
    for row in Complaint.objects.filter(request=None, answered_on__isnull=False).order_by("id"):
        if row.answered_on is None or add(row.answered_on, keep) >= today or not box(row.ref).exists():
            continue
        with writing():
            evidence.append(kind="complaint.destroyed", body={"complaint": row.ref, "by": acting_user}, at=at)
            Arrival.objects.filter(complaint=row, destroyed_at=None).update(destroyed_at=at)
        for ref in (row.ref + ANSWERED, row.ref, *Arrival.objects.filter(complaint=row).values_list("ref", flat=True)):
            scans.destroy_pages(ref)
        gone.append(row.ref)
    return gone


def _sealed_of(row: SubjectRequest) -> list[str]:
    answers = list(row.answers.values_list("ref", flat=True))
    others = [*row.letters.values_list("ref", flat=True), *row.gatherings.values_list("ref", flat=True)]
    complaints = [
        one for ref in row.complaints.exclude(outcome="").values_list("ref", flat=True) for one in (ref, ref + ANSWERED)
    ]
    corrections = row.corrections.values_list("ref", flat=True)
    complaints += list(
        Arrival.objects.filter(complaint__request=row, complaint__answered_on__isnull=False).values_list(
            "ref", flat=True
        )
    )
    return [*answers, *(ref + DRAFT for ref in answers), *others, *corrections, *complaints]


def _is_set_aside(row: Arrival, today: date) -> bool:
    """Whether it ended without a case, longer ago than such pages are kept; a complaint's go with the complaint."""
    keep = rules.limits()["set_aside"].get(row.state)
    return keep is not None and row.decided_at is not None and tokyo_date(row.decided_at) + timedelta(days=keep) < today


def _is_past(case: SubjectRequest, policy: Policy, today: date) -> bool:
    keep = next(
        (
            rule.keep
            for rule in policy.retention
            if rule.after == VERIFICATION and any(_is_desk_image(policy, item) for item in rule.items)
        ),
        None,
    )
    if keep is None or case.identity_checked_at is None:
        return case.closed_at is not None
    return add(tokyo_date(case.identity_checked_at), keep) < today


def _is_desk_image(policy: Policy, item: str) -> bool:
    known = policy.classes.get(item.partition(".")[0])
    return known is not None and known.kind is DataKind.DESK_IDENTITY_IMAGE
