"""Whom an erasure is about, by what the identities register says now: between approval and execution lines pass on.

A plan may wait out its hold window, a crash or a restore. A number returned meanwhile and given to somebody else is
theirs from that day: what was sealed as the person's is narrowed to what still is, and never widened.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from sekisho.engine.erasure.plan import Held
from sekisho.engine.errors import SekishoError
from sekisho.registers.identities import queries as identities
from sekisho.registers.identities.queries import IdentifierInterval
from sekisho.registers.identities.queries.erased import digests_of
from sekisho.registers.retention.queries.target import Span, Target
from sekisho.registers.retention.rules import OVERTAKEN, ROOM

Bounds = tuple[datetime | None, datetime | None]


def as_held_now(target: Target) -> Target:
    """The target without what is or became somebody else's; within what is theirs now, or was when they were forgotten."""
    own = _own(target)
    held: list[Held] = []
    others: list[Span] = []
    for kind in sorted(target.kinds):
        values = sorted({one.value for one in target.held if one.kind == kind})
        holders = identities.holders_of_many(kind, values)
        for one in (one for one in target.held if one.kind == kind):
            strangers = [i for i in holders.get(one.value, ()) if i.person != target.person]
            held += _left_of(one, strangers, own.get((kind, one.value)))
            others += [Span(kind=kind, value=one.value, since=i.since, until=i.until) for i in strangers]
    return replace(target, held=tuple(dict.fromkeys(held)), others=tuple(dict.fromkeys(others)))


def require_covered(plan: str, target: Target) -> None:
    """The person has come into nothing since they were sealed: no line, no name. Else the rest would be left behind.

    Raises: retention.plan-overtaken.
    """
    if is_outgrown(target):
        raise SekishoError(OVERTAKEN, room=ROOM, plan=plan)


def is_outgrown(target: Target) -> bool:
    """Whether the register knows more of the person than what was sealed. Of the forgotten it knows nothing."""
    if not identities.is_person(target.person):
        return False
    names = {part for name in identities.names_of(target.person) for part in (name.name, name.kana) if part}
    grown = bool(names - {name.value for name in target.names})
    for one in identities.identifiers_of(target.person):
        sealed = [held for held in target.held if (held.kind, held.value) == (one.kind, one.value)]
        bounds = (one.since, one.until)
        grown |= not any(_common((held.since, held.until), bounds) == bounds for held in sealed)
    return grown


def _own(target: Target) -> dict[tuple[str, str], list[Bounds]]:
    """What the register says is the person's, or was when it forgot them; by kind and value."""
    found: dict[tuple[str, str], list[Bounds]] = {}
    if identities.is_person(target.person):
        found = {(one.kind, one.value): [] for one in target.held}
        for one in identities.identifiers_of(target.person):
            found.setdefault((one.kind, one.value), []).append((one.since, one.until))
        return found
    left = list(digests_of(target.person))
    for kind, value in {(one.kind, one.value) for one in target.held}:
        key = identities.digest(kind, value)
        bounds = [(_instant(one["since"]), _instant(one["until"])) for one in left if one["digest"] == key]
        if bounds:
            found[kind, value] = bounds
    return found


def _instant(text: object) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None


def _left_of(one: Held, strangers: Iterable[IdentifierInterval], mine: Iterable[Bounds] | None) -> Iterator[Held]:
    """What is left of one interval, in pieces. Kinds that two may hold at once (a mail box) are not cut."""
    pieces: list[Bounds] = [(one.since, one.until)]
    shared = one.shared
    for other in strangers:
        shared = True
        if other.since is None and other.until is None:
            continue  # without instants it is both people's at once: as it was approved
        pieces = [left for piece in pieces for left in _without(piece, (other.since, other.until))]
    if mine is not None:
        pieces = [both for piece in pieces for own in mine if (both := _common(piece, own))]
    for since, until in pieces:
        yield replace(one, since=since, until=until, shared=shared)


def _without(piece: Bounds, cut: Bounds) -> Iterator[Bounds]:
    if _common(piece, cut) is None:
        yield piece
        return
    (since, until), (begun, ended) = piece, cut
    if begun is not None and (since is None or since < begun):
        yield since, begun
    if ended is not None and (until is None or ended < until):
        yield ended, until


def _common(one: Bounds, other: Bounds) -> Bounds | None:
    since = max((at for at in (one[0], other[0]) if at is not None), default=None)
    until = min((at for at in (one[1], other[1]) if at is not None), default=None)
    return None if since is not None and until is not None and until <= since else (since, until)
