"""Requests, what was erased under them, and who may see whose page until when."""

from dataclasses import dataclass
from datetime import datetime

from sekisho.casework.subject_requests import rules
from sekisho.casework.subject_requests.models import PageOpening, SubjectRequest
from sekisho.casework.subject_requests.rules import Case, Clock, Status, Target, clock_of
from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.pack import law
from sekisho.registers.retention.queries import plans


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """One erasure of the person's data. `entry`: the certificate's place in the ledger, once verified and certified."""

    plan: str
    is_certified: bool
    is_partly: bool
    done_at: datetime | None
    places: tuple[str, ...]
    entry: str


def case(reference: str) -> Case:
    """One request.

    Raises: requests.unknown-case.
    """
    row = SubjectRequest.objects.filter(reference=reference).first()
    if row is None:
        raise SekishoError("requests.unknown-case", room=rules.ROOM, reference=reference)
    return _case(row)


def cases() -> tuple[Case, ...]:
    """All requests: open ones first, the earliest arrival first."""
    return tuple(_case(row) for row in SubjectRequest.objects.order_by("-status", "received_on", "id"))


def clock(reference: str, at: datetime) -> Clock | None:
    """The clocks of an open request; None once it is closed. Raises: requests.unknown-case."""
    found = case(reference)
    if not found.is_open:
        return None
    target = rules.limits()["target"]
    return clock_of(
        arrived_on=found.received_on,
        on=tokyo_date(at),
        target=Target(days=target["days"], business=target["business"]),
        suit=law().deadline("suit_possible"),
    )


def erasures(person: str) -> tuple[Erasure, ...]:
    """What was erased of this person, newest first, and what law or a claim kept back."""
    return tuple(
        Erasure(
            plan=plan.ref,
            is_certified=plan.certified_at is not None,
            is_partly=bool(plan.why),
            done_at=plan.certified_at or plan.finished_at,
            places=tuple(dict.fromkeys(step.system for step in plan.steps if step.before)),
            entry=plan.entry,
        )
        for plan in plans(person=person)
    )


def open_until(reference: str, account: str, at: datetime) -> datetime | None:
    """Until when this account may see the person's page; None = not open, or no longer."""
    opening = (
        PageOpening.objects.filter(
            request__reference=reference, request__status=Status.OPEN.value, account=account, expires_at__gt=at
        )
        .order_by("-expires_at")
        .first()
    )
    return opening.expires_at if opening else None


def _case(row: SubjectRequest) -> Case:
    return Case(
        reference=row.reference,
        kind=row.kind,
        person=row.person_ref,
        received_on=row.received_on,
        opened_by=row.opened_by,
        status=Status(row.status),
        identity_checked_at=row.identity_checked_at,
        answered_on=row.answered_on,
        outcome=row.outcome,
        certificate=row.certificate,
        closed_at=row.closed_at,
    )
