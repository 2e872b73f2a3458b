"""Requests, what was erased under them, and who may see whose page until when."""

from dataclasses import dataclass
from datetime import date, datetime

from sekisho.casework.subject_requests import rules
from sekisho.casework.subject_requests.models import CaseLetter, PageOpening, SubjectRequest
from sekisho.casework.subject_requests.queries.standing import clock_for, waits_of
from sekisho.casework.subject_requests.rules import Case, Clock, Status
from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import tokyo_date
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
    row = SubjectRequest.objects.get(reference=reference)
    return clock_for(row, tokyo_date(at), waits_of(row))


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterRecord:
    """A letter of a case: its reference, kind, when it was made, and how it left."""

    ref: str
    kind: str
    made_at: datetime
    sent_on: date | None
    registered_no: str


def letters_of(reference: str) -> tuple[LetterRecord, ...]:
    """The letters of a case in order."""
    return tuple(
        LetterRecord(
            ref=row.ref, kind=row.kind, made_at=row.made_at, sent_on=row.sent_on, registered_no=row.registered_no
        )
        for row in CaseLetter.objects.filter(request__reference=reference).order_by("id")
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
