"""Putting right what was recorded wrongly: another instant for an event, or no such event at all, and why.

What was recorded stays as a replaced event. Decisions and letters made while the register was wrong are not undone
here: the entry says whom they concern.
"""

from datetime import datetime

from django.db import transaction

from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.evidence.actions import append
from sekisho.registers.identities.actions.changes import next_change, note_change
from sekisho.registers.identities.actions.people import DEATH, GUARDIAN, NAME, put_name, take_name
from sekisho.registers.identities.actions.recording import (
    Line,
    Passing,
    lines_in,
    refold,
    spell_out_imported,
    unclear_in,
    write,
)
from sekisho.registers.identities.models import OwnershipEvent, OwnershipMove, Person
from sekisho.registers.identities.rules import ROOM, Unclear


def correct(*, event: str, happened: datetime, reason: str, at: datetime, acting_user: str) -> str:
    """The event happened at another instant; returns the reference of the event that replaces it.

    Evidence: `identities.event-corrected`. Raises: identities.unknown-event, identities.reason-missing,
    identities.contradicts, identities.same-instant.
    """
    with transaction.atomic():
        row, passings, before = _begin(event, reason, at)
        lines = lines_in(passings)
        ref = write(event=row.event, happened=happened, passings=passings, document=row.document, at=at)
        _end(row, ref, reason, at)
        refold(lines, before=before)
        for one in passings:
            _follow(one, row.at, happened)
        body = {"from": row.at.isoformat() if row.at else None, "to": happened.isoformat(), "replaced_by": ref}
        _leave("identities.event-corrected", row, passings, body, at, acting_user)
    return ref


def withdraw(*, event: str, reason: str, at: datetime, acting_user: str) -> None:
    """There was no such event. Evidence: `identities.event-withdrawn`.

    Raises: identities.unknown-event, identities.reason-missing, identities.contradicts.
    """
    with transaction.atomic():
        row, passings, before = _begin(event, reason, at)
        _end(row, "", reason, at)
        refold(lines_in(passings), before=before)
        for one in passings:
            _follow(one, row.at, None)
        _leave("identities.event-withdrawn", row, passings, {}, at, acting_user)


def _begin(event: str, reason: str, at: datetime) -> tuple[OwnershipEvent, tuple[Passing, ...], frozenset[Unclear]]:
    next_change()
    if not reason.strip() or not reason.isascii():
        raise SekishoError("identities.reason-missing", room=ROOM)
    spell_out_imported(event, at)
    row = OwnershipEvent.objects.filter(ref=event, replaced_at=None).first()
    if row is None:
        raise SekishoError("identities.unknown-event", room=ROOM, event=event if event.isascii() else "?")
    passings = tuple(
        Passing(kind=one.kind, value=one.value, giver=one.giver, taker=one.taker, role=one.role)
        for one in OwnershipMove.objects.filter(event=event).order_by("id")
    )
    lines: list[Line] = lines_in(passings)
    return row, passings, unclear_in(lines)


def _end(row: OwnershipEvent, by: str, reason: str, at: datetime) -> None:
    row.replaced_at, row.replaced_by, row.reason = at, by, reason
    row.save(update_fields=["replaced_at", "replaced_by", "reason"])


def _follow(one: Passing, was: datetime | None, happened: datetime | None) -> None:
    """What an event that passes no identifier had written of the person follows it."""
    if one.kind == NAME and was is not None:
        name, kana = take_name(one.giver, was)
        if happened is not None:
            put_name(one.giver, name, kana, happened)
    elif one.kind == DEATH:
        Person.objects.filter(ref=one.giver).update(deceased_on=tokyo_date(happened) if happened else None)
    elif one.kind == GUARDIAN and happened is None:
        Person.objects.filter(ref=one.giver, guardian_ref=one.taker).update(guardian_ref="")
    for person in {one.giver, one.taker} - {""}:
        note_change(person=person)


def _leave(
    kind: str,
    row: OwnershipEvent,
    passings: tuple[Passing, ...],
    more: dict[str, str | None],
    at: datetime,
    acting_user: str,
) -> None:
    people = sorted({ref for one in passings for ref in (one.giver, one.taker) if ref})
    body: dict[str, object] = {"event": row.ref, "what": row.event, "people": people, "reason": row.reason}
    append(kind=kind, body=body | more | {"by": acting_user}, at=at)
