"""Somebody erased came back: nothing of it may be used, it is written down, and after a restore it is erased again."""

from collections.abc import Iterable
from datetime import datetime
from uuid import uuid4

from django.db import transaction

from sekisho.engine.catalog.model import PartyErasure
from sekisho.engine.errors import SekishoError
from sekisho.evidence import queries as ledger
from sekisho.evidence.actions import append
from sekisho.registers.backups.models import Returned
from sekisho.registers.backups.queries.returned import Found, Look, look_for_returned
from sekisho.registers.backups.rules import ROOM
from sekisho.registers.datamap import queries as datamaps
from sekisho.registers.identities import actions as identities
from sekisho.registers.retention.queries.locating import opened

IMPORTED = ("identities.came-back",)


def quarantine_rows(*, at: datetime, acting_user: str = "sekisho", only: Iterable[str] = ()) -> Look:
    """Look over the stores, write down every row that is an erased person's, and stop its use.

    What was written down before and still stands is not written again; what is gone is settled.
    Evidence: `backups.returned` for each new one. Raises: datamap.none-adopted.
    """
    look = look_for_returned(only=only)
    for found in look.found:
        _write(found, at, acting_user)
    for entry in (*ledger.numbered_from(0, IMPORTED), *ledger.unnumbered(IMPORTED)):
        said = {key: str(entry.body[key]) for key in ("person", "erased", "identifier")}
        _note_import(**said, at=at, acting_user=acting_user)
    seen = {(one.system, one.table, one.person, one.identifier) for one in look.found}
    unread = {one.split(" ", 1)[0] for one in look.unread}
    looked = set(look.seconds) - unread
    with transaction.atomic():
        for row in Returned.objects.filter(settled_at=None).exclude(system=""):
            if row.system in looked and (row.system, row.table, row.erased_ref, row.identifier) not in seen:
                row.settled_at, row.how = at, "gone"
                row.save(update_fields=["settled_at", "how"])
    return look


def erase_returned(look: Look, *, at: datetime, acting_user: str) -> int:
    """After a restore: remove what the look found, each row as its ownership says, purge, and count again.

    Returns how many rows are left. Evidence: `backups.returned-erased` for each table with counts before and after.
    """
    left = 0
    for system in sorted({one.system for one in look.found}):
        tables = datamaps.current().systems[system].tables
        with opened(system) as source:
            mine = [one for one in look.found if one.system == system]
            for one in mine:
                owner = tables[one.table].owners[one.path]
                if owner.erasure is PartyErasure.DELETE_ROW:
                    source.erase(one.table, one.region)
                else:
                    source.blank(one.table, owner.blanks, one.region)
            source.purge()
            for one in mine:
                after = source.count(one.table, one.region)
                left += after
                _settle(one, after, at, acting_user)
    return left


def _note_import(*, person: str, erased: str, identifier: str, at: datetime, acting_user: str) -> None:
    """An import brought an erased person back: the register suppressed them in the same transaction."""
    with transaction.atomic():
        if Returned.objects.filter(person_ref=person, erased_ref=erased).exists():
            return
        _create(erased, identifier, at, acting_user, person=person)


def release_returned(*, ref: str, at: datetime, acting_user: str) -> None:
    """Somebody looked: it is another person, or one who came anew of their own will. Evidence: `backups.released`.

    Raises: backups.unknown-returned.
    """
    with transaction.atomic():
        row = Returned.objects.select_for_update().filter(ref=ref).first()
        if row is None:
            raise SekishoError("backups.unknown-returned", room=ROOM, returned=ref if ref.isascii() else "?")
        if row.settled_at is not None:
            return
        row.settled_at, row.how = at, "released"
        row.save(update_fields=["settled_at", "how"])
        if row.person_ref:
            identities.lift_suppression(person=row.person_ref, at=at, acting_user=acting_user)
        append(kind="backups.released", body={"returned": ref, "by": acting_user}, at=at)


def _write(found: Found, at: datetime, acting_user: str) -> None:
    with transaction.atomic():
        known = Returned.objects.filter(
            system=found.system,
            table=found.table,
            erased_ref=found.person,
            identifier=found.identifier,
            settled_at=None,
        )
        if known.update(rows=found.rows) or _is_released(found):
            return
        _create(
            found.person, found.identifier, at, acting_user, system=found.system, table=found.table, rows=found.rows
        )


def _is_released(found: Found) -> bool:
    """Whether somebody looked at these rows before, and found that they are another person's."""
    return Returned.objects.filter(
        system=found.system, table=found.table, erased_ref=found.person, identifier=found.identifier, how="released"
    ).exists()


def _create(
    erased: str,
    identifier: str,
    at: datetime,
    acting_user: str,
    *,
    person: str = "",
    system: str = "",
    table: str = "",
    rows: int = 0,
) -> str:
    ref = f"returned-{uuid4().hex[:12]}"
    Returned.objects.create(
        ref=ref,
        person_ref=person,
        erased_ref=erased,
        identifier=identifier,
        system=system,
        table=table,
        rows=rows,
        found_at=at,
    )
    body = {
        "returned": ref,
        "erased": erased,
        "person": person,
        "identifier": identifier,
        "system": system,
        "table": table,
        "rows": rows,
        "by": acting_user,
    }
    append(kind="backups.returned", body=body, at=at)
    return ref


def _settle(one: Found, after: int, at: datetime, acting_user: str) -> None:
    with transaction.atomic():
        if not after:
            Returned.objects.filter(system=one.system, table=one.table, erased_ref=one.person, settled_at=None).update(
                settled_at=at, how="erased"
            )
        body = {
            "erased": one.person,
            "system": one.system,
            "table": one.table,
            "before": one.rows,
            "after": after,
            "by": acting_user,
        }
        append(kind="backups.returned-erased", body=body, at=at)
