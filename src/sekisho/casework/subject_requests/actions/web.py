"""Requests by web: kept sealed until the code sent to the e-mail address comes back, then an arrival like any other."""

import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.contrib.auth.hashers import check_password, make_password
from PIL.Image import Image

from sekisho.casework.subject_requests import rules
from sekisho.casework.subject_requests.actions import scans
from sekisho.casework.subject_requests.actions.access import nobodys_hash
from sekisho.casework.subject_requests.actions.intake import receive_by_web
from sekisho.casework.subject_requests.models import WebRequest
from sekisho.casework.subject_requests.rules.access import SIGNS, typed
from sekisho.connectors.scans import as_png
from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.evidence import actions as evidence
from sekisho.evidence.writing import writing

CODE_LENGTH = 8  # forty bits behind a handful of tries


def begin_web_request(*, kind: str, pages: Sequence[Image], e_mail: str, at: datetime) -> tuple[str, str]:
    """Keep a request sealed until its code comes back; returns its reference and the code to be sent.

    The code is empty where so many e-mails went to that address already: the page says the same, nothing is sent.
    What nobody confirmed in time goes. Evidence: `web-request.kept`. Raises: requests.web-busy.
    """
    drop_web_requests(at=at, acting_user="centre")
    limits, mark = rules.limits()["web"], _mark(e_mail)
    code, pictures = "".join(secrets.choice(SIGNS) for _ in range(CODE_LENGTH)), [as_png(page) for page in pages]
    hashed = make_password(code)
    with writing():
        waiting = WebRequest.objects.filter(arrival=None)
        if waiting.count() >= limits["unconfirmed"]:
            raise SekishoError("requests.web-busy", room=rules.ROOM)
        is_too_many = waiting.filter(mail_mark=mark).count() >= limits["same_mail"]
        row = WebRequest.objects.create(
            ref=_next(at),
            kind=kind,
            mail_mark=mark,
            code_hash=hashed,
            made_at=at,
            expires_at=at + timedelta(minutes=limits["code_minutes"]),
        )
        scans.seal_pages(row.ref, pictures)
        evidence.append(kind="web-request.kept", body={"request": row.ref, "pages": len(pictures)}, at=at)
    return str(row.ref), "" if is_too_many else code


def confirm_web_request(*, ref: str, code: str, at: datetime) -> str:
    """The code came back: the request arrives now and a case opens. Returns the case's reference; a repeat the same one.

    The same work and the same answer for a reference nobody has, a wrong code, one used up and one that is over.
    Evidence: `web-request.confirmed`, `arrival.recorded`, …, or `web-request.refused`. Raises: requests.web-code-refused.
    """
    number = ref.strip().upper()
    found = WebRequest.objects.filter(ref=number).first()
    is_right = check_password(typed(code), found.code_hash if found else nobodys_hash())
    reference = ""
    with writing():
        row = WebRequest.objects.select_for_update().filter(ref=number).first()
        if row is not None and is_right and _is_open(row, at):
            reference = _arrive(row, at)
        else:
            WebRequest.objects.filter(ref=number).update(tries=(row.tries if row else 0) + 1)
            evidence.append(kind="web-request.refused", body={"request": row.ref if row else ""}, at=at)
    if not reference:
        raise SekishoError("requests.web-code-refused", room=rules.ROOM)
    scans.destroy_pages(number)
    return reference


def receive_unchecked(*, kind: str, pages: Sequence[Image], at: datetime) -> str:
    """A request by web under a policy that asks for no check: it arrives at once. Returns the case's reference."""
    pictures = [as_png(page) for page in pages]
    with writing():
        _, reference = receive_by_web(kind=kind, pictures=pictures, at=at)
    return reference


def drop_web_requests(*, at: datetime, acting_user: str) -> int:
    """Destroy the sheets of requests nobody confirmed in time, and their rows. Evidence: `web-request.dropped` for each."""
    gone = 0
    for ref in WebRequest.objects.filter(arrival=None, expires_at__lte=at).values_list("ref", flat=True):
        scans.destroy_pages(ref)
        with writing():
            if WebRequest.objects.filter(ref=ref, arrival=None).delete()[0]:
                evidence.append(kind="web-request.dropped", body={"request": ref, "by": acting_user}, at=at)
                gone += 1
    return gone


def _arrive(row: WebRequest, at: datetime) -> str:
    if row.arrival is not None:
        return str(row.arrival.request.reference if row.arrival.request else "")
    row.arrival, reference = receive_by_web(kind=row.kind, pictures=scans.open_pages(row.ref), at=at)
    row.save(update_fields=["arrival"])
    body = {"request": row.ref, "arrival": row.arrival.ref, "case": reference}
    evidence.append(kind="web-request.confirmed", body=body, at=at)
    return reference


def _is_open(row: WebRequest, at: datetime) -> bool:
    return at < row.expires_at and row.tries < rules.limits()["web"]["code_tries"]


def _next(at: datetime) -> str:
    """References are drawn, not counted: nobody can try the neighbour's."""
    return f"W-{tokyo_date(at).year}-{''.join(secrets.choice(SIGNS) for _ in range(CODE_LENGTH))}"


def _mark(e_mail: str) -> str:
    return hmac.new(scans.desk_key(), e_mail.strip().lower().encode(), "sha256").hexdigest()
