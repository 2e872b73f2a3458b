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
    """One movement of money: in when a piece came, out when one went back."""

    on: date
    reference: str
    instrument: str
    came: int = 0
    went: int = 0
    counts: bool = True  # a piece that does not count is owed back


@dataclass(frozen=True, slots=True, kw_only=True)
class DayBook:
    """The money of one day: what was there in the morning, what came, what went, what is there now; and what it is."""

    on: date
    before: int
    came: int
    went: int
    fees: int  # kept for answers
    owed: int  # to be given back
    by_instrument: tuple[tuple[str, int], ...]  # what came that day

    @property
    def after(self) -> int:
        """What is there in the evening."""
        return self.before + self.came - self.went

    @property
    def is_balanced(self) -> bool:
        """Whether everything there is either a fee or owed to somebody: nothing is nobody's, nothing is missing."""
        return self.after == self.fees + self.owed


def unpaid_state(
    *, lacking: int, asked_on: date | None, reminder_due: date | None, on: date, is_paused_for_fee: bool = True
) -> Unpaid:
    """Where an unpaid fee stands on a day. `asked_on`: when the person was first told; `reminder_due`: of the reminder sent."""
    terms = limits()["fees"]
    if not lacking:
        return Unpaid.NOTHING_DUE
    if asked_on is None or not is_paused_for_fee:
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


def day_book(moves: Sequence[Moved], on: date, *, fees: int, owed: int) -> DayBook:
    """The book of one day over every movement there ever was. `fees`, `owed`: what the cases say of the same evening."""
    today = [one for one in moves if one.on == on]
    earlier = [one for one in moves if one.on < on]
    by: dict[str, int] = {}
    for one in today:
        by[one.instrument] = by.get(one.instrument, 0) + one.came
    return DayBook(
        on=on,
        before=sum(one.came - one.went for one in earlier),
        came=sum(one.came for one in today),
        went=sum(one.went for one in today),
        fees=fees,
        owed=owed,
        by_instrument=tuple(sorted((name, yen) for name, yen in by.items() if yen)),
    )
