"""Made worlds of rows, rules and holds over one real store, for the properties of keeping and erasing."""

import random
import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
ON = date(2026, 11, 23)
PEOPLE = 9
KEEPS = ("P10D", "P60D", "P6M", "P1Y", "P2Y", "P3Y", "P5Y")
FLOORED = {"P6M": "P3Y", "P10D": "P5Y", "P60D": "P3Y", "P1Y": "P3Y", "P2Y": "P5Y"}
DATAMAP = """
sekisho_datamap: 1
map: {id: made}
systems:
  store:
    label: 試験
    kind: sqlite
    url: sqlite:///{home}/systems/store.sqlite3
    tables:
      customers:
        label: 契約者
        subject: customer
        key: [customer_no]
        acquired: since_on
        triggers: {contract_end: ended_on}
        owners: [{by: customer_no, column: customer_no, role: contractor}]
        columns:
          customer_no: &no {item: none, reason: 社内の番号}
          name: identity.name
          plan: usage.plan
          method: identity_record.method
          since_on: &day {item: none, type: date, reason: 日付}
          ended_on: *day
      bills:
        label: 請求
        subject: customer
        key: [bill_no]
        acquired: made_on
        triggers: {due_on: due_on, closed: closed_on}
        settled: settled_on
        owners: [{by: customer_no, column: customer_no, role: contractor}]
        columns:
          bill_no: *no
          customer_no: *no
          charge: {item: bill.charge, type: integer}
          made_on: *day
          due_on: {item: bill.due_on, type: date}
          closed_on: *day
          settled_on: {item: bill.paid_on, type: date}
      entries:
        label: キャンペーンの応募
        subject: customer
        key: [campaign, entry_no]
        acquired: entered_on
        triggers: {shipped: shipped_on}
        owners: [{by: customer_no, column: customer_no, role: contractor}]
        columns:
          campaign: *no
          entry_no: *no
          customer_no: *no
          address: campaign_entry.address
          answer: {item: campaign_entry.answer, free_text: true}
          entered_on: *day
          shipped_on: *day
      tickets:
        label: 問い合わせ
        subject: customer
        key: [ticket_no]
        acquired: received_on
        triggers: {received: received_on}
        owners:
          - {by: customer_no, column: customer_no, role: contractor}
          - {by: number, column: number, role: inquirer, at: received_on}
        columns:
          ticket_no: *no
          customer_no: *no
          number: inquiry
          body: {item: inquiry.content, free_text: true}
          received_on: {item: inquiry.received_on, type: date}
"""
TABLES = {
    "customers": ("customer_no", "name", "plan", "method", "since_on", "ended_on"),
    "bills": ("bill_no", "customer_no", "charge", "made_on", "due_on", "closed_on", "settled_on"),
    "entries": ("campaign", "entry_no", "customer_no", "address", "answer", "entered_on", "shipped_on"),
    "tickets": ("ticket_no", "customer_no", "number", "body", "received_on"),
}
KEYS = {
    "customers": ("customer_no",),
    "bills": ("bill_no",),
    "entries": ("campaign", "entry_no"),
    "tickets": ("ticket_no",),
}
CLASSES = ("identity", "usage", "bill", "campaign_entry", "inquiry", "identity_record")


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What was made of one seed."""

    home: Path
    rows: Mapping[tuple[str, tuple[str, ...]], Mapping[str, Any]]
    holds: tuple[Mapping[str, Any], ...]

    def left(self) -> dict[tuple[str, tuple[str, ...]], dict[str, Any]]:
        """Every row, read without our connectors."""
        return read(self.home)


def customer_no(index: int) -> str:
    return f"C{index:05d}"


def number_of(index: int) -> str:
    return f"0900100{index:04d}"


def make(home: Path, seed: int) -> World:
    """Stores, registers and holds of one seed; `home` is the carrier's."""
    dice = random.Random(seed)
    write_store(home, dice)
    fill(dice)
    return World(home=home, rows=read(home), holds=tuple(place_holds(dice)))


def write_store(home: Path, dice: random.Random) -> None:
    (home / "systems").mkdir(parents=True)
    store = sqlite3.connect(home / "systems" / "store.sqlite3")
    for name, columns in TABLES.items():
        types = ", ".join(f"{column} {'INTEGER' if column == 'charge' else 'TEXT'}" for column in columns)
        store.execute(f"CREATE TABLE {name} ({types}, PRIMARY KEY ({', '.join(KEYS[name])}))")

    def day(*, may_miss: bool = True) -> str | None:
        if may_miss and dice.random() < 0.25:
            return None
        near = dice.choice((10, 60, 182, 365, 730, 1095, 1826)) + dice.randint(-3, 3)
        return (ON - timedelta(days=near if dice.random() < 0.5 else dice.randint(0, 3000))).isoformat()

    def who() -> str | None:
        return None if dice.random() < 0.08 else customer_no(dice.randrange(PEOPLE))

    for index in range(PEOPLE):
        row = (customer_no(index), f"試験{index}", "基本", "IC", "2019-01-01", day())
        store.execute("INSERT INTO customers VALUES (?, ?, ?, ?, ?, ?)", row)
    for index in range(14):
        settled = day() if dice.random() < 0.7 else None
        row = (f"B{index:03d}", who(), 3000, "2019-01-01", day(), day(), settled)  # type: ignore[assignment]
        store.execute("INSERT INTO bills VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        entry = (f"K{index % 3}", f"E{index % 5:02d}-{index}", who(), "池袋2-47-3", "はい", "2025-01-01", day())
        store.execute("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)", entry)
        caller = number_of(dice.randrange(PEOPLE)) if dice.random() < 0.5 else None
        ticket = (f"T{index:03d}", who(), caller, "問い合わせ", day(may_miss=False))
        store.execute("INSERT INTO tickets VALUES (?, ?, ?, ?, ?)", ticket)
    store.commit()
    store.close()


def read(home: Path) -> dict[tuple[str, tuple[str, ...]], dict[str, Any]]:
    store = sqlite3.connect(home / "systems" / "store.sqlite3")
    store.row_factory = sqlite3.Row
    found = {
        (name, tuple(row[column] for column in KEYS[name])): dict(row)
        for name in TABLES
        for row in store.execute(f"SELECT * FROM {name}")
    }
    store.close()
    return found


def documents(dice: random.Random) -> dict[str, str]:
    """The shipped policy with other periods: a map that could not be held to them is refused."""
    folder = ROOT / "policies" / "arlink"
    files = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir() if path.is_file()}

    def other(found: re.Match[str]) -> str:
        keep = dice.choice(KEEPS)
        if "floor:" in found.group(0):
            keep = found.group(2) if "tax" in found.group(0) else FLOORED.get(keep, keep)
        return f"{found.group(1)}keep: {keep}{found.group(3)}"

    rule = re.compile(r"^(  - \{items: .*?)keep: (P\w+)(.*)$", re.MULTILINE)
    files["policy.yaml"] = rule.sub(other, files["policy.yaml"])
    return files | {"datamap.yaml": DATAMAP}


def fill(dice: random.Random) -> None:
    from sekisho.registers.datamap import actions as datamap
    from sekisho.registers.identities.actions import NewPerson, import_population
    from sekisho.registers.identities.rules import IdentifierInterval, NameInterval
    from sekisho.registers.people.actions import NewStaff, enrol
    from sekisho.registers.policies.actions import adopt

    files = documents(dice)
    adopt(files=files, at=AT, acting_user="test", may_correct=True)
    datamap.adopt(files=files, at=AT, acting_user="test")
    roles = {"hino": "authorities_desk", "abe": "auditor"}
    enrol(
        staff=[
            NewStaff(
                ref=ref, display_name=ref, role=role, employment="employee", joined_on=date(2020, 1, 1), left_on=None
            )
            for ref, role in roles.items()
        ],
        at=AT,
        acting_user="test",
    )
    since = datetime(2015, 1, 1, tzinfo=UTC)
    people = [
        NewPerson(
            ref=f"P-{index}",
            kinds=("customer",),
            acquired_on=date(2019, 1, 1),
            identifiers=(
                IdentifierInterval(
                    person=f"P-{index}", kind="customer_no", value=customer_no(index), since=None, until=None
                ),
                IdentifierInterval(person=f"P-{index}", kind="number", value=number_of(index), since=since, until=None),
            ),
            names=(NameInterval(name=f"試験{index}", kana=f"シケン{index}"),),
        )
        for index in range(PEOPLE)
    ]
    import_population(people=people, at=AT, acting_user="test")


def place_holds(dice: random.Random) -> list[Mapping[str, Any]]:
    from sekisho.registers.retention import actions

    placed: list[Mapping[str, Any]] = []
    for index in range(dice.randint(0, 5)):
        is_confidential = dice.random() < 0.4
        hold: dict[str, Any] = {"is_confidential": is_confidential, "source": f"紙 {index}", "placed_on": ON}
        if is_confidential:
            hold["kind"] = "authority_order"
        else:
            hold["kind"] = dice.choice(("legal_claim", "legal_duty", "erasure_ban"))
        if hold["kind"] in {"authority_order", "erasure_ban"} or dice.random() < 0.7:
            hold["person"] = f"P-{dice.randrange(PEOPLE)}"
        else:
            hold |= {"system": "store", "table": dice.choice(tuple(TABLES))}
        if dice.random() < 0.5:
            hold["items"] = (dice.choice(CLASSES),)
        actions.place_hold(**hold, at=AT, acting_user="hino", approved_by="abe")
        placed.append(hold)
    return placed
