"""What arrives: batches of pages, calls and visits recorded, and what a person decides about each."""

import io
from collections.abc import Sequence
from datetime import datetime

from PIL import Image

from sekisho.casework.subject_requests import queries, rules
from sekisho.casework.subject_requests.actions import scans
from sekisho.casework.subject_requests.actions.cases import open_case
from sekisho.casework.subject_requests.actions.marking import finish, note_marks
from sekisho.casework.subject_requests.actions.papers import end_wait
from sekisho.casework.subject_requests.models import Arrival, SubjectRequest
from sekisho.casework.subject_requests.rules import Status
from sekisho.casework.subject_requests.rules.clock import arrival_of
from sekisho.casework.subject_requests.rules.codes import Read, read_code
from sekisho.casework.subject_requests.rules.intake import ArrivalState, Channel, Document, documents, may_reconsider
from sekisho.connectors import barcodes
from sekisho.connectors.scans import as_png, darkness
from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.evidence import actions as evidence
from sekisho.evidence.writing import writing
from sekisho.registers.policies import queries as policies

EMPTY, BLACK = 0.002, 0.6  # of a page that is dark
BY_WEB = "centre"  # whoever asks by web has no account


def receive(
    *, pages: Sequence[Image.Image], channel: Channel, arrived_at: datetime, at: datetime, acting_user: str
) -> tuple[str, ...]:
    """Record a batch of pages: cut where forms begin, each document sealed, put to its case or opening one.

    What carries no code of ours waits for a person. Returns the references in the order of the pages.
    Evidence: `arrival.recorded` for each, and what the case's opening leaves. Raises: requests.received-in-future.
    """
    _require_past(arrived_at, at)
    key = scans.desk_key()
    read = [next((found for text in barcodes.read(page) if (found := read_code(text, key))), None) for page in pages]
    return tuple(_record(document, pages, channel, arrived_at, at, acting_user) for document in documents(read))


def record_contact(*, channel: Channel, arrived_at: datetime, at: datetime, acting_user: str) -> str:
    """Note a call or a visit without paper: it is guidance, opens no clock, and waits for what came of it."""
    _require_past(arrived_at, at)
    with writing():
        row = _create(channel, arrived_at, at, acting_user)
        _evidence(row, at)
    return str(row.ref)


def receive_by_web(*, kind: str, pictures: Sequence[bytes], at: datetime) -> tuple[Arrival, str]:
    """A request by web arrives: part of the action that confirms it. `pictures`: its sheets as PNG. Returns its case too.

    Evidence: `arrival.recorded`, and what the case's opening leaves.
    """
    row = _create(
        Channel.WEB, at, at, BY_WEB, pages=len(pictures), sha256=scans.fingerprint(pictures), kind=kind, is_dim=False
    )
    _evidence(row, at)
    scans.seal_pages(row.ref, pictures)
    note_marks(row, [Image.open(io.BytesIO(picture), formats=("PNG",)) for picture in pictures], is_form=True)
    return row, open_case_for(ref=row.ref, kind=kind, person="", at=at, acting_user=BY_WEB)


def link(*, ref: str, reference: str, at: datetime, acting_user: str) -> None:
    """An arrival belongs to a case that stands. Evidence: `arrival.decided`. Raises: requests.arrival-decided, …"""
    with writing():
        rules.require_open(queries.case(reference))
        case = SubjectRequest.objects.get(reference=reference)
        _decide(ref, ArrivalState.LINKED, at, acting_user, case)


def open_case_for(*, ref: str, kind: str, person: str, at: datetime, acting_user: str) -> str:
    """An arrival is a request: a case opens, counted from the day it arrived. Returns the case's reference.

    A call opens none: it is guidance. Raises: law.unknown-key, requests.arrival-decided, requests.unknown-arrival,
    requests.phone-is-guidance.
    """
    with writing():
        row = _waiting(ref)
        if row.channel == Channel.PHONE.value:
            raise SekishoError("requests.phone-is-guidance", room=rules.ROOM, ref=ref)
        arrived_on = tokyo_date(row.arrived_at)
        case = open_case(person=person, kind=kind, received_on=arrived_on, at=at, acting_user=acting_user)
        _decide(ref, ArrivalState.CASED, at, acting_user, SubjectRequest.objects.get(reference=case.reference))
    return case.reference


def set_aside(*, ref: str, state: ArrivalState, at: datetime, acting_user: str) -> None:
    """An arrival is not ours, can't be read, or was answered with the form. Evidence: `arrival.decided`."""
    if state in (ArrivalState.CASED, ArrivalState.LINKED, ArrivalState.COMPLAINT, ArrivalState.WAITING):
        raise SekishoError("requests.arrival-needs-case", room=rules.ROOM, ref=ref)
    with writing():
        _decide(ref, state, at, acting_user, None)


def end_as_complaint(*, ref: str, at: datetime, acting_user: str) -> Arrival:
    """An arrival opened a complaint: part of the action that opens it. Evidence: `arrival.decided`.

    Raises: requests.arrival-decided, requests.unknown-arrival.
    """
    _decide(ref, ArrivalState.COMPLAINT, at, acting_user, None)
    return Arrival.objects.get(ref=ref)


def reconsider(*, ref: str, at: datetime, acting_user: str) -> None:
    """What was decided about an arrival was a slip: it waits again. A case it opened is ended on the case's own page.

    A wait its pages ended stays ended: our target may run on for nothing, never stand still for nothing.
    Evidence: `arrival.reconsidered`. Raises: requests.arrival-stays, requests.scan-gone, requests.unknown-arrival.
    """
    with writing():
        row = Arrival.objects.select_for_update(of=("self",)).select_related("request").filter(ref=ref).first()
        if row is None:
            raise SekishoError("requests.unknown-arrival", room=rules.ROOM, ref=ref)
        if not may_reconsider(
            ArrivalState(row.state), is_open=row.request is None or row.request.status == Status.OPEN
        ):
            raise SekishoError("requests.arrival-stays", room=rules.ROOM, ref=ref)
        if row.destroyed_at is not None:
            raise SekishoError("requests.scan-gone", room=rules.ROOM, ref=ref)
        body = {"arrival": ref, "was": row.state, "request": row.request.reference if row.request else ""}
        row.state, row.request, row.decided_by, row.decided_at = ArrivalState.WAITING.value, None, "", None
        row.save(update_fields=["state", "request", "decided_by", "decided_at"])
        evidence.append(kind="arrival.reconsidered", body=body | {"by": acting_user}, at=at)


def show_page(*, ref: str, page: int, account: str, at: datetime) -> bytes:
    """One page as PNG, for one account to look at. Evidence: `arrival.viewed`. Raises: requests.scan-gone."""
    finish(ref)
    found = scans.open_pages(ref)
    if not 1 <= page <= len(found):
        raise SekishoError("requests.scan-gone", room=rules.ROOM, ref=ref)
    with writing():
        evidence.append(kind="arrival.viewed", body={"arrival": ref, "page": page, "by": account}, at=at)
    return found[page - 1]


def print_form(*, reference: str, at: datetime, acting_user: str, language: str = "ja") -> bytes:
    """The form of an open case with its code, to be sent. Evidence: `request.form-printed`."""
    case = queries.case(reference)
    rules.require_open(case)
    pdf = queries.case_form(
        policies.in_force(at), case.kind, reference=reference, key=scans.desk_key(), at=at, language=language
    )
    with writing():
        evidence.append(kind="request.form-printed", body={"request": reference, "by": acting_user}, at=at)
    return pdf


def _record(
    document: Document,
    pages: Sequence[Image.Image],
    channel: Channel,
    arrived_at: datetime,
    at: datetime,
    acting_user: str,
) -> str:
    pictures = [as_png(pages[place]) for place in document.pages]
    dim = all(not EMPTY < darkness(pages[place]) < BLACK for place in document.pages)
    read = document.read or Read()
    with writing():
        row = _create(
            channel, arrived_at, at, acting_user, pages=len(pictures), sha256=scans.fingerprint(pictures),
            kind=read.kind, is_dim=dim,
        )  # fmt: skip
        _evidence(row, at)
        scans.seal_pages(row.ref, pictures)
        note_marks(row, [pages[place] for place in document.pages], is_form=document.read is not None)
        case = SubjectRequest.objects.filter(reference=read.case, status=Status.OPEN.value).first()
        if case is not None:
            _decide(row.ref, ArrivalState.LINKED, at, acting_user, case)
        elif read.kind in policies.in_force(at).rights:
            open_case_for(ref=row.ref, kind=read.kind, person="", at=at, acting_user=acting_user)
    return str(row.ref)


def _create(channel: Channel, arrived_at: datetime, at: datetime, acting_user: str, **more: object) -> Arrival:
    desk = queries.request_desk(policies.in_force(at))
    year = tokyo_date(at).year
    last = Arrival.objects.filter(ref__startswith=f"F-{year}-").order_by("-id").values_list("ref", flat=True).first()
    number = int(last.rsplit("-", 1)[1]) + 1 if last else 1
    return Arrival.objects.create(
        ref=f"F-{year}-{number:04d}",
        channel=channel.value,
        arrived_at=arrived_at,
        hours=arrival_of(arrived_at, desk).value if desk else "no_hours",
        recorded_at=at,
        recorded_by=acting_user,
        **more,
    )


def _evidence(row: Arrival, at: datetime) -> None:
    body = {"arrival": row.ref, "channel": row.channel, "pages": row.pages, "by": row.recorded_by}
    evidence.append(kind="arrival.recorded", body=body | {"arrived_at": row.arrived_at.isoformat()}, at=at)


def _decide(ref: str, state: ArrivalState, at: datetime, acting_user: str, case: SubjectRequest | None) -> None:
    row = _waiting(ref)
    row.state, row.request, row.decided_by, row.decided_at = state.value, case, acting_user, at
    row.save(update_fields=["state", "request", "decided_by", "decided_at"])
    if state is ArrivalState.LINKED and case is not None:
        end_wait(case, tokyo_date(row.arrived_at), at)
    body = {"arrival": ref, "state": state.value, "request": case.reference if case else "", "by": acting_user}
    evidence.append(kind="arrival.decided", body=body, at=at)


def _waiting(ref: str) -> Arrival:
    row = Arrival.objects.select_for_update().filter(ref=ref).first()
    if row is None:
        raise SekishoError("requests.unknown-arrival", room=rules.ROOM, ref=ref)
    if row.state != ArrivalState.WAITING.value:
        raise SekishoError("requests.arrival-decided", room=rules.ROOM, ref=ref)
    return row


def _require_past(arrived_at: datetime, at: datetime) -> None:
    if arrived_at > at:
        raise SekishoError("requests.received-in-future", room=rules.ROOM, received_on=tokyo_date(arrived_at))
