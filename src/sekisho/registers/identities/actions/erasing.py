"""Suppressing a person at once, and forgetting one for good."""

from datetime import datetime

from django.db import connection, transaction

from sekisho.connectors.postgresql_horizon import wait_for_older
from sekisho.evidence.actions import append
from sekisho.registers.identities import queries
from sekisho.registers.identities.actions.changes import note_change
from sekisho.registers.identities.models import (
    Identifier,
    OwnershipEvent,
    OwnershipMove,
    Person,
    PersonKind,
    PersonName,
    Salt,
    Suppression,
    Tombstone,
)

REWRITTEN = tuple(  # what held values of the forgotten
    f"identities_{name}"
    for name in ("identifier", "personname", "personkind", "person", "ownershipmove", "ownershipevent")
)
TEXTS = """
SELECT quote_ident(a.attname), format_type(a.atttypid, a.atttypmod) FROM pg_attribute AS a
JOIN pg_type AS t ON t.oid = a.atttypid
WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped AND t.typcategory = 'S'
"""


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
            for i in queries.intervals_of(person)
        ]
        note_change(person=person)
        for model in (Identifier, PersonName, PersonKind, Salt):
            model.objects.filter(person_ref=person).delete()
        Person.objects.filter(ref=person).delete()
        _leave_events(person)
        Person.objects.filter(guardian_ref=person).update(guardian_ref="")
        Tombstone.objects.create(person_ref=person, digests=digests, erased_at=at, plan=plan)
        append(
            kind="identities.forgotten",
            body={"person": person, "identifiers": len(digests), "plan": plan, "by": acting_user},
            at=at,
        )


def purge() -> None:
    """Rewrite the register's tables in a PostgreSQL, whose files keep what was deleted. A repeat does it again.

    SQLite overwrites what it deletes. Inside a transaction nothing can be rewritten: for everybody else the deleted
    rows still stand. An empty table keeps the planner's sample values, unless its columns are given their type anew.
    """
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        wait_for_older(cursor)
        for table in REWRITTEN:
            cursor.execute(f"VACUUM (FULL, ANALYZE) {table}")
            cursor.execute(f"SELECT EXISTS (SELECT FROM {table})")  # noqa: S608 a name from the list above
            if cursor.fetchone() == (True,):
                continue
            cursor.execute(TEXTS, [table])
            for column, kind in cursor.fetchall():
                cursor.execute(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE {kind}")


def _leave_events(person: str) -> None:
    """The erased leave the events of their lines: for whoever had one before or after, nobody had it in between."""
    events = set(OwnershipMove.objects.filter(giver=person).values_list("event", flat=True))
    events |= set(OwnershipMove.objects.filter(taker=person).values_list("event", flat=True))
    OwnershipMove.objects.filter(giver=person).update(giver="")
    OwnershipMove.objects.filter(taker=person).update(taker="", role="")
    OwnershipMove.objects.filter(event__in=events, giver="", taker="").delete()
    left = set(OwnershipMove.objects.filter(event__in=events).values_list("event", flat=True))
    OwnershipEvent.objects.filter(ref__in=events - left).delete()
