"""Letters of a case: set, sealed, their hash in the ledger; and how they left."""

from datetime import date, datetime
from hashlib import sha256

from sekisho.casework.subject_requests import queries, rules
from sekisho.casework.subject_requests.actions import scans
from sekisho.casework.subject_requests.actions.access import hash_of, keep_access, new_secret
from sekisho.casework.subject_requests.models import CaseLetter, SubjectRequest
from sekisho.casework.subject_requests.queries.letters import AFTER_THE_END, WITH_SECRET, Recipient, letter
from sekisho.engine.errors import SekishoError
from sekisho.evidence import actions as evidence
from sekisho.evidence.writing import writing

__all__ = ["Recipient", "open_letter", "send_letter", "write_letter"]


def write_letter(
    *, reference: str, kind: str, to: Recipient, at: datetime, acting_user: str, language: str = "ja"
) -> str:
    """Set a letter, seal it and note its hash; returns its reference. Evidence: `request.letter-made`.

    A letter that prints a secret gives the case a new one, and only paper holds it. Evidence: `request.access-issued`.
    Raises: requests.unknown-case, requests.case-closed, requests.not-erased, connector.sign-missing.
    """
    if kind not in AFTER_THE_END:
        rules.require_open(queries.case(reference))
    secret = new_secret() if kind in WITH_SECRET else ""
    hashed = hash_of(secret) if secret else ""
    pdf = letter(reference, kind, to, key=scans.desk_key(), at=at, language=language, secret=secret)
    with writing():
        row = SubjectRequest.objects.select_for_update().get(reference=reference)
        made = CaseLetter.objects.create(
            ref=f"{reference}-L{CaseLetter.objects.filter(request=row).count() + 1}",
            request=row,
            kind=kind,
            sha256=sha256(pdf).hexdigest(),
            made_by=acting_user,
            made_at=at,
        )
        scans.seal(made.ref, pdf)
        body = {"request": reference, "letter": made.ref, "kind": kind, "sha256": made.sha256, "by": acting_user}
        evidence.append(kind="request.letter-made", body=body, at=at)
        if secret:
            keep_access(row, hashed, at=at, acting_user=acting_user)
    return str(made.ref)


def open_letter(*, ref: str, account: str, at: datetime) -> bytes:
    """A letter as PDF, for one account. Evidence: `request.letter-opened`. Raises: requests.scan-gone."""
    pdf = scans.unseal(ref)
    with writing():
        evidence.append(kind="request.letter-opened", body={"letter": ref, "by": account}, at=at)
    return pdf


def send_letter(*, ref: str, sent_on: date, registered_no: str, at: datetime, acting_user: str) -> None:
    """Note that a letter left, and the number of its registered mail. Evidence: `request.letter-sent`.

    Raises: requests.unknown-letter, requests.letter-sent.
    """
    with writing():
        row = CaseLetter.objects.select_for_update().filter(ref=ref).first()
        if row is None:
            raise SekishoError("requests.unknown-letter", room=rules.ROOM, ref=ref)
        if row.sent_on is not None:
            raise SekishoError("requests.letter-sent", room=rules.ROOM, ref=ref)
        row.sent_on, row.registered_no = sent_on, registered_no
        row.save(update_fields=["sent_on", "registered_no"])
        body = {"letter": ref, "sent_on": sent_on.isoformat(), "registered_no": registered_no, "by": acting_user}
        evidence.append(kind="request.letter-sent", body=body, at=at)
