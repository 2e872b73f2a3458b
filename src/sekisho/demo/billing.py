"""Billing: a year of invoices and their payments, use per line, arrears, and the accounts that are charged.

The story's former customers had prepaid lines: nothing was invoiced to them, so no tax law keeps a row of theirs.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sekisho.demo.lines import Lines
from sekisho.demo.people import NEVER, Customers, Days
from sekisho.demo.stores import keyed

MONTHS, MANY, MONTHS_OF_MANY = 13, 100_000, 3  # a million customers with a year of bills would be a lake of its own
USE_MONTHS = 6
PREPAID = 2  # the first two of the last four customers
KEPT_AFTER_END = np.timedelta64(365, "D")
METHODS = np.array(["bank_transfer", "credit_card", "convenience_store"], object)


def tables(people: Customers, lines: Lines, today: np.datetime64, rng: np.random.Generator) -> dict[str, pa.Table]:
    """All tables of the billing system."""
    invoices, open_yen = _invoices(people, lines, today, rng)
    return {
        "invoices": invoices,
        "payments": _payments(invoices),
        "line_usage": _usage(people, lines, today, rng),
        "bank_accounts": _accounts(people, lines, today, rng),
        "arrears": _arrears(people, open_yen),
    }


def _invoices(
    people: Customers, lines: Lines, today: np.datetime64, rng: np.random.Generator
) -> tuple[pa.Table, dict[int, tuple[int, np.datetime64]]]:
    month = today.astype("datetime64[M]")
    found = []
    for back in range(1, (MONTHS if len(people) <= MANY else MONTHS_OF_MANY) + 1):
        first = (month - back).astype("datetime64[D]")
        last = (month - back + 1).astype("datetime64[D]")
        live = _live(lines, first, last)
        place = lines.customer[live] - (len(people) - 4)
        live = live[(place < 0) | (place >= PREPAID)]
        found.append((live, np.full(len(live), last + np.timedelta64(4, "D")), np.full(len(live), first)))
    line = np.concatenate([part[0] for part in found])
    issued = np.concatenate([part[1] for part in found])
    of_month = np.concatenate([part[2] for part in found])
    due = issued + np.timedelta64(25, "D")
    count = len(line)
    charge = rng.integers(900, 9_000, count)
    designated = lines.customer[line] >= len(people) - 4
    unpaid = (((due < today) & (rng.random(count) < 0.012)) | (due >= today)) & ~designated
    unpaid |= designated & (due >= today) & np.isnat(lines.ended[line])
    settled = np.where(unpaid, NEVER, np.minimum(due, today - np.timedelta64(1, "D")))
    table = keyed(
        pa.table(
            {
                "invoice_no": [f"I{i:09d}" for i in range(count)],
                "customer_no": pa.array(people.no).take(pa.array(lines.customer[line])),
                "month_on": of_month,
                "charge_yen": charge,
                "unpaid_yen": np.where(unpaid, charge, 0),
                "method": METHODS[lines.customer[line] % 3],
                "issued_on": issued,
                "due_on": due,
                "settled_on": settled.astype("datetime64[D]"),
                "books_closed_on": books_closed(of_month),
            }
        ),
        "invoice_no",
    )
    late = np.flatnonzero(unpaid & (due < today))
    open_yen: dict[int, tuple[int, np.datetime64]] = {}
    for i in late.tolist():
        yen, oldest = open_yen.get(int(lines.customer[line[i]]), (0, due[i]))
        open_yen[int(lines.customer[line[i]])] = (yen + int(charge[i]), min(oldest, due[i]))
    return table, open_yen


def _payments(invoices: pa.Table) -> pa.Table:
    paid = invoices.filter(pc.equal(invoices["unpaid_yen"], 0))
    count = paid.num_rows
    return keyed(
        pa.table(
            {
                "payment_no": [f"Y{i:09d}" for i in range(count)],
                "invoice_no": paid["invoice_no"],
                "customer_no": paid["customer_no"],
                "paid_on": paid["settled_on"],
                "amount_yen": paid["charge_yen"],
                "method": paid["method"],
                "books_closed_on": paid["books_closed_on"],
                "memo": pa.nulls(count, pa.string()),
            }
        ),
        "payment_no",
    )


def books_closed(month: Days) -> Days:
    """The 31 March that closes the business year of these days."""
    year = (month.astype("datetime64[M]") - np.timedelta64(3, "M")).astype("datetime64[Y]")
    march: Days = np.add(year.astype("datetime64[M]"), np.timedelta64(15, "M")).astype("datetime64[D]")
    closed: Days = np.subtract(march, np.timedelta64(1, "D"))
    return closed


def _live(lines: Lines, first: np.datetime64, last: np.datetime64) -> npt.NDArray[np.int64]:
    return np.flatnonzero((lines.started < last) & (np.isnat(lines.ended) | (lines.ended >= first)))


def _usage(people: Customers, lines: Lines, today: np.datetime64, rng: np.random.Generator) -> pa.Table:
    month = today.astype("datetime64[M]")
    found = []
    for back in range(1, (USE_MONTHS if len(people) <= MANY else 1) + 1):
        first = (month - back).astype("datetime64[D]")
        live = _live(lines, first, (month - back + 1).astype("datetime64[D]"))
        found.append((live, np.full(len(live), first)))
    line, of_month = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return keyed(
        pa.table(
            {
                "usage_no": [f"X{i:09d}" for i in range(len(line))],
                "customer_no": pa.array(people.no).take(pa.array(lines.customer[line])),
                "number": pa.array(lines.number).take(pa.array(line)),
                "month_on": of_month,
                "data_mb": rng.integers(0, 30_000, len(line)),
                "ended_on": lines.ended[line],
            }
        ),
        "usage_no",
    )


def _accounts(people: Customers, lines: Lines, today: np.datetime64, rng: np.random.Generator) -> pa.Table:
    from sekisho.demo.crm import closed_on

    closed = closed_on(people, lines)
    chosen = np.flatnonzero((np.arange(len(people)) % 3 == 0) | (np.arange(len(people)) >= len(people) - 4))
    chosen = chosen[np.isnat(closed[chosen]) | (closed[chosen] > today - KEPT_AFTER_END)]
    numbers = rng.integers(1_000_000, 9_999_999, len(chosen))
    return keyed(
        pa.table(
            {
                "customer_no": pa.array(people.no).take(pa.array(chosen)),
                "bank_name": pa.array(["試験銀行"] * len(chosen)),
                "branch": [f"{value % 900 + 100}" for value in numbers.tolist()],
                "account_no": [f"{value:07d}" for value in numbers.tolist()],
                "holder_kana": people.kana[chosen],
                "since_on": people.registered[chosen],
                "ended_on": closed[chosen],
            }
        ),
        "customer_no",
    )


def _arrears(people: Customers, open_yen: dict[int, tuple[int, np.datetime64]]) -> pa.Table:
    chosen = sorted(place for place, (yen, _) in open_yen.items() if yen > 0)
    return keyed(
        pa.table(
            {
                "arrear_no": pa.array([f"Z{i:07d}" for i in range(len(chosen))], pa.string()),
                "customer_no": pa.array([people.no[i] for i in chosen], pa.string()),
                "unpaid_yen": pa.array([open_yen[i][0] for i in chosen], pa.int64()),
                "due_on": pa.array([open_yen[i][1].item() for i in chosen], pa.date32()),
                "opened_on": pa.array([open_yen[i][1].item() for i in chosen], pa.date32()),
                "books_closed_on": books_closed(np.array([open_yen[i][1] for i in chosen], "datetime64[D]")),
                "settled_on": pa.nulls(len(chosen), pa.date32()),
                "assigned_to": pa.nulls(len(chosen), pa.string()),
            }
        ),
        "arrear_no",
    )
