"""When an unpaid fee is reminded of and when a request ends unpaid; when money goes back; whether a day's money balances.

Source: APPI art. 38; PROMISES B-89. Nobody's request ends over a fee before the person was told what is lacking, reminded,
and given the reminder's term. Cash is no instrument of the law pack: 現金書留 is neither taken nor sent.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sekisho.casework.subject_requests.rules.case import ROOM, limits
from sekisho.engine.errors import SekishoError


class RefundWhy(StrEnum):
    """Why money goes back."""

    EXCESS = "excess"  # more came than the fee
    NOT_DUE = "not_due"  # no fee is due: by law, by the way of answering, or nothing was done for it
    UNUSABLE = "unusable"  # a piece that does not count: expired, or of a kind not taken
    WITHDRAWN = "withdrawn"  # before anything was prepared


class Unpaid(StrEnum):
    """Where an unpaid fee stands."""

    NOTHING_DUE = "nothing_due"
    ASK = "ask"  # the person was not told yet what is lacking
    WAITING = "waiting"  # told, and the time before a reminder runs
    REMIND = "remind"
    REMINDED = "reminded"  # the reminder's term runs
    MAY_CLOSE = "may_close"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One movement: a piece that came for a case, or money that went back. Yen, one of the two is 0."""

    on: date
    reference: str
    instrument: str
    came: int = 0
    went: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawer:
    """What of one instrument lay in the drawer in the morning, what came and went, what must lie there in the evening."""

    instrument: str
    before: int
    came: int
    went: int

    @property
    def after(self) -> int:
        """What must lie there in the evening."""
        return self.before + self.came - self.went


@dataclass(frozen=True, slots=True, kw_only=True)
class DayBook:
    """The money of one day, and what of the evening's money is for what. `overdrawn`: cases that got back more than came."""

    on: date
    drawers: tuple[Drawer, ...]
    fees: int  # kept for answers
    owed: int  # to be given back
    moves: tuple[Moved, ...]  # of the day
    overdrawn: tuple[str, ...]

    @property
    def after(self) -> int:
        """What must be there in the evening."""
        return sum(one.after for one in self.drawers)

    @property
    def is_balanced(self) -> bool:
        """Whether everything there is a fee or owed to somebody.

        A drawer may stand below nothing: the accounts advanced what went back by another instrument than came.
        """
        return self.after == self.fees + self.owed and not self.overdrawn


def unpaid_state(*, lacking: int, asked_on: date | None, reminder_due: date | None, on: date) -> Unpaid:
    """Where an unpaid fee stands on a day. `asked_on`: when the person was first told; `reminder_due`: of the reminder sent."""
    terms = limits()["fees"]
    if not lacking:
        return Unpaid.NOTHING_DUE
    if asked_on is None:
        return Unpaid.ASK
    if reminder_due is not None:
        return Unpaid.MAY_CLOSE if on > reminder_due else Unpaid.REMINDED
    return Unpaid.REMIND if on > asked_on + timedelta(days=terms["remind_after_days"]) else Unpaid.WAITING


def reminder_due(sent_on: date) -> date:
    """The last day of a reminder's term."""
    return sent_on + timedelta(days=limits()["fees"]["close_after_days"])


def require_refundable(*, yen: int, why: RefundWhy, owed: int, instrument: str, known: Iterable[str]) -> None:
    """Refuse to give back more than is owed, or in a way that does not exist.

    Raises: requests.refund-too-much, law.unknown-key.
    """
    if instrument not in frozenset(known):
        raise SekishoError("law.unknown-key", room="sekisho.engine.law", table="instruments", key=instrument)
    if not 0 < yen <= owed:
        raise SekishoError("requests.refund-too-much", room=ROOM, yen=yen, owed=owed, why=why.value)


def day_book(moves: Sequence[Moved], on: date, *, fees: int, owed: int, overdrawn: tuple[str, ...] = ()) -> DayBook:
    """The book of one day over every movement there ever was. `fees`, `owed`: what the cases say of the same evening."""
    known = sorted({one.instrument for one in moves if one.on <= on})
    drawers = tuple(
        Drawer(
            instrument=name,
            before=sum(one.came - one.went for one in moves if one.instrument == name and one.on < on),
            came=sum(one.came for one in moves if one.instrument == name and one.on == on),
            went=sum(one.went for one in moves if one.instrument == name and one.on == on),
        )
        for name in known
    )
    today = tuple(one for one in moves if one.on == on)
    return DayBook(on=on, drawers=drawers, fees=fees, owed=owed, moves=today, overdrawn=overdrawn)


def kept_of(*, came: int, counted: int, fee: int, is_ended_without_answer: bool) -> int:
    """What of the money that came for a case is its fee: nothing where the request ended without an answer."""
    return 0 if is_ended_without_answer else min(came, counted, fee)
