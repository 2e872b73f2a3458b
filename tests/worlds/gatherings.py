"""A small carrier whose people ask for what is held about them: lines of families, numbers used again, texts that name others."""

import base64
import json
import sqlite3
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sekisho.casework.subject_requests import actions
from sekisho.registers.datamap import actions as datamap
from sekisho.registers.identities.actions import NewPerson, import_population
from sekisho.registers.identities.rules import IdentifierInterval, NameInterval
from sekisho.registers.policies.actions import adopt

AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
CLERK = "account:1"
POLICY = Path(__file__).resolve().parents[2] / "policies" / "arlink" / "policy.yaml"
HANA, KEN, MIO, TWIN = "P-hana", "P-ken", "P-mio", "P-twin"
HANAS, MIOS, TWINS, SHARED, FRIENDS = "09000000001", "09000000002", "09000000005", "09000000009", "08000001234"
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAAAAADhZOFXAAAAEElEQVR42mNsYIAAJgaKGAAmCACQtTEKkQAAAABJRU5ErkJggg=="
)  # a grey square
PASSED_ON = datetime(2026, 7, 1, tzinfo=UTC)
DATAMAP = """
sekisho_datamap: 1
map: {id: gatherings}
systems:
  crm:
    label: 顧客管理
    kind: sqlite
    url: sqlite:///{home}/systems/crm.sqlite3
    erase_order: 40
    tables:
      subscribers:
        label: 契約者
        subject: customer
        key: [customer_no]
        acquired: since_on
        triggers: {contract_end: ended_on}
        owners: [{by: customer_no, column: customer_no, role: contractor}]
        columns:
          customer_no: &no {item: none, reason: 社内の番号}
          name: identity.name
          address: identity.address
          phone: identity.phone
          birth_date: {item: identity.birth_date, type: date}
          is_protected: {item: none, type: boolean, control: true, reason: 目印}
          since_on: &day {item: none, type: date, reason: 日付}
          ended_on: *day
      guardians:
        label: 親権者
        subject: customer
        key: [customer_no]
        acquired: since_on
        triggers: {contract_end: ended_on}
        owners:
          - {by: customer_no, column: customer_no, role: contractor}
          - {by: customer_no, column: guardian_customer_no, role: guardian, blanks: [guardian_customer_no, guardian_name]}
        columns:
          customer_no: *no
          guardian_customer_no: *no
          guardian_name: identity.name
          relation: identity
          since_on: *day
          ended_on: *day
      identity_images:
        label: 契約時の画像
        subject: customer
        key: [image_no]
        acquired: taken_on
        triggers: {verification: taken_on}
        owners: [{by: customer_no, column: customer_no, role: contractor}]
        columns:
          image_no: *no
          customer_no: *no
          taken_on: *day
          image: {item: identity_image.image, type: binary}
  billing:
    label: 料金
    kind: sqlite
    url: sqlite:///{home}/systems/billing.sqlite3
    erase_order: 20
    tables:
      bank_accounts:
        label: 口座
        subject: customer
        key: [customer_no]
        acquired: since_on
        triggers: {contract_end: ended_on}
        owners: [{by: customer_no, column: customer_no, role: contractor}]
        columns:
          customer_no: *no
          account_no: bank.account_no
          holder_kana: bank.holder
          since_on: *day
          ended_on: *day
      line_totals:
        label: 回線の月ごとの通話時間
        subject: customer
        key: [customer_no, month_on]
        acquired: month_on
        triggers: {started_at: month_on}
        owners: [{by: customer_no, column: customer_no, role: contractor}]
        columns:
          customer_no: *no
          month_on: *day
          seconds: {item: traffic.duration, type: integer}
  cdr:
    label: 通話記録
    kind: sqlite
    url: sqlite:///{home}/systems/cdr.sqlite3
    erase_order: 10
    tables:
      calls:
        label: 通話
        subject: customer
        key: [call_id]
        acquired: started_at
        triggers: {started_at: started_at}
        owners:
          - {by: number, column: caller, role: caller, at: started_at, blanks: [caller, cell]}
          - {by: number, column: callee, role: callee, at: started_at, blanks: [callee]}
        columns:
          call_id: {item: none, type: integer, reason: 記録の番号}
          caller: traffic.caller
          callee: traffic.callee
          started_at: {item: traffic.started_at, type: timestamp}
          charged_yen: {item: traffic.charged, type: integer}
          cell: traffic.cell
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
          name: inquiry
          body: {item: inquiry.content, free_text: true}
"""
BODY = (
    "櫛田真澄です。電話は090-0000-0001です。住所は愛知県瀬戸市北山町1-2です。"
    "知人の山口太郎さん（080-0000-1234、yamaguchi@example.jp）から着信が続いています。"
)


def build(home: Path, *, calls: int = 3) -> None:
    """Stores and registers."""
    (home / "systems").mkdir(parents=True, exist_ok=True)
    files = {"policy.yaml": POLICY.read_text(encoding="utf-8"), "datamap.yaml": DATAMAP}
    adopt(files=files, at=AT, acting_user="test", may_correct=True)
    datamap.adopt(files=files, at=AT, acting_user="test")
    _people()
    _crm(home)
    write_calls(home, calls)
    write_tickets(home, [ticket(1, "C1", HANAS, "櫛田 真澄", BODY)])


def ready(person: str, *, kind: str = "disclosure", by: str = CLERK) -> str:
    """A case whose person is known and checked."""
    case = actions.open_case(person=person, kind=kind, received_on=date(2026, 11, 20), at=AT, acting_user=by)
    _check(case.reference)
    return case.reference


def _check(reference: str) -> None:
    """As though the papers had been seen: how is another test's matter."""
    from sekisho.casework.subject_requests.models import SubjectRequest

    SubjectRequest.objects.filter(reference=reference).update(identity_checked_at=AT, identity_checked_by=CLERK)


def ticket(no: int, customer: str | None, number: str | None, name: str, body: str) -> dict[str, object]:
    """A line of the support system."""
    return {
        "ticket_no": f"T{no:04}", "received_at": "2026-08-01T01:00:00+00:00", "customer_no": customer,
        "number": number, "name": name, "body": body,
    }  # fmt: skip


def write_tickets(home: Path, tickets: list[dict[str, object]]) -> None:
    """The whole support system anew."""
    folder = home / "systems" / "support"
    folder.mkdir(exist_ok=True)
    for old in folder.rglob("*.jsonl"):
        old.unlink()
    lines = [json.dumps(one, ensure_ascii=False) for one in tickets]
    (folder / "tickets").mkdir(exist_ok=True)
    (folder / "tickets" / "2026-08.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_calls(home: Path, count: int) -> None:
    """Calls of Hana's, of the number that passed on, and of the line Mio uses."""
    rows: list[tuple[str | None, str, datetime, int, str]] = []
    for index in range(count):
        at = datetime(2026, 8, 1, 1, tzinfo=UTC) + timedelta(minutes=index)
        rows.append((HANAS, FRIENDS, at, 30, "T-001"))
        rows.append((FRIENDS, HANAS, at, 40, "T-666"))
        rows.append((MIOS, FRIENDS, at, 20, "T-002"))
    rows.append((None, HANAS, datetime(2026, 8, 2, tzinfo=UTC), 50, "T-777"))  # 184
    for at, cell in ((PASSED_ON - timedelta(days=9), "T-BEFORE"), (PASSED_ON + timedelta(days=9), "T-AFTER")):
        rows.append((SHARED, f"0800000{'1111' if cell == 'T-BEFORE' else '2222'}", at, 10, cell))
    store = sqlite3.connect(home / "systems" / "cdr.sqlite3")
    store.execute("DROP TABLE IF EXISTS calls")
    store.execute("CREATE TABLE calls (call_id INTEGER PRIMARY KEY, caller TEXT, callee TEXT, started_at TEXT, charged_yen INTEGER, cell TEXT)")  # fmt: skip
    store.executemany(
        "INSERT INTO calls VALUES (?, ?, ?, ?, ?, ?)",
        [(no, caller, callee, at.isoformat(), yen, cell) for no, (caller, callee, at, yen, cell) in enumerate(rows)],
    )
    store.commit()
    store.close()


def _crm(home: Path) -> None:
    store = sqlite3.connect(home / "systems" / "crm.sqlite3")
    store.execute("CREATE TABLE subscribers (customer_no TEXT PRIMARY KEY, name TEXT, address TEXT, phone TEXT, birth_date TEXT, is_protected INTEGER, since_on TEXT, ended_on TEXT)")  # fmt: skip
    store.executemany(
        "INSERT INTO subscribers VALUES (?, ?, ?, ?, ?, 1, '2020-01-01', NULL)",
        [
            ("C1", "櫛田 真澄", "愛知県瀬戸市北山町1-2", HANAS, "1980-04-01"),
            ("C2", "佐倉 健", "京都府宇治市木幡3-4", SHARED, "1975-05-02"),
            ("C3", "櫛田 澪", "愛知県瀬戸市北山町1-2", MIOS, "2010-06-03"),
            ("C4", "柏木 双葉", "愛知県瀬戸市北山町5-6", TWINS, "1980-04-01"),
        ],
    )
    store.execute("CREATE TABLE guardians (customer_no TEXT PRIMARY KEY, guardian_customer_no TEXT, guardian_name TEXT, relation TEXT, since_on TEXT, ended_on TEXT)")  # fmt: skip
    store.execute("INSERT INTO guardians VALUES ('C3', 'C1', '櫛田 真澄', '母', '2024-01-01', NULL)")
    store.execute("INSERT INTO guardians VALUES ('C4', NULL, '柏木 一葉', '父', '2024-01-01', NULL)")  # no customer
    store.commit()
    store.close()
    store = sqlite3.connect(home / "systems" / "crm.sqlite3")
    store.execute(
        "CREATE TABLE identity_images (image_no TEXT PRIMARY KEY, customer_no TEXT, taken_on TEXT, image BLOB)"
    )
    pictures = (("G1", "C2", "2026-10-01", PICTURE), ("G2", "C2", "2026-11-01", b"no picture"))
    store.executemany("INSERT INTO identity_images VALUES (?, ?, ?, ?)", pictures)
    store.commit()
    store.close()
    bank = sqlite3.connect(home / "systems" / "billing.sqlite3")
    bank.execute("CREATE TABLE bank_accounts (customer_no TEXT PRIMARY KEY, account_no TEXT, holder_kana TEXT, since_on TEXT, ended_on TEXT)")  # fmt: skip
    bank.executemany(
        "INSERT INTO bank_accounts VALUES (?, ?, ?, '2020-01-01', NULL)",
        [("C1", "1234567", "クシダ マスミ"), ("C2", "7654321", "サクラ リョウコ")],
    )
    bank.execute("CREATE TABLE line_totals (customer_no TEXT, month_on TEXT, seconds INTEGER, PRIMARY KEY (customer_no, month_on))")  # fmt: skip
    bank.executemany("INSERT INTO line_totals VALUES ('C1', ?, ?)", [("2019-12-01", 11), ("2026-08-01", 999)])
    bank.commit()
    bank.close()


def _people() -> None:
    def has(person: str, kind: str, value: str, since: datetime | None = None, until: datetime | None = None) -> IdentifierInterval:  # fmt: skip
        return IdentifierInterval(person=person, kind=kind, value=value, since=since, until=until)

    began = datetime(2020, 1, 1, tzinfo=UTC)
    people = (
        (HANA, "C1", "櫛田 真澄", "クシダ マスミ", (("number", HANAS, began, None), ("number", SHARED, began, PASSED_ON), ("contracted_number", MIOS, began, None))),
        (KEN, "C2", "佐倉 健", "サクラ ケン", (("number", SHARED, PASSED_ON, None),)),
        (MIO, "C3", "櫛田 澪", "クシダ ミオ", (("number", MIOS, began, None),)),
        (TWIN, "C4", "柏木 双葉", "カシワギ フタバ", (("number", TWINS, began, None),)),
    )  # fmt: skip
    import_population(
        people=[
            NewPerson(
                ref=ref,
                kinds=("customer",),
                acquired_on=date(2020, 1, 1),
                identifiers=(has(ref, "customer_no", number), *(has(ref, *one) for one in more)),
                names=(NameInterval(name=name, kana=kana),),
            )
            for ref, number, name, kana, more in people
        ],
        at=AT,
        acting_user="test",
    )


__all__ = ["AT", "BODY", "CLERK", "FRIENDS", "HANA", "HANAS", "KEN", "MIO", "MIOS", "PASSED_ON", "SHARED", "TWIN"]
