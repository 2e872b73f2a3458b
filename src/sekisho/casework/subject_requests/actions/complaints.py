"""Complaints: what came, and what was answered. Words stand sealed, never in the database."""

from datetime import date, datetime
from hashlib import sha256

from sekisho.casework.subject_requests import queries, rules
from sekisho.casework.subject_requests.actions import scans
from sekisho.casework.subject_requests.actions.intake import end_as_complaint
from sekisho.casework.subject_requests.models import Complaint, SubjectRequest
from sekisho.casework.subject_requests.queries.complaint_letters import complaint_letter
from sekisho.casework.subject_requests.queries.letter_page import Recipient
from sekisho.casework.subject_requests.queries.sealed import box
from sekisho.casework.subject_requests.rules.complaints import (
    About,
    ComplaintEnd,
    complaint_after,
    require_answerable,
)
from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.evidence import actions as evidence
from sekisho.evidence.writing import writing

ANSWERED = "-R"  # of the sealed words of the answer


def open_complaint(
    *,
    about: About,
    words: str,
    received_on: date,
    at: datetime,
    acting_user: str,
    reference: str = "",
    arrival: str = "",
) -> str:
    """Register a complaint, perhaps about one request; returns its reference. No identity is asked for.

    `arrival`: what waited at the desk and is the complaint; it ends as one. Evidence: `complaint.opened`, `arrival.decided`.
    Raises: requests.received-in-future, requests.unknown-case, requests.unknown-arrival, requests.arrival-decided.
    """
    if received_on > tokyo_date(at):
        raise SekishoError("requests.received-in-future", room=rules.ROOM, received_on=received_on)
    if reference:
        queries.case(reference)
    with writing():
        came = end_as_complaint(ref=arrival, at=at, acting_user=acting_user) if arrival else None
        year = tokyo_date(at).year
        rows = Complaint.objects.select_for_update().filter(ref__startswith=f"Q-{year}-").order_by("-id")
        ref = complaint_after(rows.values_list("ref", flat=True).first(), year)
        content = words.encode()
        scans.seal(ref, content)
        Complaint.objects.create(
            ref=ref,
            request=SubjectRequest.objects.filter(reference=reference).first() if reference else None,
            arrival=came,
            about=about.value,
            received_on=received_on,
            opened_by=acting_user,
            opened_at=at,
            sha256=sha256(content).hexdigest(),
        )
        body = {"complaint": ref, "request": reference, "about": about.value, "received_on": received_on.isoformat()}
        body |= {"arrival": arrival} if arrival else {}
        evidence.append(kind="complaint.opened", body=body | {"by": acting_user}, at=at)
    return ref


def answer_complaint(
    *, ref: str, end: ComplaintEnd, words: str, answered_on: date, at: datetime, acting_user: str
) -> None:
    """Note how a complaint was answered. Evidence: `complaint.answered`.

    Raises: requests.unknown-complaint, requests.complaint-answered, requests.answered-before-arrival.
    """
    with writing():
        row = Complaint.objects.select_for_update().filter(ref=ref).first()
        if row is None:
            raise SekishoError("requests.unknown-complaint", room=rules.ROOM, ref=ref)
        require_answerable(row.received_on, answered_on, is_open=not row.outcome, ref=ref)
        scans.seal(ref + ANSWERED, words.encode())
        row.outcome, row.answered_on, row.answered_by, row.answered_at = end.value, answered_on, acting_user, at
        row.save(update_fields=["outcome", "answered_on", "answered_by", "answered_at"])
        body = {"complaint": ref, "outcome": end.value, "on": answered_on.isoformat(), "by": acting_user}
        evidence.append(kind="complaint.answered", body=body, at=at)


def write_complaint_letter(*, ref: str, to: Recipient, at: datetime, acting_user: str, language: str = "ja") -> bytes:
    """The letter of an answered complaint, to be printed. It is not kept: its words are, as long as the complaint's are.

    Evidence: `complaint.read`, `complaint.letter-made`. Raises: requests.unknown-complaint, requests.complaint-unanswered,
    requests.scan-gone, connector.sign-missing.
    """
    row = queries.complaint(ref)
    _, answered = read_complaint(ref=ref, account=acting_user, at=at)
    if not answered:
        raise SekishoError("requests.complaint-unanswered", room=rules.ROOM, ref=ref)
    pdf = complaint_letter(ref, to, received_on=row.received_on, answered=answered, at=at, language=language)
    with writing():
        body = {"complaint": ref, "sha256": sha256(pdf).hexdigest(), "by": acting_user}
        evidence.append(kind="complaint.letter-made", body=body, at=at)
    return pdf


def read_complaint(*, ref: str, account: str, at: datetime) -> tuple[str, str]:
    """What the person wrote and what was answered, for one account; empty once its time is over. Evidence: `complaint.read`.

    Raises: requests.unknown-complaint, requests.scan-gone.
    """
    row = queries.complaint(ref)
    if not box(ref).exists():
        return "", ""
    came = scans.unseal(ref).decode()
    answered = scans.unseal(ref + ANSWERED).decode() if row.outcome else ""
    with writing():
        evidence.append(kind="complaint.read", body={"complaint": ref, "by": account}, at=at)
    return came, answered
