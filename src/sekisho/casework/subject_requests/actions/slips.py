"""What was written down of a case by a slip of the pen is taken back: a paper that was none, a fee that never came."""

from datetime import datetime

from sekisho.casework.subject_requests import queries, rules
from sekisho.casework.subject_requests.models import CasePaper, CasePayment
from sekisho.engine.errors import SekishoError
from sekisho.evidence import actions as evidence
from sekisho.evidence.writing import writing


def drop_paper(*, reference: str, paper: int, at: datetime, acting_user: str) -> None:
    """A paper was recorded by mistake; until the identity is checked it can be taken back. `paper`: its number.

    Evidence: `request.paper-dropped`. Raises: requests.no-such-entry, requests.slip-too-late, requests.case-closed.
    """
    with writing():
        case = queries.case(reference)
        rules.require_open(case)
        row = CasePaper.objects.select_for_update().filter(request__reference=reference, pk=paper).first()
        if row is None:
            raise SekishoError("requests.no-such-entry", room=rules.ROOM, reference=reference)
        if case.identity_checked_at:
            raise SekishoError("requests.slip-too-late", room=rules.ROOM, reference=reference)
        body = {"request": reference, "paper": row.paper, "whose": row.whose, "by": acting_user}
        row.delete()
        evidence.append(kind="request.paper-dropped", body=body, at=at)


def drop_payment(*, reference: str, payment: int, at: datetime, acting_user: str) -> None:
    """A fee was recorded by mistake: it never came, or came as another sum. What came and goes back is refunded instead.

    Evidence: `request.payment-dropped`. Raises: requests.no-such-entry, requests.slip-too-late, requests.case-closed.
    """
    with writing():
        rules.require_open(queries.case(reference))
        row = CasePayment.objects.select_for_update().filter(request__reference=reference, pk=payment).first()
        if row is None:
            raise SekishoError("requests.no-such-entry", room=rules.ROOM, reference=reference)
        if queries.money_of(reference, at).refunded or queries.answer_in_hand(reference):
            raise SekishoError("requests.slip-too-late", room=rules.ROOM, reference=reference)
        body = {"request": reference, "instrument": row.instrument, "yen": row.yen, "by": acting_user}
        row.delete()
        evidence.append(kind="request.payment-dropped", body=body, at=at)
