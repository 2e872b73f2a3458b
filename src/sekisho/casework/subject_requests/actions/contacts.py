"""Contacts without a form: kept always; a request where the policy sets no method, else the form goes out the same day."""

from datetime import datetime

from sekisho.casework.subject_requests import rules
from sekisho.casework.subject_requests.actions.intake import open_case_for, record_contact, set_aside
from sekisho.casework.subject_requests.rules.contacts import Becomes, becomes
from sekisho.casework.subject_requests.rules.intake import ArrivalState, Channel
from sekisho.engine.errors import SekishoError
from sekisho.evidence import actions as evidence
from sekisho.evidence.writing import writing
from sekisho.registers.policies import queries as policies


def take_contact(
    *, channel: Channel, kind: str, arrived_at: datetime, wants_form: bool = True, at: datetime, acting_user: str
) -> tuple[str, str]:
    """Keep a contact that asks for a right; returns its reference, and the case's where it is a request.

    Evidence: `arrival.recorded`, then `request.opened` or `arrival.form-due`. Raises: requests.no-such-kind, requests.received-in-future.
    """
    right = policies.in_force(at).rights.get(kind)
    if right is None:
        raise SekishoError("requests.no-such-kind", room=rules.ROOM, kind=kind)
    what = becomes(channel, right)
    with writing():
        ref = record_contact(channel=channel, arrived_at=arrived_at, at=at, acting_user=acting_user)
        if what is Becomes.REQUEST:
            return ref, open_case_for(ref=ref, kind=kind, person="", at=at, acting_user=acting_user)
        set_aside(ref=ref, state=ArrivalState.GUIDED, at=at, acting_user=acting_user)
        if what is Becomes.FORM or wants_form:
            body = {"arrival": ref, "kind": kind, "becomes": what.value, "by": acting_user}
            evidence.append(kind="arrival.form-due", body=body, at=at)
    return ref, ""
