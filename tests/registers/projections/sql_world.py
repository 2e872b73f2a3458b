"""Sixty subscribers in four stores under policies/arlink: one objects, one is restricted, a number was handed on."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa

from sekisho.connectors.documents import read_folder
from sekisho.demo import stores
from sekisho.registers.consents.actions import NewConsent, import_events
from sekisho.registers.consents.rules import ConsentKind
from sekisho.registers.datamap import actions as datamap
from sekisho.registers.identities.actions import NewPerson, import_population
from sekisho.registers.identities.rules import IdentifierInterval
from sekisho.registers.people.actions import NewStaff, enrol
from sekisho.registers.policies.actions import adopt

POLICIES = Path(__file__).resolve().parents[3] / "policies"
DATAMAP = Path(__file__).with_name("sql_datamap.yaml")
AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
JOINED = date(2025, 4, 1)
HANDED_ON = datetime(2026, 10, 1, tzinfo=UTC)
PEOPLE = 60
OBJECTS, RESTRICTED, NEVER_ACCEPTED = 5, 6, 7
OLD_HOLDER, NEW_HOLDER = 8, 9
SHARED = "09009990000"
STRANGER = "09000000000"


@dataclass
class Hidden:
    """Values that a test may change: what no purpose under test may see."""

    names: dict[int, str] = field(default_factory=dict)
    phones: dict[int, str] = field(default_factory=dict)
    memos: dict[int, str] = field(default_factory=dict)


def ref(number: int) -> str:
    return f"p-{number:02d}"


def customer(number: int) -> str:
    return f"C{number:06d}"


def line(number: int) -> str:
    return f"0900001{number:04d}"


def write_stores(home: Path, hidden: Hidden | None = None, postgres_url: str | None = None) -> None:
    hidden = hidden or Hidden()
    systems = home / "systems"
    systems.mkdir(parents=True)
    subscribers = stores.keyed(
        pa.table(
            {
                "customer_no": [customer(n) for n in range(PEOPLE)],
                "name": [hidden.names.get(n, f"山田 {n}") for n in range(PEOPLE)],
                "birth_date": [date(1950 + n % 4 * 10, 1 + n % 12, 1) for n in range(PEOPLE)],
                "sex": ["female" if n % 2 else "male" for n in range(PEOPLE)],
                "postal_code": [f"{100 + n % 3}-0001" for n in range(PEOPLE)],
                "phone": [hidden.phones.get(n, line(n)) for n in range(PEOPLE)],
                "memo": [hidden.memos.get(n, "") for n in range(PEOPLE)],
                "registered_on": [JOINED] * PEOPLE,
                "closed_on": pa.array([None] * PEOPLE, pa.date32()),
            }
        ),
        "customer_no",
    )
    if postgres_url:
        stores.write_postgresql(postgres_url, {"subscribers": subscribers})
    else:
        stores.write_sqlite(systems / "crm.sqlite3", {"subscribers": subscribers})
    invoices = pa.table(
        {
            "invoice_no": [f"I{n:05d}-{m}" for n in range(PEOPLE) for m in range(1, 4)],
            "customer_no": [customer(n) for n in range(PEOPLE) for _ in range(3)],
            "charge_yen": [1000 + n * 10 + m for n in range(PEOPLE) for m in range(3)],
            "method": ["card" if n % 3 else "bank" for n in range(PEOPLE) for _ in range(3)],
            "issued_on": [date(2026, 8 + m, 1) for _ in range(PEOPLE) for m in range(3)],
            "due_on": [date(2026, 8 + m, 28) for _ in range(PEOPLE) for m in range(3)],
            "closed_on": pa.array([None] * PEOPLE * 3, pa.date32()),
            "settled_on": [date(2026, 8 + m, 27) for _ in range(PEOPLE) for m in range(3)],
        }
    )
    stores.write_duckdb(systems / "billing.duckdb", {"invoices": invoices})
    begun = [datetime(2026, 9, 1, tzinfo=UTC) + timedelta(hours=13 * n) for n in range(120)]
    caller = [line(n % PEOPLE) for n in range(118)] + [SHARED, SHARED]
    begun[118], begun[119] = HANDED_ON - timedelta(days=1), HANDED_ON + timedelta(days=1)
    calls = pa.table(
        {
            "call_id": pa.array(range(120), pa.int64()),
            "caller": caller,
            "callee": [STRANGER if n % 4 else line((n + 1) % PEOPLE) for n in range(120)],
            "started_at": pa.array(begun, pa.timestamp("us", tz="UTC")),
            "seconds": pa.array(range(120), pa.int64()),
            "charged_yen": pa.array([10 * n for n in range(120)], pa.int64()),
            "day": [at.date() for at in begun],
        }
    )
    stores.write_delta(systems / "cdr", {"calls": calls}, partition="day")
    tickets = pa.table(
        {
            "ticket_no": [f"T{n:04d}" for n in range(PEOPLE)],
            "customer_no": [customer(n) for n in range(PEOPLE)],
            "received_at": pa.array([AT - timedelta(days=n) for n in range(PEOPLE)], pa.timestamp("us", tz="UTC")),
            "kind": ["料金" if n % 2 else "故障" for n in range(PEOPLE)],
            "body": [f"{hidden.names.get(n, '山田')} です" for n in range(PEOPLE)],
        }
    )
    stores.write_jsonl(systems / "support", {"tickets": tickets}, month_of="received_at")


def fill_registers() -> None:
    files = dict(read_folder(POLICIES / "arlink"))
    files["datamap.yaml"] = DATAMAP.read_text(encoding="utf-8")
    era = adopt(files=files, at=AT, acting_user="test")
    datamap.adopt(files=files, at=AT, acting_user="test")
    import_population(people=[_person(n) for n in range(PEOPLE)], at=AT, acting_user="test")
    import_events(consents=list(_consents(era)), at=AT, acting_user="test")
    enrol(
        staff=[_staff("s-analyst", "analyst", era), _staff("s-biller", "clerk", era), _staff("s-late", "analyst", "")],
        at=AT,
        acting_user="test",
    )


def _person(number: int) -> NewPerson:
    since = datetime(2025, 4, 1, tzinfo=UTC)
    held = [
        IdentifierInterval(person=ref(number), kind="customer_no", value=customer(number), since=since),
        IdentifierInterval(person=ref(number), kind="number", value=line(number), since=since),
    ]
    if number == OLD_HOLDER:
        held.append(IdentifierInterval(person=ref(number), kind="number", value=SHARED, since=since, until=HANDED_ON))
    if number == NEW_HOLDER:
        held.append(IdentifierInterval(person=ref(number), kind="number", value=SHARED, since=HANDED_ON))
    return NewPerson(
        ref=ref(number),
        kinds=("customer",),
        acquired_on=JOINED,
        born_on=date(1980, 1, 1),
        identifiers=tuple(held),
    )


def _consents(era: str) -> Iterator[NewConsent]:
    for number in range(PEOPLE):
        if number != NEVER_ACCEPTED:
            yield consent(number, ConsentKind.ACCEPTED_PURPOSE, "*", era)
    yield consent(OBJECTS, ConsentKind.OBJECTION, "analysis", era)
    yield consent(RESTRICTED, ConsentKind.RESTRICTED, "*", era)


def consent(number: int, kind: ConsentKind, scope: str, era: str = "arlink@1.0", *, given: bool = True) -> NewConsent:
    return NewConsent(
        person=ref(number),
        kind=kind,
        scope=scope,
        given=given,
        notice_era=era,
        channel="web",
        at=AT - timedelta(days=1),
    )


def _staff(name: str, role: str, era: str) -> NewStaff:
    return NewStaff(
        ref=name,
        display_name=name,
        role=role,
        employment="employee",
        joined_on=date(2024, 4, 1),
        trained_on=date(2026, 6, 1),
        pledged_on=date(2024, 4, 1),
        acknowledged_era=era,
    )
