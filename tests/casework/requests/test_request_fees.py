"""Fees: only where the law allows one, only as published, and every sum said how it can be made."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from sekisho.casework.subject_requests.rules.fees import (
    Fee,
    Tendered,
    checked_payment,
    fee_of,
    next_makeable,
    ways_to_pay,
)
from sekisho.engine.law.pack import law
from sekisho.engine.policy.model import Right

ON = date(2026, 11, 30)
BOTH = ("stamps", "postal_money_order")
INSTRUMENTS = dict(law().instruments)
STAMPS, ORDERS = INSTRUMENTS["stamps"], INSTRUMENTS["postal_money_order"]


def right(kind: str, *, fee: int | None = 660) -> Right:
    return Right(
        id=kind, clause="B-74", published=True, channels=("mail", "fax"), reply=("mail", "fax", "electronic"),
        fee_yen=fee, fee_when=("mail", "fax"), instruments=BOTH,
    )  # fmt: skip


def told(kind: str, reply: str, fee: int | None = 660) -> tuple[int, str]:
    found = fee_of(law().request(kind), right(kind, fee=fee), reply)
    return found.yen, found.why


def test_a_fee_needs_the_law_and_the_policy() -> None:
    assert told("disclosure", "mail") == (660, "fee.published")
    assert told("record_disclosure", "fax") == (660, "fee.published")
    assert told("purpose_notice", "mail") == (660, "fee.published")
    assert told("disclosure", "electronic") == (0, "fee.not-for-reply")
    assert told("disclosure", "mail", fee=None) == (0, "fee.none-published")
    for kind in ("correction", "suspension", "provision_stop"):
        assert told(kind, "mail") == (0, "fee.not-by-law")


def payment(*pieces: Tendered, came_by: str = "mail", accepted: tuple[str, ...] = BOTH) -> tuple[int, int, list[str]]:
    found = checked_payment(
        Fee(yen=660, why="", clause="B-89"), pieces, accepted=accepted, instruments=INSTRUMENTS, came_by=came_by, on=ON
    )
    return found.lacking, found.excess, [fault.code for fault in found.faults]


def test_what_counts_of_what_came() -> None:
    fresh = date(2026, 6, 1)
    assert payment(Tendered(instrument="stamps", yen=660)) == (0, 0, [])
    assert payment(
        Tendered(instrument="postal_money_order", yen=500, issued_on=fresh),
        Tendered(instrument="postal_money_order", yen=150, issued_on=fresh),
        Tendered(instrument="stamps", yen=10),
    ) == (0, 0, [])
    assert payment(Tendered(instrument="postal_money_order", yen=700, issued_on=fresh)) == (
        660, 0, ["fee.no-such-denomination"],
    )  # fmt: skip
    old = Tendered(instrument="postal_money_order", yen=750, issued_on=date(2026, 5, 29))
    assert payment(old) == (660, 0, ["fee.expired"])
    assert payment(Tendered(instrument="postal_money_order", yen=750, issued_on=date(2026, 5, 30))) == (0, 90, [])
    assert payment(Tendered(instrument="postal_money_order", yen=750)) == (660, 0, ["fee.issue-day-unknown"])
    assert payment(Tendered(instrument="stamps", yen=660), came_by="fax") == (660, 0, ["fee.not-by-fax"])
    assert payment(Tendered(instrument="bank_transfer", yen=660)) == (660, 0, ["fee.instrument-not-accepted"])
    assert payment(Tendered(instrument="coins", yen=660)) == (660, 0, ["fee.instrument-not-accepted"])


def test_a_sum_that_cannot_be_made_is_said_so_with_the_nearest_that_can() -> None:
    assert not ORDERS.can_make(660)
    assert [way.pieces for way in ways_to_pay(660, [STAMPS, ORDERS])] == [
        (("stamps", 660),),
        (("postal_money_order", 500), ("postal_money_order", 150), ("stamps", 10)),
    ]
    assert ways_to_pay(660, [ORDERS]) == ()
    assert next_makeable(660, [ORDERS]) == 700
    assert next_makeable(660, [ORDERS, STAMPS]) == 660
    [way] = ways_to_pay(1000, [ORDERS])
    assert (way.pieces, way.extra_yen) == ((("postal_money_order", 1000),), 200)


@given(st.integers(1, 5000))
def test_a_way_makes_exactly_the_sum(yen: int) -> None:
    ways = ways_to_pay(yen, [STAMPS, ORDERS])
    assert ways
    for way in ways:
        assert way.yen == yen
        assert all(piece in ORDERS.denominations_yen for name, piece in way.pieces if name == "postal_money_order")
    nearest = next_makeable(yen, [ORDERS])
    assert nearest is not None
    assert nearest >= yen
    assert not any(ORDERS.can_make(sum_) for sum_ in range(yen, nearest))
