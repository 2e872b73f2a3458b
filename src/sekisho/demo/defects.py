"""Defects planted on purpose, each real in the stores or registers, and the list of them for whoever has to find them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa

from sekisho.demo import hr, parties
from sekisho.demo.built import Planted

Systems = dict[str, dict[str, pa.Table]]
CALLBACKS = 60
LONG_AGO_DAYS = 12 * 365
LIST = (
    Planted(
        id="D01",
        system="crm",
        where="contracts.callback_tmp",
        what="データマップにない列に、連絡先の電話番号が60件入っている",
        expected_finding="datamap.schema_matches_map",
    ),
    Planted(
        id="D02",
        system="crm",
        where="subscribers C09000001",
        what="解約から12年たった契約者の行が残っている",
        expected_finding="retention.nothing_overdue",
    ),
    Planted(
        id="D03",
        system="hr",
        where="job_applicants A00001",
        what="不採用から2年たった応募者の行が残っている",
        expected_finding="retention.nothing_overdue",
    ),
    Planted(
        id="D04",
        system="billing",
        where="invoices I-OLD-0001..0005, payments Y-OLD-0001..0005",
        what="支払い済みで12年たった請求と入金の行が残っている",
        expected_finding="retention.nothing_overdue",
    ),
    Planted(
        id="D05",
        system="cdr",
        where="calls -1..-20",
        what="3年前の通話の行が20件残っている",
        expected_finding="retention.nothing_overdue",
    ),
    Planted(
        id="D06",
        system="support",
        where="tickets T-OLD-0001..0003",
        what="12年前の問い合わせが残っている",
        expected_finding="retention.nothing_overdue",
    ),
    Planted(
        id="D07",
        system="crm",
        where="desk_identity_images D-OLD-0001",
        what="受付窓口に送られた本人確認書類の写しが、確認から100日残っている",
        expected_finding="retention.nothing_overdue",
    ),
    Planted(
        id="D08",
        system="billing",
        where="payments.memo",
        what="個人に関しないと宣言した覚え書きの列に、氏名と電話番号が書かれている",
        expected_finding="discover.undeclared-personal-data",
    ),
    Planted(
        id="D09",
        system="crm",
        where="identity_images G-ORPHAN-1",
        what="持ち主の契約者がわからない行がある",
        expected_finding="retention.owner-unknown",
    ),
    Planted(
        id="D10",
        system="recipients",
        where=parties.WITHOUT_AUDIT,
        what="委託契約に監査の条項がない",
        expected_finding="recipients.contracts_complete",
    ),
    Planted(
        id="D11",
        system="people",
        where=hr.UNTRAINED,
        what="研修を受けていない従業者に権限がある",
        expected_finding="people.trained",
    ),
    Planted(
        id="D12",
        system="people",
        where=hr.UNPLEDGED,
        what="誓約のない従業者に権限がある",
        expected_finding="people.pledged",
    ),
    Planted(
        id="D13",
        system="policy",
        where="ways_out.group_joint_use.notice",
        what="共同利用の公表に、目的と責任者がない",
        expected_finding="decisions.joint_use_only_with_notice",
    ),
    Planted(
        id="D14",
        system="crm",
        where="contact_sheet.birth_date",
        what="連絡先のビューに、データマップにない生年月日の列が足されている",
        expected_finding="datamap.schema_matches_map",
    ),
)


def plant(systems: Systems, at: datetime) -> None:
    """Put the defects of the stores in. What stands in registers is made by `parties` and `hr`."""
    today = at.date()
    old = today - timedelta(days=LONG_AGO_DAYS)
    crm, billing = systems["crm"], systems["billing"]
    crm["contracts"] = _callbacks(crm["contracts"])
    crm["subscribers"] = _with_rows(crm["subscribers"], [_old_subscriber(old)])
    image = crm["desk_identity_images"].slice(0, 1).to_pylist()[0]
    stale = today - timedelta(days=100)
    crm["desk_identity_images"] = _with_rows(
        crm["desk_identity_images"],
        [image | {"image_no": "D-OLD-0001", "received_on": stale, "verified_on": stale}],
    )
    orphan = {"image_no": "G-ORPHAN-1", "customer_no": None, "contract_no": None}
    days = dict.fromkeys(("taken_on", "verified_on"), today - timedelta(days=200))
    crm["identity_images"] = _with_rows(crm["identity_images"], [orphan | days | {"image": b"\x00" * 48}])
    systems["hr"]["job_applicants"] = _with_rows(systems["hr"]["job_applicants"], [_old_applicant(today)])
    _plant_billing(billing, old)
    systems["cdr"]["calls"] = _old_calls(systems["cdr"]["calls"], at)
    systems["support"]["tickets"] = _old_tickets(systems["support"]["tickets"], at)


def _plant_billing(billing: dict[str, pa.Table], old: date) -> None:
    invoice, payment = billing["invoices"].slice(0, 1).to_pylist()[0], billing["payments"].slice(0, 1).to_pylist()[0]
    span = range(1, 6)
    billing["invoices"] = _with_rows(
        billing["invoices"],
        [
            invoice
            | {
                "invoice_no": f"I-OLD-{i:04d}",
                "month_on": old,
                "issued_on": old,
                "due_on": old,
                "settled_on": old,
                "books_closed_on": old,
                "unpaid_yen": 0,
            }
            for i in span
        ],
    )
    billing["payments"] = _with_rows(
        billing["payments"],
        [
            payment
            | {"payment_no": f"Y-OLD-{i:04d}", "invoice_no": f"I-OLD-{i:04d}", "paid_on": old, "books_closed_on": old}
            for i in span
        ],
    )
    memos = billing["payments"]["memo"].to_pylist()
    for i in range(0, min(len(memos), 40), 2):
        memos[i] = f"濵田様 080-0{i:03d}-4{i:03d} へ連絡済み"
    billing["payments"] = _set(billing["payments"], "memo", memos)


def _callbacks(contracts: pa.Table) -> pa.Table:
    values = contracts["callback_tmp"].to_pylist()
    for i in range(min(CALLBACKS, len(values))):
        values[i] = f"0700{i * 131 % 10_000:04d}{i * 77 % 1_000:03d}"
    return _set(contracts, "callback_tmp", values)


def _old_subscriber(old: date) -> dict[str, Any]:
    return {
        "customer_no": "C09000001",
        "party": "person",
        "name": "栁沢 昭夫",
        "name_kana": "ヤナギサワ アキオ",
        "birth_date": date(1948, 6, 2),
        "sex": "male",
        "postal_code": "380-0823",
        "address": "長野県長野市南千歳9-9-9",
        "phone": None,
        "mail": None,
        "registered_on": old - timedelta(days=900),
        "closed_on": old,
        "is_protected": False,
    }


def _old_applicant(today: date) -> dict[str, Any]:
    applied = today - timedelta(days=760)
    return {
        "applicant_no": "A00001",
        "name": "四月一日 朔",
        "name_kana": "ワタヌキ サク",
        "birth_date": date(1999, 4, 1),
        "sex": "male",
        "address": "380-0823 長野県長野市南千歳9-8-7",
        "phone": "08000000401",
        "mail": "a00001@mail.example",
        "education": "大学卒",
        "applied_on": applied,
        "decided_on": applied + timedelta(days=20),
        "is_hired": False,
    }


def _old_calls(calls: pa.Table, at: datetime) -> pa.Table:
    first = calls.slice(0, 20).to_pylist()
    when = (at - timedelta(days=3 * 365)).replace(hour=3, minute=0, second=0, microsecond=0)
    rows = [
        row
        | {
            "call_id": -i - 1,
            "started_at": when,
            "ended_at": when + timedelta(seconds=60),
            "seconds": 60,
            "day": when.date(),
        }
        for i, row in enumerate(first)
    ]
    return _with_rows(calls, rows)


def _old_tickets(tickets: pa.Table, at: datetime) -> pa.Table:
    when = (at - timedelta(days=LONG_AGO_DAYS)).astimezone(UTC).replace(microsecond=0)
    first = tickets.slice(0, 3).to_pylist()
    rows = [
        row | {"ticket_no": f"T-OLD-{i + 1:04d}", "received_at": when, "closed_on": when.date()}
        for i, row in enumerate(first)
    ]
    return _with_rows(tickets, rows)


def _with_rows(table: pa.Table, rows: list[dict[str, Any]]) -> pa.Table:
    more = pa.Table.from_pylist(
        [{name: row.get(name) for name in table.column_names} for row in rows], schema=table.schema
    )
    return pa.concat_tables([table, more]).replace_schema_metadata(table.schema.metadata)


def _set(table: pa.Table, column: str, values: list[Any]) -> pa.Table:
    index = table.schema.get_field_index(column)
    return table.set_column(index, table.schema.field(index), pa.array(values, table.schema.field(index).type))
