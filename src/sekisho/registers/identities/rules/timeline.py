"""From what happened to whose it was: events of one identifier, in whatever order they arrived, folded into intervals.

An event says who had the identifier before it and who has it from then on, "" for nobody. Where an event names another
former holder than the events before it lead to, an event between them has not arrived: whose the identifier was since
the last one nobody contradicts is unclear, and it is given to nobody for that time.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sekisho.registers.identities.rules.persons import IdentifierInterval

ALWAYS = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One identifier passing from one holder to another at an instant; None = before anybody wrote it down."""

    at: datetime | None
    giver: str
    taker: str
    how: str
    event: str  # reference of the event it is part of
    role: str = ""  # the taker's


@dataclass(frozen=True, slots=True, kw_only=True)
class Unclear:
    """A time for which the events contradict each other, and whom they name for it."""

    since: datetime | None
    until: datetime
    people: frozenset[str]
    event: str  # the event that does not fit what went before


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Whose an identifier was when: never two people at one instant, never a guess."""

    intervals: tuple[IdentifierInterval, ...]
    unclear: tuple[Unclear, ...]


@dataclass(slots=True)
class _Held:
    person: str = ""
    since: datetime | None = None
    role: str = ""
    how: str = ""


def timeline(kind: str, value: str, moves: Iterable[Move]) -> Timeline:
    """The intervals of one identifier, whatever order its moves arrived in."""
    intervals: list[IdentifierInterval] = []
    unclear: list[Unclear] = []
    held = _Held()
    for move in _in_order(moves):
        if move.giver != held.person and move.at is not None:
            people = frozenset({held.person, move.giver} - {""})
            unclear.append(Unclear(since=held.since, until=move.at, people=people, event=move.event))
        elif held.person and held.since != move.at:
            intervals.append(_interval(kind, value, held, move.at, move.how))
        held = _Held(move.taker, move.at, move.role, move.how)
    if held.person:
        intervals.append(_interval(kind, value, held, None, ""))
    return Timeline(intervals=tuple(intervals), unclear=tuple(unclear))


def imported(intervals: Iterable[tuple[IdentifierInterval, str]]) -> tuple[Move, ...]:
    """The moves that lead to intervals that were written down whole, each with a reference of its own."""
    moves: list[Move] = []
    for one, ref in intervals:
        begun = Move(at=one.since, giver="", taker=one.person, how=one.event, role=one.role, event=f"{ref}-in")
        moves.append(begun)
        if one.until is not None:
            moves.append(Move(at=one.until, giver=one.person, taker="", how=one.ended_by, event=f"{ref}-out"))
    return tuple(moves)


def _in_order(moves: Iterable[Move]) -> list[Move]:
    """By instant; at one instant each event after the one that leads to it, as far as there is one."""
    left = sorted(moves, key=lambda move: (move.at or ALWAYS, move.event))
    ordered: list[Move] = []
    holder = ""
    while left:
        together = [move for move in left if move.at == left[0].at]
        following = _next(together, holder)
        left.remove(following)
        ordered.append(following)
        holder = following.taker
    return ordered


def _next(together: Sequence[Move], holder: str) -> Move:
    """Of events at one instant: the one that fits, ends before beginnings, so that nobody is overtaken."""
    fitting = [move for move in together if move.giver == holder]
    return (fitting or list(together))[0]


def _interval(kind: str, value: str, held: _Held, until: datetime | None, ended_by: str) -> IdentifierInterval:
    return IdentifierInterval(
        person=held.person,
        kind=kind,
        value=value,
        role=held.role,
        since=held.since,
        until=until,
        event=held.how,
        ended_by=ended_by,
    )
