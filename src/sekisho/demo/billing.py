"""Billing: a year of invoices and their payments, arrears, and the accounts that are charged."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sekisho.demo.lines import Lines
from sekisho.demo.people import NEVER, Customers
from sekisho.demo.stores import keyed

MONTHS = 13
METHODS = np.array(["bank_transfer", "credit_card", "convenience_store"], object)


def tables(people: Customers, lines: Lines, today: np.datetime64, rng: np.random.Generator) -> dict[str, pa.Table]:
    """All tables of the billing system."""
    invoices, open_yen = _invoices(people, lines, today, rng)
    return {
        "invoices": invoices,
        "payments": _payments(invoices),
        "bank_accounts": _accounts(people, lines, rng),
        "arrears": _arrears(people, open_yen),
    }


def _invoices(
    people: Customers, lines: Lines, today: np.datetime64, rng: np.random.Generator
) -> tuple[pa.Table, dict[int, tuple[int, np.datetime64]]]:
    month = today.astype("datetime64[M]")
    found = []
    for back in range(1, MONTHS + 1):
        first = (month - back).astype("datetime64[D]")
        last = (month - back + 1).astype("datetime64[D]")
        live = np.flatnonzero((lines.started < last) & (np.isnat(lines.ended) | (lines.ended >= first)))
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
                "number": pa.array(lines.number).take(pa.array(line)),
                "month_on": of_month,
                "charge_yen": charge,
                "unpaid_yen": np.where(unpaid, charge, 0),
                "method": METHODS[lines.customer[line] % 3],
                "issued_on": issued,
                "due_on": due,
                "settled_on": settled.astype("datetime64[D]"),
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
                "memo": pa.nulls(count, pa.string()),
            }
        ),
        "payment_no",
    )


def _accounts(people: Customers, lines: Lines, rng: np.random.Generator) -> pa.Table:
    from sekisho.demo.crm import closed_on

    closed = closed_on(people, lines)
    chosen = np.flatnonzero((np.arange(len(people)) % 3 == 0) | (np.arange(len(people)) >= len(people) - 4))
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
                "settled_on": pa.nulls(len(chosen), pa.date32()),
                "assigned_to": pa.nulls(len(chosen), pa.string()),
            }
        ),
        "arrear_no",
    )
