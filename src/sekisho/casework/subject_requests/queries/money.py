"""Fees: where an unpaid one stands, what is owed back, the book of a day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sekisho.casework.subject_requests import rules
from sekisho.casework.subject_requests.models import CasePayment, CaseRefund, CaseReminder, CaseWait, SubjectRequest
from sekisho.casework.subject_requests.queries.standing import standing
from sekisho.casework.subject_requests.rules import Outcome
from sekisho.casework.subject_requests.rules.fees import checked_payment
from sekisho.casework.subject_requests.rules.refunds import (
    DayBook,
    Moved,
    RefundWhy,
    Unpaid,
    day_book,
    kept_of,
    unpaid_state,
)
from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.pack import law
from sekisho.registers.policies import queries as policies

FEE = "fee:"  # how a wait says that the fee is lacking
WITHOUT_ANSWER = frozenset({Outcome.UNPAID.value, Outcome.WITHDRAWN.value})


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """The money of one case: what came, what of it is the fee, what went back, what is still owed."""

    reference: str
    came: int
    kept: int
    refunded: int

    @property
    def owed(self) -> int:
        """What is to be given back."""
        return max(0, self.came - self.kept - self.refunded)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRecord:
    """Money that went back."""

    yen: int
    why: RefundWhy
    instrument: str
    proof: str
    paid_on: date


def unpaid(reference: str, at: datetime) -> Unpaid:
    """Where the fee of an open case stands. Raises: requests.unknown-case."""
    stands = standing(reference, at)
    asked = [
        wait.since
        for wait in CaseWait.objects.filter(request__reference=reference).order_by("since", "id")
        if any(str(one).startswith(FEE) for one in wait.what)
    ]
    reminder = CaseReminder.objects.filter(request__reference=reference).first()
    return unpaid_state(
        lacking=stands.payment.lacking,
        asked_on=asked[0] if asked else None,
        reminder_due=reminder.due_on if reminder else None,
        on=tokyo_date(at),
    )


def money_of(reference: str, at: datetime) -> Money:
    """The money of one case, as of now. Raises: requests.unknown-case."""
    row = SubjectRequest.objects.filter(reference=reference).first()
    if row is None:
        raise SekishoError("requests.unknown-case", room=rules.ROOM, reference=reference)
    return _money(row, at, tokyo_date(at))


def owing(at: datetime) -> tuple[Money, ...]:
    """Every case that is owed something."""
    return tuple(one for one in _all_money(at, tokyo_date(at)) if one.owed)


def refunds_of(reference: str) -> tuple[RefundRecord, ...]:
    """What went back in a case."""
    return tuple(
        RefundRecord(
            yen=row.yen, why=RefundWhy(row.why), instrument=row.instrument, proof=row.proof, paid_on=row.paid_on
        )
        for row in CaseRefund.objects.filter(request__reference=reference).order_by("id")
    )


def money_book(on: date, at: datetime) -> DayBook:
    """The book of the money of one day. `at`: whose policy says what a fee is."""
    every = tuple(_all_money(at, on))
    return day_book(
        tuple(_moves()),
        on,
        fees=sum(one.kept for one in every),
        owed=sum(one.owed for one in every),
        overdrawn=tuple(one.reference for one in every if one.came - one.kept < one.refunded),
    )


def _moves() -> Iterable[Moved]:
    for piece in CasePayment.objects.select_related("request").order_by("id"):
        day = tokyo_date(piece.recorded_at)
        yield Moved(on=day, reference=piece.request.reference, instrument=piece.instrument, came=piece.yen)
    for refund in CaseRefund.objects.select_related("request").order_by("id"):
        yield Moved(
            on=refund.paid_on, reference=refund.request.reference, instrument=refund.instrument, went=refund.yen
        )


def _all_money(at: datetime, on: date) -> Iterable[Money]:
    for row in SubjectRequest.objects.exclude(payments=None).order_by("id").distinct():
        yield _money(row, at, on)


def _money(row: SubjectRequest, at: datetime, on: date) -> Money:
    """A case's money in the evening of a day: pieces recorded and refunds paid until then, closed if it was by then."""
    pieces = [one for one in row.payments.order_by("id") if tokyo_date(one.recorded_at) <= on]
    is_ended = row.closed_at is not None and tokyo_date(row.closed_at) <= on and row.outcome in WITHOUT_ANSWER
    stands = standing(row.reference, at)
    right = policies.in_force(at).rights.get(row.kind)
    payment = checked_payment(
        stands.fee,
        stands.pieces[: len(pieces)],
        accepted=right.instruments if right else (),
        instruments=dict(law(on).instruments),
        came_by=pieces[-1].came_by if pieces else "mail",
        on=tokyo_date(pieces[-1].recorded_at) if pieces else on,
    )
    came = sum(one.yen for one in pieces)
    kept = kept_of(came=came, counted=payment.counted, fee=stands.fee.yen, is_ended_without_answer=is_ended)
    refunded = sum(one.yen for one in row.refunds.all() if one.paid_on <= on)
    return Money(reference=row.reference, came=came, kept=kept, refunded=refunded)


def asked_in_time(limit: dict[str, date]) -> frozenset[str]:
    """Of these requests, those whose person was asked for something by the day given and has not sent it since.

    A request that ended unpaid counts if they were asked by then at all.
    """
    waits = CaseWait.objects.filter(request__reference__in=list(limit)).select_related("request")
    return frozenset(
        wait.request.reference
        for wait in waits
        if wait.since <= limit[wait.request.reference]
        and (wait.until is None or wait.request.outcome == Outcome.UNPAID.value)
    )
