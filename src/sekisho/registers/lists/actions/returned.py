"""Mail that came back: nothing is printed for an address nobody lives at, until the person tells a new one."""

from datetime import date, datetime

from sekisho.engine.errors import SekishoError
from sekisho.evidence.actions import append
from sekisho.evidence.writing import writing
from sekisho.registers.identities import queries as identities
from sekisho.registers.lists.models import ReturnedMail
from sekisho.registers.lists.queries.approving import require_actor
from sekisho.registers.lists.rules import ROOM


def record_returned(*, person: str, on: date, at: datetime, acting_user: str) -> None:
    """Note that a notice to this person came back. A repeat is a no-op. Evidence: `lists.mail-returned`.

    Raises: lists.unknown-person, lists.unknown-actor.
    """
    require_actor(acting_user, at)
    if not identities.numbers_of([person]):
        raise SekishoError("lists.unknown-person", room=ROOM)
    with writing():
        if ReturnedMail.objects.filter(person_ref=person, cleared_at=None).exists():
            return
        ReturnedMail.objects.create(person_ref=person, returned_on=on, recorded_at=at, recorded_by=acting_user)
        append(kind="lists.mail-returned", body={"person": person, "by": acting_user}, at=at)


def clear_returned(*, person: str, at: datetime, acting_user: str) -> None:
    """Note that the address is right again. A repeat is a no-op. Evidence: `lists.returned-cleared`."""
    require_actor(acting_user, at)
    with writing():
        if ReturnedMail.objects.filter(person_ref=person, cleared_at=None).update(cleared_at=at):
            append(kind="lists.returned-cleared", body={"person": person, "by": acting_user}, at=at)
