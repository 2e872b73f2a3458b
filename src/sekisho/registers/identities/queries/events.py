"""What happened to lines and names: events as recorded, the lines they concern, and where they contradict each other."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from sekisho.registers.identities.models import Identifier, OwnershipEvent, OwnershipMove
from sekisho.registers.identities.queries.one import OLDEST, digest, holders_of
from sekisho.registers.identities.rules import CONTRACTED, Move, Unclear, imported, timeline

PREFIX = "I-"  # references of what was imported whole, before any event was recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One event as it stands in the register. `replaced_at`: since when it no longer counts."""

    ref: str
    event: str
    at: datetime | None
    document: str
    recorded_at: datetime
    replaced_at: datetime | None
    reason: str
    moves: tuple[Move, ...]
    kinds: tuple[str, ...]  # of the identifiers that passed, in the order of the moves


def event_of(ref: str) -> Happened | None:
    """One event, counting or replaced."""
    row = OwnershipEvent.objects.filter(ref=ref).first()
    return _happened(row) if row else None


def events_of(person: str) -> tuple[Happened, ...]:
    """Everything recorded of this person, replaced events among it, by when it happened."""
    refs = OwnershipMove.objects.filter(Q(giver=person) | Q(taker=person)).values_list("event", flat=True)
    rows = OwnershipEvent.objects.filter(ref__in=set(refs)).order_by("at", "id")
    return tuple(_happened(row) for row in rows)


def moves_of(kind: str, value: str) -> tuple[Move, ...]:
    """The moves that count for one identifier, in no order; what was imported counts as its first events."""
    recorded = list(OwnershipMove.objects.filter(kind=kind, value=value))
    return tuple(_live(recorded)) if recorded else imported_moves(kind, value)


def imported_moves(kind: str, value: str) -> tuple[Move, ...]:
    """The events that lead to an identifier's intervals as they were imported."""
    numbers = Identifier.objects.filter(kind=kind, value=value).order_by(OLDEST, "id").values_list("id", flat=True)
    refs = [f"{PREFIX}{number}" for number in numbers]
    return imported(zip(holders_of(kind, value), refs, strict=True))


def unclear_of(person: str) -> tuple[Unclear, ...]:
    """The times for which recorded events contradict each other about a line of this person.

    For such a time the line is nobody's: nothing of it is disclosed, and an erasure of the person is not whole.
    """
    asked = OwnershipMove.objects.filter(Q(giver=person) | Q(taker=person)).exclude(value="")
    values = sorted(set(asked.values_list("kind", "value")))
    return tuple(
        one
        for kind, value in values
        for one in timeline(kind, value, moves_of(kind, value)).unclear
        if person in one.people
    )


def all_unclear() -> Iterator[Unclear]:
    """Every such time, of everybody."""
    for kind, value in sorted(set(OwnershipMove.objects.exclude(value="").values_list("kind", "value"))):
        yield from timeline(kind, value, moves_of(kind, value)).unclear


def successors_of(person: str) -> tuple[str, ...]:
    """Who succeeded to lines of this person (承継), by the lines' next holders."""
    found: list[str] = []
    ended = Identifier.objects.filter(person_ref=person, kind__in=("number", CONTRACTED), ended_by="succeeded")
    for kind, value, until in ended.order_by("until", "id").values_list("kind", "value", "until"):
        after = Identifier.objects.filter(kind=kind, value=value, event="succeeded", since__gte=until)
        found += after.order_by("since").values_list("person_ref", flat=True)[:1]
    return tuple(dict.fromkeys(found))


def as_written(ref: str) -> tuple[Mapping[str, str | None], ...]:
    """The moves of an event without personal data: keyed digests of identifiers, opaque references.

    Kept apart from backups, so that a restore does not give a line back to who had it before (`actions.record_again`).
    """
    happened = event_of(ref)
    if happened is None:
        return ()
    at = happened.at.isoformat() if happened.at else None
    rows = OwnershipMove.objects.filter(event=ref).order_by("id")
    return tuple(
        {
            "kind": row.kind,
            "digest": digest(row.kind, row.value) if row.value else "",
            "giver": row.giver,
            "taker": row.taker,
            "role": row.role,
            "event": happened.event,
            "happened": at,
        }
        for row in rows
    )


def values_by_digest() -> dict[tuple[str, str], str]:
    """Every number of the register by kind and keyed digest: for what was kept apart without the number.

    A number known as one kind is known as both: who only used a line so far may stand in contract for it since.
    """
    kinds = ("number", CONTRACTED)
    rows = Identifier.objects.filter(kind__in=kinds).values_list("value", flat=True).distinct()
    return {(kind, digest(kind, value)): value for value in rows.iterator(chunk_size=10_000) for kind in kinds}


def events_at(number: str, happened: datetime) -> tuple[Happened, ...]:
    """The events of a number at exactly this instant that count."""
    refs = OwnershipMove.objects.filter(kind__in=("number", CONTRACTED), value=number).values_list("event", flat=True)
    rows = OwnershipEvent.objects.filter(ref__in=set(refs), at=happened, replaced_at=None).order_by("id")
    return tuple(_happened(row) for row in rows)


def succession_of(person: str, to: str, happened: datetime) -> str:
    """The event by which somebody succeeded to a person at exactly this instant; "" if none is recorded."""
    refs = OwnershipMove.objects.filter(giver=person, taker=to).values_list("event", flat=True)
    rows = OwnershipEvent.objects.filter(ref__in=set(refs), event="succeeded", at=happened, replaced_at=None)
    return rows.values_list("ref", flat=True).first() or ""


def lines_of(person: str, at: datetime) -> tuple[tuple[str, str], ...]:
    """The lines a person stood in contract for at an instant: (kind, value), used by themselves or by somebody else."""
    rows = Identifier.objects.filter(person_ref=person, kind__in=("number", CONTRACTED)).exclude(role="line_user")
    held = rows.exclude(since__gt=at).exclude(until__lte=at)
    return tuple(held.order_by("value", "kind").values_list("kind", "value"))


def _live(found: list[OwnershipMove]) -> list[Move]:
    refs = {move.event for move in found}
    events = {row.ref: row for row in OwnershipEvent.objects.filter(ref__in=refs, replaced_at=None)}
    return [_move(move, events[move.event]) for move in found if move.event in events]


def _happened(row: OwnershipEvent) -> Happened:
    moves = list(OwnershipMove.objects.filter(event=row.ref).order_by("id"))
    return Happened(
        ref=row.ref,
        event=row.event,
        at=row.at,
        document=row.document,
        recorded_at=row.recorded_at,
        replaced_at=row.replaced_at,
        reason=row.reason,
        moves=tuple(_move(move, row) for move in moves),
        kinds=tuple(move.kind for move in moves),
    )


def _move(move: OwnershipMove, event: OwnershipEvent) -> Move:
    return Move(at=event.at, giver=move.giver, taker=move.taker, role=move.role, how=event.event, event=event.ref)
