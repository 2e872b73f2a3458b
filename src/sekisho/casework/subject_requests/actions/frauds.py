"""Who sends a request, what came of the desk's questions, who is protected. Names never stand here: digests and references."""

import hmac
import unicodedata
from datetime import date, datetime

from sekisho.casework.subject_requests import queries, rules
from sekisho.casework.subject_requests.actions import scans
from sekisho.casework.subject_requests.models import CaseSender, CheckResult, ProtectedPerson, SubjectRequest
from sekisho.casework.subject_requests.queries import frauds
from sekisho.casework.subject_requests.rules.fraud import AddressIs, Check, Result, Showing, State, done_by_doing
from sekisho.engine.errors import SekishoError
from sekisho.evidence import actions as evidence
from sekisho.evidence.writing import writing
from sekisho.registers.identities import actions as identities


def record_sender(
    *,
    reference: str,
    agent: str = "",
    address_is: AddressIs,
    changed_on: date | None = None,
    at: datetime,
    acting_user: str,
) -> None:
    """Note who sends a request for somebody and where the answer is wanted. `agent`: name and address, kept as a digest.

    Evidence: `request.sender-recorded`. Raises: requests.unknown-case, requests.case-closed.
    """
    with writing():
        row = _open(reference)
        given = {"agent": _digest(agent), "address_is": address_is.value, "changed_on": changed_on}
        CaseSender.objects.update_or_create(
            request=row, defaults=given | {"recorded_by": acting_user, "recorded_at": at}
        )
        body = {"request": reference, "has_agent": bool(agent), "address_is": address_is.value, "by": acting_user}
        evidence.append(kind="request.sender-recorded", body=body, at=at)


def record_check(
    *, reference: str, key: str, result: Result, how: str, is_officer: bool, at: datetime, acting_user: str
) -> None:
    """Note what came of one question. A doubt is lifted by another account than the one that had it.

    Evidence: `request.check-recorded`. Raises: requests.unknown-case, requests.case-closed, requests.unknown-check,
    requests.check-officer, requests.check-by-doing, requests.check-how, requests.same-person.
    """
    with writing():
        row = _open(reference)
        found = _check(reference, key, at)
        if done_by_doing(found.code):
            raise SekishoError("requests.check-by-doing", room=rules.ROOM, check=found.code)
        if found.by_officer and not is_officer:
            raise SekishoError("requests.check-officer", room=rules.ROOM, check=found.code)
        if not how.strip():
            raise SekishoError("requests.check-how", room=rules.ROOM, check=found.code)
        before = CheckResult.objects.filter(request=row, code=found.code, about=key).order_by("-id").first()
        if found.state is State.HOLDS and before is not None and before.recorded_by == acting_user:
            raise SekishoError("requests.same-person", room=rules.ROOM, reference=reference)
        CheckResult.objects.create(
            request=row,
            code=found.code,
            about=key,
            result=result.value,
            how=how.strip(),
            recorded_by=acting_user,
            recorded_at=at,
        )
        body = {"request": reference, "check": found.code, "result": result.value, "by": acting_user}
        evidence.append(kind="request.check-recorded", body=body, at=at)


def protect(*, person: str, showing: Showing, at: datetime, acting_user: str) -> None:
    """Somebody's whereabouts are protected from now on: at the desk and at the gate. A repeat is a no-op.

    Every clerk may: it binds at once and harms nobody. Evidence: `request.person-protected`. Raises: identities.unknown-person.
    """
    with writing():
        if ProtectedPerson.objects.select_for_update().filter(person_ref=person, until=None).exists():
            return
        ProtectedPerson.objects.create(person_ref=person, showing=showing.value, since=at, set_by=acting_user)
        identities.protect(person=person, is_protected=True)
        evidence.append(kind="request.person-protected", body={"showing": showing.value, "by": acting_user}, at=at)


def ask_to_lift(*, person: str, at: datetime, acting_user: str) -> None:
    """An officer finds that the protection has ended. It stays until another agrees. Evidence: `request.protection-lifting`.

    Raises: requests.not-protected.
    """
    with writing():
        row = _protection(person)
        row.lifted_by = acting_user
        row.save(update_fields=["lifted_by"])
        evidence.append(kind="request.protection-lifting", body={"by": acting_user}, at=at)


def lift(*, person: str, at: datetime, acting_user: str) -> None:
    """Another officer agrees: the protection ends. Evidence: `request.protection-lifted`.

    Raises: requests.not-protected, requests.nothing-proposed, requests.same-person.
    """
    with writing():
        row = _protection(person)
        if not row.lifted_by:
            raise SekishoError("requests.nothing-proposed", room=rules.ROOM, reference="")
        if row.lifted_by == acting_user:
            raise SekishoError("requests.same-person", room=rules.ROOM, reference="")
        row.agreed_by, row.until = acting_user, at
        row.save(update_fields=["agreed_by", "until"])
        identities.protect(person=person, is_protected=False)
        evidence.append(kind="request.protection-lifted", body={"by": acting_user}, at=at)


def _digest(agent: str) -> str:
    folded = "".join(unicodedata.normalize("NFKC", agent).casefold().split())
    return hmac.new(scans.desk_key(), b"agent\0" + folded.encode(), "sha256").hexdigest() if folded else ""


def _check(reference: str, key: str, at: datetime) -> Check:
    found = next((one for one in frauds.checks_of(reference, at) if one.seen.key == key), None)
    if found is None:
        raise SekishoError("requests.unknown-check", room=rules.ROOM, reference=reference)
    return found


def _protection(person: str) -> ProtectedPerson:
    row = ProtectedPerson.objects.select_for_update().filter(person_ref=person, until=None).first()
    if row is None:
        raise SekishoError("requests.not-protected", room=rules.ROOM)
    return row


def _open(reference: str) -> SubjectRequest:
    rules.require_open(queries.case(reference))
    return SubjectRequest.objects.select_for_update().get(reference=reference)
