"""Forty subscribers under policies/arlink: some died, are protected, have no address, object, are restricted."""

from collections.abc import Iterator
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
DATAMAP = Path(__file__).with_name("list_datamap.yaml")
AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
ERA = "arlink@1.0"
PEOPLE = 40
NEVER_ACCEPTED, RESTRICTED, OBJECTS, DECEASED, PROTECTED, NO_ADDRESS, LEFT = range(1, 8)
MOVED_ON, FOLLOWS, MOVES_LATER = (
    20,
    21,
    22,
)  # whose line another has since, who has it, who gives theirs up in two hours
ANALYST, OFFICER, DEPUTY, GONE = "s-analyst", "s-officer", "s-deputy", "s-gone"


def ref(number: int) -> str:
    return f"p-{number:02d}"


def customer(number: int) -> str:
    return f"C{number:06d}"


def address(number: int) -> str | None:
    return None if number == NO_ADDRESS else f"架空県見本市{number}"


def phone(number: int) -> str:
    return f"090-0000-{number:04d}"


def write_stores(home: Path) -> None:
    (home / "systems").mkdir(parents=True)
    subscribers = pa.table(
        {
            "customer_no": [customer(n) for n in range(PEOPLE)],
            "name": [f"見本 {n}" for n in range(PEOPLE)],
            "address": [address(n) for n in range(PEOPLE)],
            "postal_code": [f"{100 + n}-0001" for n in range(PEOPLE)],
            "mail": [f"m{n}@example.invalid" for n in range(PEOPLE)],
            "phone": [phone(n) for n in range(PEOPLE)],
            "birth_date": [date(1980, 1, 1 + n % 28) for n in range(PEOPLE)],
            "registered_on": [date(2025, 4, 1)] * PEOPLE,
            "closed_on": pa.array([None] * PEOPLE, pa.date32()),
        }
    )
    guardians = pa.table(
        {
            "customer_no": [customer(n) for n in range(PEOPLE)],
            "guardian_no": [customer((n + 1) % PEOPLE) for n in range(PEOPLE)],
            "guardian_name": ["ほかの人"] * PEOPLE,
            "guardian_address": ["ほかの人の住所"] * PEOPLE,
            "consented_on": [date(2025, 4, 1)] * PEOPLE,
            "ended_on": pa.array([None] * PEOPLE, pa.date32()),
        }
    )
    tables = {
        "guardians": stores.keyed(guardians, "customer_no"),
        "subscribers": stores.keyed(subscribers, "customer_no"),
    }
    stores.write_sqlite(home / "systems" / "crm.sqlite3", tables)


def fill_registers() -> None:
    files = dict(read_folder(POLICIES / "arlink"))
    files["datamap.yaml"] = DATAMAP.read_text(encoding="utf-8")
    adopt(files=files, at=AT, acting_user="test")
    datamap.adopt(files=files, at=AT, acting_user="test")
    import_population(people=[_person(n) for n in range(PEOPLE)], at=AT, acting_user="test")
    import_events(consents=list(_consents()), at=AT, acting_user="test")
    enrol(
        staff=[
            _staff(ANALYST, "analyst"),
            _staff(OFFICER, "privacy_officer"),
            _staff(DEPUTY, "deputy_officer"),
            _staff(GONE, "privacy_officer", left=date(2026, 1, 31)),
        ],
        at=AT,
        acting_user="test",
    )


def consent(number: int, kind: ConsentKind, scope: str, *, given: bool = True) -> NewConsent:
    told = AT - timedelta(days=1)
    return NewConsent(person=ref(number), kind=kind, scope=scope, given=given, notice_era=ERA, channel="web", at=told)


def _lines(number: int) -> Iterator[IdentifierInterval]:
    held = {
        MOVED_ON: (MOVED_ON, None, AT - timedelta(days=30)),
        FOLLOWS: (MOVED_ON, AT - timedelta(days=9), None),
        MOVES_LATER: (MOVES_LATER, None, AT + timedelta(hours=2)),
    }
    if number in held:
        line, since, until = held[number]
        value = phone(line).replace("-", "")
        yield IdentifierInterval(person=ref(number), kind="number", value=value, since=since, until=until)


def _person(number: int) -> NewPerson:
    since = datetime(2025, 4, 1, tzinfo=UTC)
    until = AT if number == LEFT else None  # whoever leaves at an instant holds nothing from it on
    return NewPerson(
        ref=ref(number),
        kinds=("customer",),
        acquired_on=date(2025, 4, 1),
        born_on=date(1980, 1, 1),
        deceased_on=date(2026, 5, 1) if number == DECEASED else None,
        is_protected=number == PROTECTED,
        identifiers=(
            IdentifierInterval(
                person=ref(number), kind="customer_no", value=customer(number), since=since, until=until
            ),
            *_lines(number),
        ),
    )


def _consents() -> Iterator[NewConsent]:
    for number in range(PEOPLE):
        if number != NEVER_ACCEPTED:
            yield consent(number, ConsentKind.ACCEPTED_PURPOSE, "*")
        yield consent(number, ConsentKind.CHANNEL, "mail")
    yield consent(OBJECTS, ConsentKind.OBJECTION, "campaign")
    yield consent(RESTRICTED, ConsentKind.RESTRICTED, "*")


def _staff(name: str, role: str, left: date | None = None) -> NewStaff:
    return NewStaff(
        ref=name,
        display_name=name,
        role=role,
        employment="employee",
        joined_on=date(2024, 4, 1),
        left_on=left,
        trained_on=date(2026, 6, 1),
        pledged_on=date(2024, 4, 1),
        acknowledged_era=ERA,
    )
