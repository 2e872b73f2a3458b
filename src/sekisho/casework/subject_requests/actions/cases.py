"""Opening, checking and closing requests, and opening a person's page under one."""

from datetime import date, datetime
from secrets import token_hex

from sekisho.casework.subject_requests import queries, rules
from sekisho.casework.subject_requests.models import PageOpening, SubjectRequest
from sekisho.casework.subject_requests.queries.reading import require_pages_settled
from sekisho.casework.subject_requests.rules import Case, Outcome, Status
from sekisho.casework.subject_requests.rules.papers import Agency
from sekisho.casework.subject_requests.rules.subjects import require_asker
from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.pack import law
from sekisho.evidence import actions as evidence
from sekisho.evidence.writing import writing


def open_case(*, person: str, kind: str, received_on: date, at: datetime, acting_user: str) -> Case:
    """Register a request that arrived. `kind` is a key of the law pack's requests; `person` may be empty until it is known.

    Evidence: `request.opened`. Raises: law.unknown-key, requests.received-in-future.
    """
    law().request(kind)
    if received_on > tokyo_date(at):
        raise SekishoError("requests.received-in-future", room=rules.ROOM, received_on=received_on)
    with writing():
        year = tokyo_date(at).year
        last = (
            SubjectRequest.objects.select_for_update()
            .filter(reference__startswith=f"K-{year}-")
            .order_by("-id")
            .values_list("reference", flat=True)
            .first()
        )
        row = SubjectRequest.objects.create(
            reference=rules.reference_after(last, year),
            kind=kind,
            person_ref=person,
            received_on=received_on,
            opened_by=acting_user,
            opened_at=at,
        )
        evidence.append(
            kind="request.opened",
            body={"request": row.reference, "kind": kind, "received_on": received_on.isoformat(), "by": acting_user},
            at=at,
        )
    return queries.case(row.reference)


def identify(*, reference: str, person: str, at: datetime, acting_user: str) -> None:
    """Say whose request it is; nobody else's data is looked at under it. Until the papers are checked it can be said anew:
    what was opened of somebody else closes at once.

    Evidence: `request.identified`. Raises: requests.case-closed, requests.person-already-known.
    """
    with writing():
        case = queries.case(reference)
        rules.require_open(case)
        if case.person and case.person != person:
            if case.identity_checked_at:
                raise SekishoError("requests.person-already-known", room=rules.ROOM, reference=reference)
            PageOpening.objects.filter(request__reference=reference, expires_at__gt=at).update(expires_at=at)
        SubjectRequest.objects.filter(reference=reference).update(person_ref=person)
        evidence.append(kind="request.identified", body={"request": reference, "by": acting_user}, at=at)


def identify_as_nobody(*, reference: str, at: datetime, acting_user: str) -> None:
    """No number leads to whoever asks: they are somebody we hold nothing of, and are told so like everybody else.

    They get a reference of their own that leads nowhere. Source: APPI 33(3), 34(3), 35(7): that nothing is held, or nothing
    done, is an answer and is given. Evidence: `request.identified`. Raises: what `identify` raises.
    """
    digits = token_hex(8)
    person = "P-" + "-".join(digits[place : place + 4] for place in range(0, len(digits), 4))
    identify(reference=reference, person=person, at=at, acting_user=acting_user)


def record_identity_check(*, reference: str, at: datetime, acting_user: str) -> None:
    """Note that whoever asks was found to be the person (or their agent). A repeat is a no-op.

    Evidence: `request.identity-checked`. Raises: requests.unknown-case, requests.case-closed, requests.person-unknown,
    requests.papers-missing, requests.death-not-recorded, requests.person-has-died, requests.page-findings-open,
    requests.pages-unread.
    """
    with writing():
        case = queries.case(reference)
        rules.require_open(case)
        rules.require_person(case)
        if case.identity_checked_at:
            return
        stands = queries.standing(reference, at)
        require_asker(reference, is_heir=stands.agency is Agency.HEIR, is_dead=stands.about.is_dead)
        if not stands.evidence.is_proved:
            raise SekishoError("requests.papers-missing", room=rules.ROOM, reference=reference)
        require_pages_settled(reference)
        SubjectRequest.objects.filter(reference=reference).update(
            identity_checked_at=at, identity_checked_by=acting_user
        )
        evidence.append(kind="request.identity-checked", body={"request": reference, "by": acting_user}, at=at)


def close_case(
    *,
    reference: str,
    outcome: Outcome,
    answered_on: date | None,
    at: datetime,
    acting_user: str,
    certificate: str = "",
) -> None:
    """Close a request with its answer. Pages opened under it close at once. `certificate`: of the erasure granted.

    Evidence: `request.closed`. Raises: requests.case-closed, requests.identity-not-checked, requests.answered-before-arrival.
    """
    with writing():
        case = queries.case(reference)
        rules.require_closable(case, outcome=outcome, answered_on=answered_on)
        SubjectRequest.objects.filter(reference=reference).update(
            status=Status.CLOSED.value,
            outcome=outcome.value,
            answered_on=answered_on,
            certificate=certificate,
            closed_at=at,
            closed_by=acting_user,
        )
        PageOpening.objects.filter(request__reference=reference, expires_at__gt=at).update(expires_at=at)
        evidence.append(
            kind="request.closed",
            body={"request": reference, "outcome": outcome.value, "certificate": certificate, "by": acting_user},
            at=at,
        )


def open_page(*, reference: str, account: str, at: datetime) -> datetime:
    """Open the person's page to one account under an open request, and say until when.

    Evidence: `person-page.opened`, because the person may ask who looked. Raises: requests.unknown-case, requests.case-closed, requests.person-unknown.
    """
    with writing():
        case = queries.case(reference)
        rules.require_open(case)
        rules.require_person(case)
        row = SubjectRequest.objects.get(reference=reference)
        opening = PageOpening.objects.create(
            request=row, account=account, opened_at=at, expires_at=at + rules.PAGE_OPEN_FOR
        )
        evidence.append(
            kind="person-page.opened",
            body={"request": reference, "by": account, "until": opening.expires_at.isoformat()},
            at=at,
        )
    return opening.expires_at


def record_view(*, reference: str, account: str, at: datetime) -> None:
    """Note one look at the page within its opening. Evidence: `person-page.viewed`."""
    with writing():
        evidence.append(kind="person-page.viewed", body={"request": reference, "by": account}, at=at)
