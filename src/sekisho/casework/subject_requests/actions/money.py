"""Reminding of a fee, ending a request that stays unpaid, giving money back."""

from datetime import date, datetime

from sekisho.casework.subject_requests import queries, rules
from sekisho.casework.subject_requests.actions.cases import close_case
from sekisho.casework.subject_requests.models import CaseRefund, CaseReminder, SubjectRequest
from sekisho.casework.subject_requests.queries.money import money_of, unpaid
from sekisho.casework.subject_requests.rules import Outcome
from sekisho.casework.subject_requests.rules.refunds import (
    RefundWhy,
    Unpaid,
    reminder_due,
    require_refundable,
)
from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.pack import law
from sekisho.evidence import actions as evidence
from sekisho.evidence.writing import writing


def remind_of_fee(*, reference: str, at: datetime, acting_user: str) -> date:
    """Note that the person was reminded today of the fee; returns the last day of the term. Evidence: `request.fee-reminded`.

    Raises: requests.unknown-case, requests.case-closed, requests.no-reminder-due.
    """
    with writing():
        rules.require_open(queries.case(reference))
        row = SubjectRequest.objects.select_for_update().get(reference=reference)
        if unpaid(reference, at) is not Unpaid.REMIND:
            raise SekishoError("requests.no-reminder-due", room=rules.ROOM, reference=reference)
        lacking, today = queries.standing(reference, at).payment.lacking, tokyo_date(at)
        made = CaseReminder.objects.create(
            request=row,
            yen=lacking,
            sent_on=today,
            due_on=reminder_due(today),
            recorded_by=acting_user,
            recorded_at=at,
        )
        body = {"request": reference, "yen": lacking, "due_on": made.due_on.isoformat(), "by": acting_user}
        evidence.append(kind="request.fee-reminded", body=body, at=at)
    return made.due_on


def close_unpaid(*, reference: str, at: datetime, acting_user: str) -> None:
    """End a request whose fee stayed away: reminded, the term over, and nothing else missing. What came goes back.

    A request whose papers are missing too ends for no fee: nobody knows whose it is, and nobody may be charged.
    Evidence: `request.closed`. Raises: requests.not-unpaid, requests.identity-not-checked, requests.case-closed.
    """
    with writing():
        rules.require_open(queries.case(reference))
        SubjectRequest.objects.select_for_update().get(reference=reference)
        if unpaid(reference, at) is not Unpaid.MAY_CLOSE or not queries.standing(reference, at).evidence.is_proved:
            raise SekishoError("requests.not-unpaid", room=rules.ROOM, reference=reference)
        close_case(
            reference=reference, outcome=Outcome.UNPAID, answered_on=tokyo_date(at), at=at, acting_user=acting_user
        )


def record_refund(
    *,
    reference: str,
    yen: int,
    why: RefundWhy,
    instrument: str,
    proof: str,
    paid_on: date,
    at: datetime,
    acting_user: str,
) -> None:
    """Money went back to the person; `proof` is the number that shows it. Open and closed cases alike.

    Evidence: `request.refunded`. Raises: requests.unknown-case, requests.refund-too-much, requests.refund-without-proof,
    law.unknown-key.
    """
    with writing():
        queries.case(reference)
        row = SubjectRequest.objects.select_for_update().get(reference=reference)
        owed = money_of(reference, at).owed
        require_refundable(yen=yen, why=why, owed=owed, instrument=instrument, known=law(tokyo_date(at)).instruments)
        if not proof.strip() or paid_on > tokyo_date(at):
            raise SekishoError("requests.refund-without-proof", room=rules.ROOM, reference=reference)
        CaseRefund.objects.create(
            request=row,
            yen=yen,
            why=why.value,
            instrument=instrument,
            proof=proof.strip(),
            paid_on=paid_on,
            recorded_by=acting_user,
            recorded_at=at,
        )
        body = {"request": reference, "yen": yen, "why": why.value, "instrument": instrument, "by": acting_user}
        evidence.append(kind="request.refunded", body=body | {"paid_on": paid_on.isoformat()}, at=at)
