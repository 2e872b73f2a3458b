"""The five stores of the small carrier of fixtures/erasure_world.py: their map, their rows, and how they are read back."""

import json
import sqlite3
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

HANA, KEN, NEXT, HOMONYM = "P-hana", "P-ken", "P-next", "P-homonym"
NUMBER, AGAIN, KENS = "09001234567", "08002345678", "07003456789"
NAME, KANA, MAIL = "𠮷田 花乃", "ヨシダ ハナノ", "hanano@example.jp"
SHARED_NAME = "佐藤 健"
PEOPLE = 24

DATAMAP = """
sekisho_datamap: 1
map: {id: world}
systems:
  crm:
    label: 顧客
    kind: sqlite
    url: sqlite:///{home}/systems/crm.sqlite3
    erase_order: 40
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
          kana: identity.kana
          phone: identity.phone
          mail: identity.mail
          since_on: &day {item: none, type: date, reason: 日付}
          ended_on: *day
      identity_records:
        label: 本人確認記録
        subject: customer
        key: [record_no]
        acquired: since_on
        triggers: {contract_end: ended_on}
        owners: [{by: customer_no, column: customer_no, role: contractor}]
        columns:
          record_no: *no
          customer_no: *no
          method: identity_record.method
          document_no: identity_record.document_no
          since_on: *day
          ended_on: *day
  hr:
    label: 人事
    kind: sqlite
    url: sqlite:///{home}/systems/hr.sqlite3
    erase_order: 30
    tables:
      applicants:
        label: 応募者
        subject: job_applicant
        key: [applicant_no]
        acquired: applied_on
        triggers: {decided: decided_on}
        owners: [{by: applicant_no, column: applicant_no, role: applicant}]
        columns:
          applicant_no: *no
          name: hr.name
          phone: hr.phone
          applied_on: *day
          decided_on: *day
  billing:
    label: 料金
    kind: duckdb
    url: duckdb:///{home}/systems/billing.duckdb
    erase_order: 20
    tables:
      invoices:
        label: 請求
        subject: customer
        key: [invoice_no]
        acquired: issued_on
        triggers: {due_on: due_on, closed: closed_on}
        settled: settled_on
        owners: [{by: customer_no, column: customer_no, role: contractor}]
        columns:
          invoice_no: *no
          customer_no: *no
          number: bill
          charge_yen: {item: bill.charge, type: integer}
          issued_on: *day
          due_on: {item: bill.due_on, type: date}
          settled_on: {item: bill.paid_on, type: date}
          closed_on: *day
  cdr:
    label: 通話
    kind: delta
    url: delta:///{home}/systems/cdr
    erase_order: 10
    tables:
      calls:
        label: 通話
        subject: customer
        key: [call_id]
        acquired: started_at
        triggers: {started_at: started_at}
        partition: day
        owners:
          - {by: number, column: caller, role: caller, at: started_at, blanks: [caller, cell]}
          - {by: number, column: callee, role: callee, at: started_at, blanks: [callee]}
        columns:
          call_id: {item: none, type: integer, reason: 記録の番号}
          caller: traffic.caller
          callee: traffic.callee
          started_at: {item: traffic.started_at, type: timestamp}
          cell: traffic.cell
          day: {item: none, type: date, reason: 区切り}
  support:
    label: 問い合わせ
    kind: jsonl
    url: jsonl:///{home}/systems/support
    erase_order: 15
    tables:
      tickets:
        label: 問い合わせ
        subject: customer
        key: [ticket_no]
        acquired: received_at
        triggers: {received: received_at}
        owners:
          - {by: customer_no, column: customer_no, role: contractor}
          - {by: number, column: number, role: inquirer, at: received_at}
        columns:
          ticket_no: *no
          received_at: {item: inquiry.received_on, type: timestamp}
          customer_no: *no
          number: inquiry
          body: {item: inquiry.content, free_text: true}
"""


def customer_no(index: int) -> str:
    return f"C{index:07d}"


def number_of(index: int) -> str:
    return {0: NUMBER, 1: KENS, 2: AGAIN}.get(index, f"0900700{index:04d}")


def refs() -> list[str]:
    return [HANA, KEN, NEXT, HOMONYM, *(f"P-{index:02d}" for index in range(4, PEOPLE))]


def write_stores(home: Path) -> None:
    """The five systems. Row 0 is Hana's, 1 Ken's (with an identity record), 2 holds Hana's second number next."""
    import pyarrow as pa

    from sekisho.demo import stores

    systems = home / "systems"
    (systems / "cdr").mkdir(parents=True)
    (systems / "support").mkdir()
    names = {0: (NAME, KANA), 1: (SHARED_NAME, "サトウ ケン"), 3: (SHARED_NAME, "サトウ タケシ")}
    ended = {
        0: date(2026, 6, 30),
        1: date(2026, 6, 30),
        9: date(2023, 1, 31),
        10: date(2023, 11, 22),
        11: date(2023, 11, 23),
    }
    customers = [
        {
            "customer_no": customer_no(index),
            "name": names.get(index, (f"試験 {index}太郎", f"シケン {index}タロウ"))[0],
            "kana": names.get(index, (f"試験 {index}太郎", f"シケン {index}タロウ"))[1],
            "phone": number_of(index),
            "mail": MAIL if index == 0 else f"user{index}@example.jp",
            "since_on": date(2020, 1, 1),
            "ended_on": ended.get(index),
        }
        for index in range(PEOPLE)
    ]
    records = [
        {
            "record_no": f"R{index:05d}",
            "customer_no": customer_no(index),
            "method": "IC",
            "document_no": f"D-{index:04d}",
            "since_on": date(2020, 1, 1),
            "ended_on": ended.get(index),
        }
        for index in range(1, PEOPLE)
    ]
    dates = {"since_on": pa.date32(), "ended_on": pa.date32()}
    crm = {
        "customers": stores.keyed(_table(customers, dates), "customer_no"),
        "identity_records": stores.keyed(_table(records, dates), "record_no"),
    }
    stores.write_sqlite(systems / "crm.sqlite3", crm)
    applicants = [
        {
            "applicant_no": f"A{index:05d}",
            "name": NAME if index == 0 else f"応募 {index}郎",
            "phone": NUMBER if index == 0 else f"0700700{index:04d}",
            "applied_on": date(2026, 9, 1) if index < 4 else date(2025, 9, 1),
            "decided_on": date(2026, 10, 1) if index < 4 else date(2025, 10, 1),
        }
        for index in range(6)
    ]
    applied = {"applied_on": pa.date32(), "decided_on": pa.date32()}
    stores.write_sqlite(
        systems / "hr.sqlite3", {"applicants": stores.keyed(_table(applicants, applied), "applicant_no")}
    )
    invoices = [
        {
            "invoice_no": f"I{index:03d}{year}",
            "customer_no": customer_no(index),
            "number": number_of(index),
            "charge_yen": 3000 + index,
            "issued_on": date(year, 3, 1),
            "due_on": date(year, 3, 31),
            "closed_on": date(year, 3, 31),
            "settled_on": None if (index, year) in {(1, 2026), (12, 2018)} else date(year, 4, 1),
        }
        for index in range(PEOPLE)
        for year in (2018, 2024, 2026)
        if not (index == 0 and year == 2018)
    ]
    days = {"issued_on": pa.date32(), "due_on": pa.date32(), "settled_on": pa.date32(), "closed_on": pa.date32()}
    stores.write_duckdb(systems / "billing.duckdb", {"invoices": stores.keyed(_table(invoices, days), "invoice_no")})
    stores.write_delta(systems / "cdr", {"calls": _calls()}, "day")
    received = {"received_at": pa.timestamp("us", tz="UTC")}
    stores.write_jsonl(
        systems / "support", {"tickets": stores.keyed(_table(_tickets(), received), "ticket_no")}, "received_at"
    )


def _calls() -> Any:
    import pyarrow as pa

    rows: list[dict[str, Any]] = []
    starts = [datetime(2026, 4, 1, 1, tzinfo=UTC), *(datetime(2026, 6, day, 1, tzinfo=UTC) for day in (1, 15))]
    starts += [datetime(2026, 10, day, 1, tzinfo=UTC) for day in (1, 15)]
    for start in starts:
        for index in range(PEOPLE):
            caller, callee = number_of(index), number_of((index + 1) % PEOPLE)
            if index == 2 and start < datetime(2026, 9, 1, tzinfo=UTC):
                caller = number_of(3)
            if index == 1 and start < datetime(2026, 9, 1, tzinfo=UTC):
                callee = number_of(5)
            if index == 4 and start < datetime(2026, 7, 1, tzinfo=UTC):
                caller = AGAIN  # Hana's second line, given to somebody else in September
            if index in {0, PEOPLE - 1} and start > datetime(2026, 7, 1, tzinfo=UTC):
                caller = callee = number_of(6)
            at = start + timedelta(minutes=index)
            rows.append(
                {
                    "call_id": len(rows),
                    "caller": caller,
                    "callee": callee,
                    "started_at": at,
                    "cell": f"T-{index:03d}",
                    "day": start.date(),
                }
            )
    types = {"started_at": pa.timestamp("us", tz="UTC"), "day": pa.date32(), "call_id": pa.int64()}
    return _table(rows, types)


def _tickets() -> list[dict[str, Any]]:
    def ticket(no: int, at: datetime, who: str | None, number: str | None, body: str) -> dict[str, Any]:
        return {"ticket_no": f"T{no:04d}", "received_at": at, "customer_no": who, "number": number, "body": body}

    june, october = datetime(2026, 6, 10, tzinfo=UTC), datetime(2026, 10, 10, tzinfo=UTC)
    rows = [
        ticket(1, june, customer_no(0), NUMBER, f"{NAME}です。{NUMBER}の件。"),
        ticket(2, june, customer_no(5), number_of(5), "知人の090-0123-4567から着信。𠮷田花乃さんです。"),
        ticket(
            3, june, customer_no(6), number_of(6), "０９００１２３４５６７ と +81 90 0123 4567 と〇九〇〇一二三四五六七"
        ),
        ticket(4, june, customer_no(7), number_of(7), "080-0234-5678 は当時の持ち主へ"),
        ticket(5, october, customer_no(2), AGAIN, "080-0234-5678 は今わたしの番号です"),
        ticket(6, october, customer_no(8), number_of(8), f"{SHARED_NAME}さんからの紹介"),
        ticket(7, datetime(2024, 1, 10, tzinfo=UTC), customer_no(9), number_of(9), "古い問い合わせ"),
        ticket(8, datetime(2024, 1, 10, tzinfo=UTC), None, None, "誰のものか分からない古い問い合わせ"),
        ticket(9, june, None, NUMBER, "番号だけの問い合わせ"),
    ]
    return rows + [ticket(100 + n, october, customer_no(n), number_of(n), f"料金について {n}") for n in range(10, 20)]


def _table(rows: list[dict[str, Any]], types: Mapping[str, Any]) -> Any:
    import pyarrow as pa

    names = list(rows[0])
    return pa.table({name: pa.array([row[name] for row in rows], types.get(name)) for name in names})


def state(home: Path) -> dict[str, list[str]]:
    """Every row of every store, read without our connectors, as sorted text."""
    import duckdb
    from deltalake import DeltaTable

    systems = home / "systems"
    found: dict[str, list[dict[str, Any]]] = {}
    for name in ("crm", "hr"):
        database = sqlite3.connect(systems / f"{name}.sqlite3")
        database.row_factory = sqlite3.Row
        for (table,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
            found[f"{name}.{table}"] = [dict(row) for row in database.execute(f'SELECT * FROM "{table}"')]
        database.close()
    billing = duckdb.connect(str(systems / "billing.duckdb"))
    found["billing.invoices"] = billing.sql("SELECT * FROM invoices").to_arrow_table().to_pylist()
    billing.close()
    calls = DeltaTable(systems / "cdr" / "calls")
    found["cdr.calls"] = calls.to_pyarrow_table().to_pylist()
    files = sorted((systems / "support" / "tickets").glob("*.jsonl"))
    lines = [line for path in files for line in path.read_text(encoding="utf-8").splitlines()]
    found["support.tickets"] = [json.loads(line) for line in lines if line.strip()]
    return {
        table: sorted(json.dumps(row, ensure_ascii=False, sort_keys=True, default=str) for row in rows)
        for table, rows in found.items()
    }
