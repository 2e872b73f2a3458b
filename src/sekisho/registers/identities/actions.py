"""Writing down who is who, suppressing a person at once, and forgetting one for good."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from sekisho.evidence.actions import append
from sekisho.registers.identities import queries
from sekisho.registers.identities.models import (
    ChangeCounter,
    Identifier,
    Person,
    PersonChange,
    PersonKind,
    PersonName,
    PseudonymKey,
    Salt,
    Suppression,
    Tombstone,
)
from sekisho.registers.identities.rules import IdentifierInterval, NameInterval

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
    """Write down many persons; returns how many. Evidence: `identities.imported` with the count."""
    new = tuple(people)
    with transaction.atomic():
        _next_change()  # whoever comes after has a higher number: the row lock keeps numbers in the order of commits
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
        append(kind="identities.imported", body={"people": len(new), "by": acting_user}, at=at)
    return len(new)


def suppress(*, person: str, reason: str, at: datetime, acting_user: str) -> None:
    """Stop every use of a person's data from now on. A repeat is a no-op. Evidence: `identities.suppressed`."""
    with transaction.atomic():
        if queries.suppressed(person, at):
            return
        Suppression.objects.create(person_ref=person, reason=reason, since=at)
        note_change(person=person)
        append(kind="identities.suppressed", body={"person": person, "reason": reason, "by": acting_user}, at=at)


def lift_suppression(*, person: str, at: datetime, acting_user: str) -> None:
    """End a suppression, as when an erasure plan is withdrawn. Evidence: `identities.suppression-lifted`."""
    with transaction.atomic():
        Suppression.objects.filter(person_ref=person, until=None).update(until=at)
        note_change(person=person)
        append(kind="identities.suppression-lifted", body={"person": person, "by": acting_user}, at=at)


def forget(*, person: str, at: datetime, acting_user: str, plan: str) -> None:
    """Erase a person from the identity map: identifiers, names, salts die; a tombstone stays. A repeat is a no-op.

    Evidence: `identities.forgotten`. Source: APPI 22.
    """
    with transaction.atomic():
        if queries.is_erased(person):
            return
        digests = [
            {
                "kind": i.kind,
                "digest": queries.digest(i.kind, i.value),
                "since": i.since.isoformat() if i.since else None,
                "until": i.until.isoformat() if i.until else None,
            }
            for i in queries.identifiers_of(person)
        ]
        note_change(person=person)
        for model in (Identifier, PersonName, PersonKind, Salt):
            model.objects.filter(person_ref=person).delete()
        Person.objects.filter(ref=person).delete()
        Person.objects.filter(guardian_ref=person).update(guardian_ref="")
        Tombstone.objects.create(person_ref=person, digests=digests, erased_at=at, plan=plan)
        append(
            kind="identities.forgotten",
            body={"person": person, "identifiers": len(digests), "plan": plan, "by": acting_user},
            at=at,
        )


def note_change(*, person: str) -> None:
    """Say that what was read of this person is out of date. Part of the caller's action: no entry of its own."""
    for number in Person.objects.filter(ref=person).values_list("id", flat=True):
        PersonChange.objects.create(change=_next_change(), person=number)


def salt_of(person: str, entry: str) -> bytes:
    """The salt for a person's commitment in an entry, made if new. Part of the caller's action: no entry of its own."""
    row, _ = Salt.objects.get_or_create(person_ref=person, entry=entry, defaults={"salt": secrets.token_bytes(32)})
    return bytes(row.salt)


def pseudonym_key(*, purpose: str, at: datetime, acting_user: str) -> bytes:
    """The pseudonym key of a purpose, made if none lives. Evidence: `identities.pseudonym-key-made`."""
    with transaction.atomic():
        live = queries.pseudonym_key(purpose)
        if live is not None:
            return live
        key = secrets.token_bytes(32)
        PseudonymKey.objects.create(purpose=purpose, key=key, made_at=at)
        append(kind="identities.pseudonym-key-made", body={"purpose": purpose, "by": acting_user}, at=at)
    return key


def _next_change() -> int:
    """The next number; the row lock (SQLite: the write lock) keeps them gapless in commit order."""
    ChangeCounter.objects.get_or_create(pk=1)
    counter = ChangeCounter.objects.select_for_update().get(pk=1)
    counter.last += 1
    counter.save(update_fields=["last"])
    return counter.last
