"""After a restore: the lines that passed on since the backup pass on again, without a number having been kept apart."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.evidence.actions import append
from sekisho.registers.identities import queries
from sekisho.registers.identities.actions.changes import next_change, note_change
from sekisho.registers.identities.actions.recording import Passing, lines_in, refold, unclear_in, write
from sekisho.registers.identities.models import OwnershipEvent, OwnershipMove, Person


def record_again(
    *,
    event: str,
    moves: Iterable[Mapping[str, str | None]],
    values: Mapping[tuple[str, str], str],
    at: datetime,
    acting_user: str,
) -> bool:
    """Record an event as `queries.as_written` has it; False where the restored register knows it.

    `values` is `queries.values_by_digest()` of the restored register, made once. A number given out for the first time
    since the backup is not in it: that move is left out, and the number is nobody's until it is recorded from its source.
    Whoever was acquired since then is nobody too, so that a line which passed to them is not its former holder's.
    Evidence: `identities.event-replayed`.
    """
    with transaction.atomic():
        next_change()
        if OwnershipEvent.objects.filter(ref=event).exists():
            return False
        told = tuple(moves)
        passings = tuple(_passings(told, values))
        if passings:
            before = unclear_in(lines_in(passings))
            what, happened = str(told[0]["event"]), _instant(told[0]["happened"])
            write(event=what, happened=happened, passings=passings, document="", at=at, ref=event)
            refold(lines_in(passings), before=before, allow_unclear=True)
            _follow(what, happened, passings)
        body = {"event": event, "identifiers": len(passings), "of": len(told), "by": acting_user}
        append(kind="identities.event-replayed", body=body, at=at)
    return True


def _passings(told: Iterable[Mapping[str, str | None]], values: Mapping[tuple[str, str], str]) -> Iterable[Passing]:
    for one in told:
        kind, digest = str(one["kind"]), str(one["digest"] or "")
        value = values.get((kind, digest), "") if digest else ""
        giver, taker = (ref if queries.is_person(ref) else "" for ref in (str(one["giver"]), str(one["taker"])))
        if value or (not digest and giver):
            yield Passing(kind=kind, value=value, giver=giver, taker=taker, role=str(one["role"]) if taker else "")


def _follow(what: str, happened: datetime | None, passings: Iterable[Passing]) -> None:
    if what != "deceased" or happened is None:
        return
    for one in passings:
        Person.objects.filter(ref=one.giver).update(deceased_on=tokyo_date(happened))
        note_change(person=one.giver)


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def retire_event(*, event: str, reason: str, at: datetime, acting_user: str) -> bool:
    """An event that was corrected or withdrawn since the backup counts no more; False where the register has none.

    Evidence: `identities.event-retired`.
    """
    with transaction.atomic():
        next_change()
        row = OwnershipEvent.objects.filter(ref=event, replaced_at=None).first()
        if row is None:
            return False
        moves = OwnershipMove.objects.filter(event=event)
        passings = tuple(Passing(kind=one.kind, value=one.value, giver=one.giver, taker=one.taker) for one in moves)
        row.replaced_at, row.reason = at, reason
        row.save(update_fields=["replaced_at", "reason"])
        refold(lines_in(passings), before=frozenset(), allow_unclear=True)
        for one in passings:
            if row.event == "deceased":
                Person.objects.filter(ref=one.giver).update(deceased_on=None)
            for person in {one.giver, one.taker} - {""}:
                note_change(person=person)
        append(kind="identities.event-retired", body={"event": event, "reason": reason, "by": acting_user}, at=at)
    return True
