"""Whom an erasure is about, by what the identities register says now: between approval and execution lines pass on.

A plan may wait out its hold window, a crash or a restore. A number returned meanwhile and given to somebody else is
theirs from that day: what was sealed as the person's is narrowed to what still is, and never widened.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from sekisho.engine.erasure.plan import Held
from sekisho.registers.identities import queries as identities
from sekisho.registers.identities.queries import IdentifierInterval
from sekisho.registers.retention.queries.target import Span, Target

Bounds = tuple[datetime | None, datetime | None]


def as_held_now(target: Target) -> Target:
    """The target without what is or became somebody else's; while the person is known, within what is theirs now."""
    known = identities.is_person(target.person)
    own = identities.identifiers_of(target.person) if known else ()
    held: list[Held] = []
    others: list[Span] = []
    for kind in sorted(target.kinds):
        values = sorted({one.value for one in target.held if one.kind == kind})
        holders = identities.holders_of_many(kind, values)
        for one in (one for one in target.held if one.kind == kind):
            strangers = [i for i in holders.get(one.value, ()) if i.person != target.person]
            mine = [i for i in own if (i.kind, i.value) == (kind, one.value)]
            held += _left_of(one, strangers, mine if known else None)
            others += [Span(kind=kind, value=one.value, since=i.since, until=i.until) for i in strangers]
    return replace(target, held=tuple(dict.fromkeys(held)), others=tuple(dict.fromkeys(others)))


def _left_of(
    one: Held, strangers: Iterable[IdentifierInterval], mine: Iterable[IdentifierInterval] | None
) -> Iterator[Held]:
    """What is left of one interval, in pieces. Kinds that two may hold at once (a mail box) are not cut."""
    pieces: list[Bounds] = [(one.since, one.until)]
    shared = one.shared
    for other in strangers:
        shared = True
        if other.since is None and other.until is None:
            continue  # without instants it is both people's at once: as it was approved
        pieces = [left for piece in pieces for left in _without(piece, (other.since, other.until))]
    if mine is not None:
        pieces = [both for piece in pieces for own in mine if (both := _common(piece, (own.since, own.until)))]
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
