"""A carrier of two small SQLite systems with a map that leaves something out: what discovery is tried on."""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sekisho.connectors.documents import read_folder
from sekisho.registers.datamap import actions as datamap_actions
from sekisho.registers.policies import actions as policy_actions

AT = datetime(2026, 11, 23, 3, tzinfo=UTC)
FOLDER = Path(__file__).resolve().parents[2] / "policies" / "arlink"
NUMBERS = [f"090-1234-{number:04d}" for number in range(40)]
MAP = """sekisho_datamap: 1
map: {id: small}
systems:
  crm:
    label: 顧客管理
    kind: sqlite
    url: sqlite:///{home}/crm.sqlite3
    erase_order: 1
    tables:
      people:
        label: 契約者
        subject: customer
        key: [no]
        acquired: since_on
        triggers: {contract_end: ended_on}
        owners: [{by: customer_no, column: no, role: contractor}]
        columns:
          no: {item: none, reason: 社内の番号}
          phone: identity.phone
          memo: {item: none, reason: 個人に関しないはずの覚え書き}
          since_on: {item: none, type: date, reason: 日付}
          ended_on: {item: none, type: date, reason: 日付}
  desk:
    label: 窓口
    kind: sqlite
    url: sqlite:///{home}/desk.sqlite3
    erase_order: 2
    tables:
      letters:
        label: そのほかの申し出
        subject: inquirer
        key: [no]
        acquired: received_on
        triggers: {received: received_on, classified: sorted_on}
        owners: [{by: mail, column: mail, role: inquirer}]
        columns:
          no: {item: none, reason: 社内の番号}
          mail: other_inquiry
          body: {item: other_inquiry.content, free_text: true}
          received_on: {item: none, type: date, reason: 日付}
          sorted_on: {item: none, type: date, reason: 日付}
"""


def build(home: Path, *, text: str = MAP) -> None:
    """Both systems on disk, and the map adopted under policies/arlink."""
    home.mkdir(parents=True, exist_ok=True)
    with sqlite3.connect(home / "crm.sqlite3") as connection:
        connection.execute(
            "CREATE TABLE people (no TEXT PRIMARY KEY, phone TEXT, old_mail TEXT, memo TEXT, since_on DATE, ended_on DATE)"
        )
        connection.executemany(
            "INSERT INTO people VALUES (?, ?, ?, ?, '2026-01-01', NULL)",
            [
                (f"C{at}", number, f"old{at}@example.jp", "折り返しは090-8765-4321まで" if at < 5 else "特になし")
                for at, number in enumerate(NUMBERS)
            ],
        )
    connection.close()
    today = AT.date()
    with sqlite3.connect(home / "desk.sqlite3") as connection:
        connection.execute(
            "CREATE TABLE letters (no TEXT PRIMARY KEY, mail TEXT, body TEXT, received_on DATE, sorted_on DATE)"
        )
        connection.executemany(
            "INSERT INTO letters VALUES (?, ?, ?, ?, ?)",
            [
                ("L1", "a@example.jp", "ご意見", today - timedelta(days=90), today - timedelta(days=80)),
                ("L2", "b@example.jp", "ご意見", today - timedelta(days=10), None),
                ("L3", "c@example.jp", "ご意見", today - timedelta(days=30), None),
            ],
        )
    connection.close()
    adopt(text)


def adopt(text: str) -> None:
    """The policy, and a map's text."""
    files = dict(read_folder(FOLDER))
    policy_actions.adopt(files=files, at=AT, acting_user="test")
    datamap_actions.adopt(files=files | {"datamap.yaml": text}, at=AT, acting_user="test")
