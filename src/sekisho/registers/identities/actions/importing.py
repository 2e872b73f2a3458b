"""Writing down who is who: whole populations at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from sekisho.engine.errors import SekishoError
from sekisho.evidence.actions import append
from sekisho.registers.identities import queries
from sekisho.registers.identities.actions.changes import next_change
from sekisho.registers.identities.actions.returning import stop_returned
from sekisho.registers.identities.models import Identifier, Person, PersonKind, PersonName
from sekisho.registers.identities.rules import ROOM, IdentifierInterval, NameInterval

BATCH = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """A person to write down, with identifiers (their `person` equals `ref`) and names."""

    ref: str
    kinds: tuple[str, ...]
    acquired_on: date
    identifiers: tuple[IdentifierInterval, ...] = ()
    names: tuple[NameInterval, ...] = ()
    born_on: date | None = None
    deceased_on: date | None = None
    guardian: str = ""
    is_corporate: bool = False
    is_protected: bool = False
    shop: str = ""


def import_population(*, people: Iterable[NewPerson], at: datetime, acting_user: str) -> int:
    """Write down many persons; returns how many. Evidence: `identities.imported` with the count.

    Raises: identities.two-holders, where an identifier of a kind that is one person's would be two people's at once.
    """
    new = tuple(people)
    with transaction.atomic():
        last = queries.last_identifier()
        next_change()  # whoever comes after has a higher number: the row lock keeps numbers in the order of commits
        Person.objects.bulk_create(
            (
                Person(
                    ref=p.ref,
                    born_on=p.born_on,
                    deceased_on=p.deceased_on,
                    guardian_ref=p.guardian,
                    is_corporate=p.is_corporate,
                    is_protected=p.is_protected,
                    shop=p.shop,
                    acquired_on=p.acquired_on,
                )
                for p in new
            ),
            batch_size=BATCH,
        )
        PersonKind.objects.bulk_create(
            (PersonKind(person_ref=p.ref, kind=kind) for p in new for kind in p.kinds), batch_size=BATCH
        )
        Identifier.objects.bulk_create(
            (
                Identifier(
                    person_ref=p.ref,
                    kind=i.kind,
                    value=i.value,
                    role=i.role,
                    since=i.since,
                    until=i.until,
                    event=i.event,
                    ended_by=i.ended_by,
                )
                for p in new
                for i in p.identifiers
            ),
            batch_size=BATCH,
        )
        PersonName.objects.bulk_create(
            (
                PersonName(person_ref=p.ref, name=n.name, kana=n.kana, since=n.since, until=n.until, event=n.event)
                for p in new
                for n in p.names
            ),
            batch_size=BATCH,
        )
        wrong = queries.overlaps_after(last)
        if wrong:
            raise SekishoError("identities.two-holders", room=ROOM, count=wrong)
        stop_returned(people=new, at=at, acting_user=acting_user)
        append(kind="identities.imported", body={"people": len(new), "by": acting_user}, at=at)
    return len(new)
