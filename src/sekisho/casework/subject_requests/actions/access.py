"""The secret with which a person follows a case at the centre: given out, tried, used. Only a slow hash of it stands anywhere."""

import secrets
from datetime import datetime
from functools import cache

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

from sekisho.casework.subject_requests import queries, rules
from sekisho.casework.subject_requests.models import CaseAccess, CaseAccessUse, SubjectRequest
from sekisho.casework.subject_requests.rules.access import (
    LENGTH,
    SIGNS,
    Use,
    after_wrong,
    is_open,
    lasts_until,
    printed,
    typed,
)
from sekisho.engine.errors import SekishoError
from sekisho.evidence import actions as evidence
from sekisho.evidence.writing import writing

# No row has this key: references to it are only looked at when a transaction commits, and this one never does.
NOBODY = 0


def issue_access(*, reference: str, at: datetime, acting_user: str) -> str:
    """Give a case a secret, shown this once; one that stood before opens nothing any more.

    Evidence: `request.access-issued`. Raises: requests.unknown-case.
    """
    queries.case(reference)
    secret = new_secret()
    hashed = hash_of(secret)
    with writing():
        row = SubjectRequest.objects.select_for_update().get(reference=reference)
        keep_access(row, hashed, at=at, acting_user=acting_user)
    return secret


def new_secret() -> str:
    """A secret as it is printed."""
    return printed("".join(secrets.choice(SIGNS) for _ in range(LENGTH)))


def hash_of(secret: str) -> str:
    """The slow hash of a secret; made before a transaction begins, never within one."""
    return make_password(typed(secret))


def keep_access(row: SubjectRequest, hashed: str, *, at: datetime, acting_user: str) -> None:
    """Keep the hash of a secret just given out: part of the action that gives it. Evidence: `request.access-issued`."""
    values = {
        "secret_hash": hashed,
        "issued_at": at,
        "expires_at": lasts_until(at),
        "tries": 0,
        "closed_until": None,
    }
    _, is_first = CaseAccess.objects.update_or_create(request=row, defaults=values)
    body = {"request": row.reference, "first": is_first, "by": acting_user}
    evidence.append(kind="request.access-issued", body=body, at=at)


def use_access(*, receipt_no: str, secret: str, what: Use, at: datetime) -> str:
    """Try a secret; returns the case's reference where it opens one.

    The work is the same whether the number is known, closed, expired or nobody's, and so is the answer: a slow hash is
    made, one transaction written. Evidence: `request.access-used` or `request.access-refused`. Raises: requests.access-refused.
    """
    number = receipt_no.strip().upper()
    found = CaseAccess.objects.select_related("request").filter(request__reference=number).first()
    is_right = check_password(typed(secret), found.secret_hash if found else nobodys_hash())
    with writing():
        row = CaseAccess.objects.select_for_update().filter(request__reference=number).first()
        opens = (
            is_right
            and row is not None
            and found is not None
            and row.secret_hash == found.secret_hash  # none was given out meanwhile
            and is_open(expires_at=row.expires_at, closed_until=row.closed_until, at=at)
        )
        _note(row, what if opens else Use.REFUSED, is_right=is_right, at=at)
        kind = "request.access-used" if opens else "request.access-refused"
        evidence.append(kind=kind, body={"request": number if row else "", "what": what.value}, at=at)
    if not opens:
        raise SekishoError("requests.access-refused", room=rules.ROOM)
    return number


def record_use(*, reference: str, what: Use, at: datetime) -> None:
    """Note what was taken with a secret that is in use. Evidence: `request.access-used`."""
    with writing():
        CaseAccessUse.objects.create(
            access=CaseAccess.objects.get(request__reference=reference), at=at, what=what.value
        )
        evidence.append(kind="request.access-used", body={"request": reference, "what": what.value}, at=at)


def _note(row: CaseAccess | None, what: Use, *, is_right: bool, at: datetime) -> None:
    """Note one use and count wrong tries. For a number nobody has the same is written to nobody's row, and taken back."""
    with transaction.atomic():
        noted = row if row is not None else CaseAccess(pk=NOBODY, tries=0, closed_until=None)
        CaseAccessUse.objects.create(access_id=noted.pk, at=at, what=what.value)
        tries, closed_until = noted.tries, noted.closed_until
        if what is not Use.REFUSED:
            tries, closed_until = 0, None
        elif not is_right and (closed_until is None or at >= closed_until):
            tries, closed_until = after_wrong(tries, at)
        CaseAccess.objects.filter(pk=noted.pk).update(tries=tries, closed_until=closed_until)
        if row is None:
            transaction.set_rollback(True)


@cache
def nobodys_hash() -> str:
    """A hash that nothing matches, made as the others are: a number nobody has costs as much as one that somebody has."""
    return make_password(secrets.token_urlsafe(LENGTH))
