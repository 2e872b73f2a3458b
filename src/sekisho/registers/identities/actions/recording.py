"""Recording one event and folding it into the intervals of what it concerns. Parts of the actions beside this one."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sekisho.engine.errors import SekishoError
from sekisho.evidence.actions import append
from sekisho.registers.identities import queries, rules
from sekisho.registers.identities.actions.changes import next_change, note_change
from sekisho.registers.identities.models import Identifier, OwnershipEvent, OwnershipMove
from sekisho.registers.identities.queries import events
from sekisho.registers.identities.rules import ROOM, IdentifierInterval, Unclear

Line = tuple[str, str]  # kind and value


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """An identifier passing from one holder to another; "" for nobody. Without a value: about the giver as a person."""

    kind: str
    value: str = ""
    giver: str
    taker: str
    role: str = ""


def record(
    *,
    event: str,
    happened: datetime,
    passings: Iterable[Passing],
    document: str,
    at: datetime,
    acting_user: str,
    early: bool = False,
    document_of: str = "",
) -> str:
    """Write an event and its moves, fold them, leave evidence; returns its reference, of the first where it is a repeat.

    Raises: identities.document-not-accepted, identities.unknown-person, identities.contradicts.
    """
    next_change()  # the lock: whoever records about the same line waits
    _require_document(document_of or event, document)
    moves = tuple(_of_the_living(one) for one in passings)
    repeat = _recorded_before(event, happened, moves)
    if repeat:
        return repeat
    before = unclear_in(lines_in(moves))
    ref = write(event=event, happened=happened, passings=moves, document=document, at=at)
    refold(lines_in(moves), before=before, allow_unclear=early)
    for person in sorted(_people(moves)):
        note_change(person=person)
    body = {"event": ref, "what": event, "happened": happened.isoformat(), "people": sorted(_people(moves))}
    more = {"identifiers": len(moves), "document": document, "early": early, "by": acting_user}
    append(kind="identities.event-recorded", body=body | more, at=at)
    return ref


def write(
    *, event: str, happened: datetime | None, passings: Iterable[Passing], document: str, at: datetime, ref: str = ""
) -> str:
    """The rows of one event, and before them those of what was imported about the same lines."""
    passings = tuple(passings)
    for kind, value in lines_in(passings):
        _spell_out(kind, value, at)
    ref = ref or f"E-{secrets.token_hex(8)}"
    OwnershipEvent.objects.create(ref=ref, event=event, at=happened, document=document, recorded_at=at)
    OwnershipMove.objects.bulk_create(
        OwnershipMove(
            event=ref, kind=one.kind, value=one.value, giver=one.giver, taker=one.taker, role=one.role
        )
        for one in passings
    )  # fmt: skip
    return ref


def unclear_in(lines: Iterable[Line]) -> frozenset[Unclear]:
    """Where the events of these lines contradict each other as they stand."""
    return frozenset(
        one for kind, value in lines for one in rules.timeline(kind, value, events.moves_of(kind, value)).unclear
    )


def refold(lines: Iterable[Line], *, before: frozenset[Unclear], allow_unclear: bool = False) -> None:
    """Make the intervals of these lines what their events say, and note whose facts that changes.

    Raises: identities.contradicts, where something is unclear that was not `before`.
    """
    for kind, value in lines:
        told = rules.timeline(kind, value, events.moves_of(kind, value))
        fresh = [one for one in told.unclear if one not in before]
        if fresh and not allow_unclear:
            instant = fresh[0].until.isoformat()
            raise SekishoError("identities.contradicts", room=ROOM, event=fresh[0].event, at=instant)
        _put(kind, value, told.intervals)


def spell_out_imported(ref: str, at: datetime) -> None:
    """Make an imported interval's beginning or end an event of its own, so that it can be corrected."""
    number = ref.removeprefix(events.PREFIX).rpartition("-")[0]
    row = Identifier.objects.filter(pk=int(number)).first() if number.isdecimal() else None
    if row is not None:
        _spell_out(row.kind, row.value, at)


def _put(kind: str, value: str, intervals: tuple[IdentifierInterval, ...]) -> None:
    standing = dict.fromkeys(queries.holders_of(kind, value))
    wanted = set(intervals)
    for person in sorted({one.person for one in wanted ^ set(standing)}):
        note_change(person=person)
    for gone in standing:
        if gone not in wanted:
            Identifier.objects.filter(
                kind=kind, value=value, person_ref=gone.person, since=gone.since, until=gone.until, role=gone.role
            ).delete()
    Identifier.objects.bulk_create(
        Identifier(
            person_ref=one.person, kind=kind, value=value, role=one.role, since=one.since, until=one.until,
            event=one.event, ended_by=one.ended_by,
        )
        for one in intervals
        if one not in standing
    )  # fmt: skip


def _spell_out(kind: str, value: str, at: datetime) -> None:
    if OwnershipMove.objects.filter(kind=kind, value=value).exists():
        return
    for move in events.imported_moves(kind, value):
        OwnershipEvent.objects.create(ref=move.event, event=move.how, at=move.at, recorded_at=at)
        OwnershipMove.objects.create(
            event=move.event, kind=kind, value=value, giver=move.giver, taker=move.taker, role=move.role
        )


def _recorded_before(event: str, happened: datetime, moves: tuple[Passing, ...]) -> str:
    wanted = sorted((one.kind, one.value, one.giver, one.taker, one.role) for one in moves)
    for row in OwnershipEvent.objects.filter(event=event, at=happened, replaced_at=None):
        own = OwnershipMove.objects.filter(event=row.ref).values_list("kind", "value", "giver", "taker", "role")
        if sorted(own) == wanted:
            return row.ref
    return ""


def _of_the_living(one: Passing) -> Passing:
    """The erased stand in no event any more: to the others it is as if nobody had had the line."""
    giver, taker = _known(one.giver), _known(one.taker)
    return Passing(kind=one.kind, value=one.value, giver=giver, taker=taker, role=one.role if taker else "")


def _known(person: str) -> str:
    if not person or queries.is_person(person):
        return person
    if queries.is_erased(person):
        return ""
    raise SekishoError("identities.unknown-person", room=ROOM, person=person if person.isascii() else "?")


def _require_document(event: str, document: str) -> None:
    accepted = rules.limits().documents[event]
    if document not in accepted:
        given = document if document.isascii() else "?"
        raise SekishoError("identities.document-not-accepted", room=ROOM, document=given, accepted=", ".join(accepted))


def lines_in(passings: Iterable[Passing]) -> list[Line]:
    """The identifiers that pass."""
    return sorted({(one.kind, one.value) for one in passings if one.value})


def _people(passings: Iterable[Passing]) -> set[str]:
    return {ref for one in passings for ref in (one.giver, one.taker) if ref}
