"""What a person does with their case by themselves, with number and secret: another way of answering, taking the request back."""

from datetime import datetime

from sekisho.casework.subject_requests import queries, rules
from sekisho.casework.subject_requests.actions.access import use_access
from sekisho.casework.subject_requests.actions.answers import withdraw_answer
from sekisho.casework.subject_requests.actions.cases import close_case
from sekisho.casework.subject_requests.actions.papers import choose
from sekisho.casework.subject_requests.models import CaseAccess, CaseAccessUse, SubjectRequest
from sekisho.casework.subject_requests.queries.answers import answer_in_hand
from sekisho.casework.subject_requests.rules import Outcome
from sekisho.casework.subject_requests.rules.access import Use
from sekisho.casework.subject_requests.rules.answering import AnswerState
from sekisho.casework.subject_requests.rules.papers import Agency
from sekisho.engine.errors import SekishoError
from sekisho.evidence.writing import writing

PERSON = "person"  # who acts: whoever holds number and secret


def change_reply(*, reference: str, reply: str, at: datetime) -> None:
    """The person wants the answer another way. One that is drafted is out of date by it and is made anew.

    Evidence: `request.terms-recorded`. Raises: requests.answer-is-ready, requests.no-such-reply, requests.case-closed.
    """
    with writing():
        row = SubjectRequest.objects.select_for_update().get(reference=reference)
        rules.require_open(queries.case(reference))
        if row.reply == reply:
            return
        found = answer_in_hand(reference)
        if found is not None and found.state is AnswerState.APPROVED:
            raise SekishoError("requests.answer-is-ready", room=rules.ROOM, reference=reference)
        choose(reference=reference, reply=reply, agency=Agency(row.agency), at=at, acting_user=PERSON)
        access = CaseAccess.objects.get(request=row)
        CaseAccessUse.objects.create(access=access, at=at, what=Use.REPLY.value)


def withdraw_request(*, reference: str, secret: str, at: datetime) -> None:
    """The person takes their request back, giving the secret once more; nothing leaves any more.

    Evidence: `request.access-used` or `request.access-refused`, `request.closed`, `request.answer-withdrawn`.
    Raises: requests.access-refused, requests.case-closed.
    """
    rules.require_open(queries.case(reference))
    use_access(receipt_no=reference, secret=secret, what=Use.WITHDRAWAL, at=at)
    close_case(reference=reference, outcome=Outcome.WITHDRAWN, answered_on=None, at=at, acting_user=PERSON)
    found = answer_in_hand(reference)
    if found is not None:  # it could not be sent any more; its bytes go
        withdraw_answer(ref=found.ref, at=at, acting_user=PERSON)
