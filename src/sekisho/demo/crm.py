"""The CRM: customers, contracts, who held which number, papers, guardians, users, other recipients of bills, contacts."""

from typing import Any

import numpy as np
import pyarrow as pa

from sekisho.demo import words
from sekisho.demo.lines import Lines
from sekisho.demo.people import NEVER, Customers, Days, addresses, companies, persons, reference
from sekisho.demo.stores import keyed

BILL_RECIPIENTS_SHARE = 0.03
CONTACTS = 200
IMAGE_KEPT, PLAN_KEPT = np.timedelta64(85, "D"), np.timedelta64(365, "D")  # what the carrier does in time


def tables(
    people: Customers,
    lines: Lines,
    recipients: list[dict[str, Any]],
    contacts: list[dict[str, Any]],
    today: np.datetime64,
    rng: np.random.Generator,
) -> dict[str, pa.Table]:
    """All tables of the CRM."""
    closed = closed_on(people, lines)
    voice = np.flatnonzero((lines.plan != words.DATA_PLAN) & ~people.corporate[lines.customer])
    return {
        "subscribers": _subscribers(people, lines, closed),
        "name_events": _name_events(people, lines, closed),
        "contracts": _contracts(people, lines, today),
        "number_assignments": _assignments(people, lines),
        "line_users": _line_users(people, lines),
        "guardians": _guardians(people, closed),
        "bill_recipients": _bill_recipients(recipients),
        "identity_records": _identity_records(people, lines, voice, rng),
        "identity_images": _identity_images(people, lines, voice, today, rng),
        "desk_identity_images": _desk_images(people, today, rng),
        "business_contacts": keyed(
            pa.table({key: [row[key] for row in contacts] for key in contacts[0] if key != "ref"}), "contact_no"
        ),
    }


def closed_on(people: Customers, lines: Lines) -> Days:
    """The day each customer's last contract ended; NaT while one lives."""
    last = np.full(len(people), np.datetime64("1900-01-01", "D"))
    ended = ~np.isnat(lines.ended)
    np.maximum.at(last, lines.customer[ended], lines.ended[ended])
    last[lines.customer[~ended]] = NEVER
    last[last == np.datetime64("1900-01-01", "D")] = NEVER
    return last


def bill_recipients(
    people: Customers, closed: Days, seed: int, phones: list[str], rng: np.random.Generator
) -> list[dict[str, Any]]:
    """People other than the customer to whom the bill goes."""
    chosen = np.flatnonzero(rng.random(len(people) - 4) < BILL_RECIPIENTS_SHARE)
    if not len(chosen):
        chosen = np.array([0])
    name, kana, _ = persons(len(chosen), rng)
    postal, address = addresses(len(chosen), rng)
    rows = []
    for i, place in enumerate(chosen.tolist()):
        no = f"R{100_000 + i:07d}"
        rows.append(
            {
                "recipient_no": no,
                "ref": reference(seed, no),
                "customer_no": people.no[place],
                "name": name[i],
                "name_kana": kana[i],
                "postal_code": postal[i],
                "address": address[i],
                "phone": phones[i % len(phones)],
                "since_on": people.registered[place].item(),
                "ended_on": closed[place].item(),
            }
        )
    return rows


def business_contacts(
    today: np.datetime64, seed: int, phones: list[str], rng: np.random.Generator
) -> list[dict[str, Any]]:
    """People at other companies whose cards the carrier holds."""
    name, kana, _ = persons(CONTACTS, rng)
    company = companies(CONTACTS, rng)
    days = rng.integers(5, 900, CONTACTS)
    titles = ("部長", "課長", "主任", "代表取締役", "担当")
    return [
        {
            "contact_no": f"B{1000 + i}",
            "ref": reference(seed, f"B{1000 + i}"),
            "name": name[i],
            "name_kana": kana[i],
            "employer": company[i],
            "department": "営業部" if i % 2 else "購買部",
            "title": titles[i % len(titles)],
            "phone": phones[(i * 7) % len(phones)],
            "mail": f"b{1000 + i}@partner.example",
            "met_on": (today - np.timedelta64(int(days[i]), "D")).item(),
            "last_contact_on": (today - np.timedelta64(int(days[i]) // 3, "D")).item(),
        }
        for i in range(CONTACTS)
    ]


def _bill_recipients(recipients: list[dict[str, Any]]) -> pa.Table:
    columns = {key: pa.array([row[key] for row in recipients]) for key in recipients[0] if key != "ref"}
    return keyed(pa.table(columns | {"ended_on": columns["ended_on"].cast(pa.date32())}), "recipient_no")


def _subscribers(people: Customers, lines: Lines, closed: Days) -> pa.Table:
    first: list[str | None] = [None] * len(people)
    for customer, number, user in zip(lines.customer.tolist(), lines.number, lines.user.tolist(), strict=True):
        if user < 0 and first[customer] is None:
            first[customer] = number
    return keyed(
        pa.table(
            {
                "customer_no": people.no,
                "party": pa.array(np.where(people.corporate, "corporate", "person").astype(object)),
                "name": people.name,
                "name_kana": people.kana,
                "birth_date": people.born,
                "sex": people.sex,
                "postal_code": people.postal,
                "address": people.address,
                "phone": pa.array(first, pa.string()),
                "mail": people.mail,
                "registered_on": people.registered,
                "closed_on": closed,
                "deceased_on": people.deceased,
                "is_protected": people.protected,
                "shop_code": pa.array(people.shop, pa.string()),
                "memo": pa.nulls(len(people), pa.string()),
            }
        ),
        "customer_no",
    )


def _name_events(people: Customers, lines: Lines, closed: Days) -> pa.Table:
    rows: list[dict[str, Any]] = [
        {
            "kind": "renamed",
            "customer_no": people.no[place],
            "to_customer_no": None,
            "old_name": people.old_name[place],
            "new_name": people.name[place],
            "number": None,
            "happened_on": people.renamed[place].item(),
            "ended_on": closed[place].item(),
        }
        for place in np.flatnonzero(~np.isnat(people.renamed)).tolist()
    ]
    receivers = {
        number: int(customer)
        for number, customer, how in zip(lines.number, lines.customer, lines.how_in, strict=True)
        if how in {"transferred", "succeeded"}
    }
    for line in np.flatnonzero(np.isin(lines.how_out.astype(str), ["transferred", "succeeded"])).tolist():
        giver, number = int(lines.customer[line]), lines.number[line]
        taker = receivers.get(number)
        rows.append(
            {
                "kind": str(lines.how_out[line]),
                "customer_no": people.no[giver],
                "to_customer_no": None if taker is None else people.no[taker],
                "old_name": people.name[giver],
                "new_name": None if taker is None else people.name[taker],
                "number": number,
                "happened_on": lines.ended[line].item(),
                "ended_on": closed[giver].item(),
            }
        )
    columns = ("kind", "customer_no", "to_customer_no", "old_name", "new_name", "number", "happened_on", "ended_on")
    types = [pa.string()] * 6 + [pa.date32()] * 2
    return keyed(
        pa.table(
            {"event_no": [f"E{i:07d}" for i in range(len(rows))]}
            | {name: pa.array([row[name] for row in rows], plain) for name, plain in zip(columns, types, strict=True)}
        ),
        "event_no",
    )


def _contracts(people: Customers, lines: Lines, today: np.datetime64) -> pa.Table:
    plan = lines.plan.copy()
    plan[lines.ended < today - PLAN_KEPT] = None  # erased in time
    total = len(lines)
    return keyed(
        pa.table(
            {
                "contract_no": lines.contract_no,
                "customer_no": pa.array(people.no).take(pa.array(lines.customer)),
                "number": lines.number,
                "plan": pa.array(plan, pa.string()),
                "started_on": lines.started,
                "ended_on": lines.ended,
                "shop_code": pa.array(people.shop[lines.customer], pa.string()),
                "callback_tmp": pa.nulls(total, pa.string()),  # planted: the data map does not know this column
            }
        ),
        "contract_no",
    )


def _assignments(people: Customers, lines: Lines) -> pa.Table:
    users = [lines.users[user]["user_no"] if user >= 0 else None for user in lines.user.tolist()]
    return keyed(
        pa.table(
            {
                "assignment_no": [f"N{i:08d}" for i in range(len(lines))],
                "number": lines.number,
                "customer_no": pa.array(people.no).take(pa.array(lines.customer)),
                "user_no": pa.array(users, pa.string()),
                "since_at": pa.array(lines.since).cast(pa.timestamp("us", tz="UTC")),
                "until_at": pa.array(lines.until).cast(pa.timestamp("us", tz="UTC")),
                "ended_on": lines.ended,
                "how_in": lines.how_in,
                "how_out": pa.array(lines.how_out, pa.string()),
            }
        ),
        "assignment_no",
    )


def _line_users(people: Customers, lines: Lines) -> pa.Table:
    at = np.array([user["line"] for user in lines.users], np.int64)
    return keyed(
        pa.table(
            {
                "user_no": pa.array([user["user_no"] for user in lines.users], pa.string()),
                "customer_no": pa.array(people.no).take(pa.array(lines.customer[at])),
                "number": pa.array([lines.number[i] for i in at], pa.string()),
                "name": pa.array([user["name"] for user in lines.users], pa.string()),
                "name_kana": pa.array([user["kana"] for user in lines.users], pa.string()),
                "birth_date": pa.array([user["born"].item() for user in lines.users], pa.date32()),
                "relation": pa.array([user["relation"] for user in lines.users], pa.string()),
                "since_on": lines.started[at],
                "ended_on": lines.ended[at],
            }
        ),
        "user_no",
    )


def _guardians(people: Customers, closed: Days) -> pa.Table:
    minors = np.flatnonzero(people.guardian >= 0)
    guardian = people.guardian[minors]
    numbers = pa.array(people.no)
    return keyed(
        pa.table(
            {
                "customer_no": numbers.take(pa.array(minors)),
                "guardian_customer_no": numbers.take(pa.array(guardian)),
                "guardian_name": pa.array(people.name[guardian], pa.string()),
                "relation": pa.array(["parent"] * len(minors), pa.string()),
                "consented_on": people.registered[minors],
                "ended_on": closed[minors],
            }
        ),
        "customer_no",
    )


def _identity_records(people: Customers, lines: Lines, voice: Any, rng: np.random.Generator) -> pa.Table:
    count = len(voice)
    papers, methods = np.array(words.PAPERS, object), np.array(words.METHODS, object)
    digits = rng.integers(10**7, 10**8, count)
    return keyed(
        pa.table(
            {
                "record_no": [f"V{i:08d}" for i in range(count)],
                "customer_no": pa.array(people.no).take(pa.array(lines.customer[voice])),
                "contract_no": pa.array(lines.contract_no).take(pa.array(voice)),
                "method": methods[rng.integers(len(methods), size=count)],
                "verified_on": lines.started[voice],
                "document_kind": papers[rng.integers(len(papers), size=count)],
                "document_no": [f"00{value}" for value in digits.tolist()],
                "verified_by": pa.array(people.shop[lines.customer[voice]], pa.string()),
                "ended_on": lines.ended[voice],
            }
        ),
        "record_no",
    )


def _identity_images(
    people: Customers, lines: Lines, chosen: Any, today: np.datetime64, rng: np.random.Generator
) -> pa.Table:
    chosen = chosen[lines.started[chosen] > today - IMAGE_KEPT]
    count = len(chosen)
    return keyed(
        pa.table(
            {
                "image_no": [f"G{i:08d}" for i in range(count)],
                "customer_no": pa.array(people.no).take(pa.array(lines.customer[chosen])),
                "contract_no": pa.array(lines.contract_no).take(pa.array(chosen)),
                "taken_on": lines.started[chosen],
                "verified_on": lines.started[chosen],
                "ended_on": lines.ended[chosen],
                "image": pa.array([rng.bytes(48) for _ in range(count)], pa.binary()),
            }
        ),
        "image_no",
    )


def _desk_images(people: Customers, today: np.datetime64, rng: np.random.Generator) -> pa.Table:
    count = 12
    received = today - rng.integers(1, 20, count).astype("timedelta64[D]")
    return keyed(
        pa.table(
            {
                "image_no": [f"D{i:06d}" for i in range(count)],
                "customer_no": [people.no[int(i)] for i in rng.integers(len(people) - 4, size=count)],
                "request_no": [f"REQ-{i:05d}" for i in range(count)],
                "received_on": received,
                "verified_on": received,
                "image": pa.array([rng.bytes(48) for _ in range(count)], pa.binary()),
            }
        ),
        "image_no",
    )
