"""What came for a case and what is still asked for: papers, fee, another way, the wait."""

from collections.abc import Iterable
from datetime import date, datetime

from sekisho.casework.subject_requests import queries, rules
from sekisho.casework.subject_requests.models import CasePaper, CasePayment, CaseWait, SubjectRequest
from sekisho.casework.subject_requests.rules.fees import Tendered
from sekisho.casework.subject_requests.rules.intake import Channel
from sekisho.casework.subject_requests.rules.papers import Agency, Presented
from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.pack import law
from sekisho.evidence import actions as evidence
from sekisho.evidence.writing import writing
from sekisho.registers.policies import queries as policies


def record_paper(*, reference: str, paper: Presented, at: datetime, acting_user: str) -> None:
    """Note a paper that came, as the clerk read it. Evidence: `request.paper-recorded`.

    Raises: law.unknown-key, requests.unknown-case, requests.case-closed.
    """
    law().paper(paper.paper)
    with writing():
        row = _open(reference)
        CasePaper.objects.create(
            request=row,
            whose=paper.whose.value,
            paper=paper.paper,
            issued_on=paper.issued_on,
            expires_on=paper.expires_on,
            shows=sorted(paper.shows),
            masked=sorted(paper.masked),
            matches=paper.matches,
            recorded_by=acting_user,
            recorded_at=at,
        )
        body = {"request": reference, "paper": paper.paper, "whose": paper.whose.value, "by": acting_user}
        evidence.append(kind="request.paper-recorded", body=body, at=at)


def record_masked(*, reference: str, at: datetime, acting_user: str) -> None:
    """Note that everything nobody may read on the papers of a case is blacked out now. A repeat is a no-op.

    Evidence: `request.papers-masked`. Raises: requests.unknown-case, requests.case-closed.
    """
    with writing():
        row, parts = _open(reference), set()
        for paper in CasePaper.objects.filter(request=row):
            if set(paper.shows) - set(paper.masked):
                parts |= set(paper.shows) - set(paper.masked)
                paper.masked = sorted({*paper.shows, *paper.masked})
                paper.save(update_fields=["masked"])
        if parts:
            body = {"request": reference, "parts": sorted(parts), "by": acting_user}
            evidence.append(kind="request.papers-masked", body=body, at=at)


def record_payment(*, reference: str, piece: Tendered, came_by: Channel, at: datetime, acting_user: str) -> None:
    """Note a piece that came for the fee. Evidence: `request.payment-recorded`. Raises: law.unknown-key, …"""
    law().instrument(piece.instrument)
    with writing():
        row = _open(reference)
        CasePayment.objects.create(
            request=row,
            instrument=piece.instrument,
            yen=piece.yen,
            issued_on=piece.issued_on,
            came_by=came_by.value,
            recorded_by=acting_user,
            recorded_at=at,
        )
        body = {"request": reference, "instrument": piece.instrument, "yen": piece.yen, "by": acting_user}
        evidence.append(kind="request.payment-recorded", body=body, at=at)


def choose(*, reference: str, reply: str, agency: Agency, at: datetime, acting_user: str) -> None:
    """Note how the person wants the answer, and by what right somebody else asks.

    Evidence: `request.terms-recorded`. Raises: requests.no-such-reply, requests.unknown-case, requests.case-closed.
    """
    with writing():
        row = _open(reference)
        right = policies.in_force(at).rights.get(row.kind)
        allowed = (right.reply if right else ()) or ("mail", "electronic")
        if reply not in allowed:
            raise SekishoError("requests.no-such-reply", room=rules.ROOM, reply=reply, known=", ".join(allowed))
        row.reply, row.agency = reply, agency.value
        row.save(update_fields=["reply", "agency"])
        body = {"request": reference, "reply": reply, "agency": agency.value, "by": acting_user}
        evidence.append(kind="request.terms-recorded", body=body, at=at)


def propose_other_way(*, reference: str, why: str, at: datetime, acting_user: str) -> None:
    """Find another way of showing who asks suitable, where the policy leaves room for one; a second person agrees.

    Evidence: `request.other-way-proposed`. Raises: requests.no-other-way, requests.unknown-case, requests.case-closed.
    """
    with writing():
        row = _open(reference)
        accepted = policies.in_force(at).identity_evidence
        if accepted is not None and not accepted.other_ways:
            raise SekishoError("requests.no-other-way", room=rules.ROOM, reference=reference)
        row.other_way, row.other_way_by, row.other_way_approved_by = why, acting_user, ""
        row.save(update_fields=["other_way", "other_way_by", "other_way_approved_by"])
        evidence.append(kind="request.other-way-proposed", body={"request": reference, "by": acting_user}, at=at)


def approve_other_way(*, reference: str, at: datetime, acting_user: str) -> None:
    """Agree to another way, as a second person. Evidence: `request.other-way-approved`.

    Raises: requests.nothing-proposed, requests.same-person, requests.unknown-case, requests.case-closed.
    """
    with writing():
        row = _open(reference)
        if not row.other_way:
            raise SekishoError("requests.nothing-proposed", room=rules.ROOM, reference=reference)
        if row.other_way_by == acting_user:
            raise SekishoError("requests.same-person", room=rules.ROOM, reference=reference)
        row.other_way_approved_by = acting_user
        row.save(update_fields=["other_way_approved_by"])
        evidence.append(kind="request.other-way-approved", body={"request": reference, "by": acting_user}, at=at)


def ask_for(*, reference: str, what: Iterable[str], at: datetime, acting_user: str) -> None:
    """The person was asked today for what is missing: our target stands still until something comes.

    Evidence: `request.wait-begun`. Raises: requests.waits-already, requests.nothing-missing, …
    """
    asked = list(what)
    with writing():
        row = _open(reference)
        if not asked:
            raise SekishoError("requests.nothing-missing", room=rules.ROOM, reference=reference)
        if CaseWait.objects.filter(request=row, until=None).exists():
            raise SekishoError("requests.waits-already", room=rules.ROOM, reference=reference)
        CaseWait.objects.create(request=row, since=tokyo_date(at), what=asked, asked_by=acting_user, asked_at=at)
        evidence.append(kind="request.wait-begun", body={"request": reference, "what": asked, "by": acting_user}, at=at)


def end_wait(row: SubjectRequest, came_on: date, at: datetime) -> None:
    """Something came for a case that waited: part of the action that records it. Evidence: `request.wait-ended`."""
    wait = CaseWait.objects.select_for_update().filter(request=row, until=None).first()
    if wait is None:
        return
    wait.until = max(came_on, wait.since)
    wait.save(update_fields=["until"])
    evidence.append(kind="request.wait-ended", body={"request": row.reference, "until": wait.until.isoformat()}, at=at)


def extend(*, reference: str, to: date, why: str, at: datetime, acting_user: str) -> None:
    """Give our own target more time, with a reason; the law's two weeks stay. Evidence: `request.extended`.

    Raises: requests.extension-not-later, requests.unknown-case, requests.case-closed.
    """
    with writing():
        row = _open(reference)
        target = queries.standing(reference, at).clock.target_on
        if not why.strip() or (target is not None and to <= target):
            raise SekishoError("requests.extension-not-later", room=rules.ROOM, reference=reference)
        row.extended_to, row.extended_why = to, why
        row.save(update_fields=["extended_to", "extended_why"])
        body = {"request": reference, "to": to.isoformat(), "by": acting_user}
        evidence.append(kind="request.extended", body=body, at=at)


def _open(reference: str) -> SubjectRequest:
    rules.require_open(queries.case(reference))
    return SubjectRequest.objects.select_for_update().get(reference=reference)
