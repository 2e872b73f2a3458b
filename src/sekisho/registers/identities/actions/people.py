"""What happens to a person: another name (改姓), death, a guardian. The person stays the same one throughout.

Each leaves one entry of evidence, `identities.event-recorded`, without a name. A repeat is a no-op. All raise:
identities.document-not-accepted, identities.unknown-person.
"""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.db import transaction

from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.registers.identities import queries
from sekisho.registers.identities.actions.changes import note_change
from sekisho.registers.identities.actions.lines import Recorded
from sekisho.registers.identities.actions.recording import Passing, record
from sekisho.registers.identities.models import Person, PersonName
from sekisho.registers.identities.rules import ROOM, is_minor

NAME, DEATH, GUARDIAN = "name", "death", "guardian"  # what an event that passes no identifier is about
TOKYO = ZoneInfo("Asia/Tokyo")


def rename(*, person: str, name: str, kana: str, told: Recorded) -> str:
    """改姓: the same person under another name from `told.happened` on; the former name is kept and found.

    Raises: identities.same-instant.
    """
    with transaction.atomic():
        ref = _record("renamed", Passing(kind=NAME, giver=person, taker=""), told)
        if any(one.since == told.happened and one.name == name for one in queries.names_of(person)):
            return ref
        put_name(person, name, kana, told.happened)
        return ref


def mark_deceased(*, person: str, on: date, at: datetime, document: str, acting_user: str) -> str:
    """The person died on a day. Nothing is sent to them any more; their lines stay theirs until somebody succeeds.

    Raises: identities.not-a-natural-person.
    """
    with transaction.atomic():
        row = _natural(person)
        told = Recorded(happened=midnight(on), at=at, document=document, acting_user=acting_user)
        if row.deceased_on != on:
            row.deceased_on = on
            row.save(update_fields=["deceased_on"])
        return _record("deceased", Passing(kind=DEATH, giver=person, taker=""), told)


def appoint_guardian(*, person: str, guardian: str, told: Recorded) -> str:
    """Who acts for a minor from now on, until the day they come of age.

    Raises: identities.not-a-natural-person, identities.of-age.
    """
    with transaction.atomic():
        row = _natural(person)
        if is_minor(row.born_on, tokyo_date(told.happened)) is False:
            raise SekishoError("identities.of-age", room=ROOM, person=person)
        ref = _record("guardian_appointed", Passing(kind=GUARDIAN, giver=person, taker=guardian), told)
        row.guardian_ref = guardian
        row.save(update_fields=["guardian_ref"])
        return ref


def protect(*, person: str, is_protected: bool) -> None:
    """Somebody's whereabouts are protected, or no longer: the gate knows at once. Part of an action that leaves the entry.

    Raises: identities.not-a-natural-person, identities.unknown-person.
    """
    row = _natural(person)
    if row.is_protected != is_protected:
        row.is_protected = is_protected
        row.save(update_fields=["is_protected"])
        note_change(person=person)


def put_name(person: str, name: str, kana: str, since: datetime) -> None:
    """A name from an instant on, until the next. Part of an action."""
    rows = list(PersonName.objects.filter(person_ref=person).order_by("since", "id"))
    if any(row.since == since for row in rows):
        raise SekishoError("identities.same-instant", room=ROOM, event=since.isoformat())
    until = min((row.since for row in rows if row.since is not None and row.since > since), default=None)
    PersonName.objects.filter(person_ref=person).exclude(since__gt=since).exclude(until__lte=since).update(until=since)
    PersonName.objects.create(person_ref=person, name=name, kana=kana, since=since, until=until, event="renamed")


def take_name(person: str, since: datetime) -> tuple[str, str]:
    """Take back the name that began at an instant: the one before goes on. Part of an action."""
    row = PersonName.objects.get(person_ref=person, since=since)
    PersonName.objects.filter(person_ref=person, until=since).update(until=row.until)
    row.delete()
    return row.name, row.kana


def midnight(on: date) -> datetime:
    """The first instant of a day in Tokyo."""
    return datetime.combine(on, time(), TOKYO)


def _natural(person: str) -> Person:
    row = Person.objects.select_for_update().filter(ref=person).first()
    if row is None:
        raise SekishoError("identities.unknown-person", room=ROOM, person=person if person.isascii() else "?")
    if row.is_corporate:
        raise SekishoError("identities.not-a-natural-person", room=ROOM, person=person)
    return row


def _record(event: str, passing: Passing, told: Recorded) -> str:
    return record(
        event=event,
        happened=told.happened,
        passings=(passing,),
        document=told.document,
        at=told.at,
        acting_user=told.acting_user,
    )
