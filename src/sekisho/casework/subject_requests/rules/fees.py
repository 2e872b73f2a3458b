"""What an answer costs, what was sent for it, and how the exact sum can be put together.

The law allows a fee for two kinds of request; the policy says how much and for which ways of answering. Sums in yen.
Source: APPI art. 38; the instruments and their validity stand in the law packs.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from sekisho.engine.law.model import Instrument, RequestKind
from sekisho.engine.policy.model import Right
from sekisho.engine.policy.periods import add


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """What one answer costs, and why. `why` is a code of the room's texts; `clause` the policy's sentence."""

    yen: int
    why: str
    clause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tendered:
    """One piece that came: a stamp, a money order, a transfer. `issued_on` where the instrument dies."""

    instrument: str
    yen: int
    issued_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A piece that does not count, by its place among those that came, and the code that says why."""

    place: int
    code: str
    until: date | None = None  # of a piece that died: its last day


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """What counts of what came. Over the fee is given back, under it is asked for."""

    fee: int
    counted: int
    faults: tuple[Fault, ...]

    @property
    def lacking(self) -> int:
        """What is still to be paid."""
        return max(0, self.fee - self.counted)

    @property
    def excess(self) -> int:
        """What goes back."""
        return max(0, self.counted - self.fee)

    @property
    def is_enough(self) -> bool:
        """Whether the answer may go out."""
        return not self.lacking


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to send exactly a sum: pieces by instrument, and what sending them costs besides."""

    pieces: tuple[tuple[str, int], ...]  # instrument, yen
    extra_yen: int = 0  # what issuing them costs the person

    @property
    def yen(self) -> int:
        """The sum."""
        return sum(yen for _, yen in self.pieces)


def fee_of(kind: RequestKind, right: Right, reply: str) -> Fee:
    """What an answer by `reply` costs: nothing where the law allows no fee, whatever the policy publishes."""
    if not kind.fee:
        return Fee(yen=0, why="fee.not-by-law", clause=right.clause)
    if right.fee_yen is None:
        return Fee(yen=0, why="fee.none-published", clause=right.clause)
    if reply not in right.fee_when:
        return Fee(yen=0, why="fee.not-for-reply", clause=right.clause)
    return Fee(yen=right.fee_yen, why="fee.published", clause=right.clause)


def checked_payment(
    fee: Fee,
    tendered: Sequence[Tendered],
    *,
    accepted: Iterable[str],
    instruments: "dict[str, Instrument]",
    came_by: str,
    on: date,
) -> Payment:
    """What counts of what came on a day. `accepted`: the policy's instruments; `came_by`: the channel it came by."""
    allowed, faults, counted = frozenset(accepted), list[Fault](), 0
    for place, piece in enumerate(tendered):
        known = instruments.get(piece.instrument)
        until = add(piece.issued_on, known.valid_for) if known and known.valid_for and piece.issued_on else None
        if known is None or piece.instrument not in allowed:
            faults.append(Fault(place=place, code="fee.instrument-not-accepted"))
        elif known.enclosed and came_by == "fax":
            faults.append(Fault(place=place, code="fee.not-by-fax"))
        elif piece.yen <= 0 or (known.denominations_yen and piece.yen not in known.denominations_yen):
            faults.append(Fault(place=place, code="fee.no-such-denomination"))
        elif known.valid_for and piece.issued_on is None:
            faults.append(Fault(place=place, code="fee.issue-day-unknown"))
        elif until is not None and on > until:
            faults.append(Fault(place=place, code="fee.expired", until=until))
        elif piece.issued_on is not None and piece.issued_on > on:
            faults.append(Fault(place=place, code="fee.issued-in-future"))
        else:
            counted += piece.yen
    return Payment(fee=fee.yen, counted=counted, faults=tuple(faults))


def ways_to_pay(yen: int, instruments: Sequence[Instrument]) -> tuple[Way, ...]:
    """The ways to send exactly a sum with instruments the policy takes: one for each alone that can make it.

    Where an instrument cannot make it alone, the largest part it can and the rest by one that can make anything.
    Fewest pieces first; empty where the sum cannot be made at all.
    """
    if yen <= 0:
        return ()
    free = [one for one in instruments if one.step_yen and yen % one.step_yen == 0]
    found: list[Way] = [Way(pieces=((one.id, yen),)) for one in free]
    for one in instruments:
        if not one.denominations_yen:
            continue
        whole = _fewest(yen, one.denominations_yen)
        if whole is not None:
            found.append(_way(one, whole, ()))
            continue
        part = next((sum_ for sum_ in range(yen - 1, 0, -1) if _fewest(sum_, one.denominations_yen) is not None), 0)
        rest = next((other for other in instruments if other.step_yen and (yen - part) % other.step_yen == 0), None)
        if part and rest is not None:
            found.append(_way(one, _fewest(part, one.denominations_yen) or (), ((rest.id, yen - part),)))
    return tuple(sorted(found, key=lambda way: (len(way.pieces), way.extra_yen)))


def next_makeable(yen: int, instruments: Sequence[Instrument]) -> int | None:
    """The smallest sum of at least `yen` that these instruments can make; None where they make nothing."""
    if any(one.step_yen for one in instruments):
        return yen
    most = max((max(one.denominations_yen) for one in instruments if one.denominations_yen), default=0)
    pieces = tuple(sorted({piece for one in instruments for piece in one.denominations_yen}))
    return (
        next((sum_ for sum_ in range(yen, yen + most + 1) if _fewest(sum_, pieces) is not None), None) if most else None
    )


def _way(one: Instrument, pieces: tuple[int, ...], rest: tuple[tuple[str, int], ...]) -> Way:
    return Way(pieces=(*((one.id, piece) for piece in pieces), *rest), extra_yen=one.issue_fee_yen * len(pieces))


@lru_cache(maxsize=256)
def _fewest(yen: int, denominations: tuple[int, ...]) -> tuple[int, ...] | None:
    """The fewest pieces that make exactly a sum, largest first; None where none do."""
    best: list[tuple[int, ...] | None] = [()]
    for sum_ in range(1, yen + 1):
        options = [
            (piece, *made) for piece in denominations if piece <= sum_ and (made := best[sum_ - piece]) is not None
        ]
        best.append(
            min(options, key=lambda pieces: (len(pieces), tuple(-piece for piece in pieces))) if options else None
        )
    found = best[yen]
    return None if found is None else tuple(sorted(found, reverse=True))
