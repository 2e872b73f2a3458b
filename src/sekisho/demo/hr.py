"""Personnel: staff and their families, applicants hired and not, leavers, shareholders. People here act too."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from sekisho.demo.built import IdentifierRow, NameRow, PersonRow, StaffRow
from sekisho.demo.people import addresses, persons, reference
from sekisho.demo.stores import keyed

STAFF, APPLICANTS, SHAREHOLDERS = 120, 60, 50
APPOINTED = (  # acting reference, role, employment, department, name, reading
    ("kanri", "privacy_officer", "officer", "個人情報保護管理", "久住 亮", "クスミ リョウ"),
    ("hosa", "deputy_officer", "employee", "個人情報保護管理", "森 佳代", "モリ カヨ"),
    ("madoguchi", "clerk", "employee", "開示等請求受付窓口", "三枝 由布子", "サエグサ ユフコ"),
    ("madoguchi-2", "clerk", "dispatched", "開示等請求受付窓口", "戸倉 匠", "トクラ タクミ"),
    ("kansa", "auditor", "employee", "内部監査室", "安部 蔵人", "アベ クロウド"),
    ("bunseki", "analyst", "employee", "分析", "尾形 暁", "オガタ サトル"),
    ("hansoku", "campaign_manager", "employee", "販売促進", "鵜飼 梢", "ウカイ コズエ"),
    ("kaihatsu", "engineer", "employee", "開発", "榊 蒼介", "サカキ ソウスケ"),
    ("dba", "dba", "contractor", "運用", "真壁 徹", "マカベ トオル"),
    ("seikyu", "billing_clerk", "employee", "料金", "鏑木 澪", "カブラギ ミオ"),
    ("jinji", "hr_clerk", "employee", "人事", "薬師寺 繭", "ヤクシジ マユ"),
    ("soumu", "general_affairs", "employee", "総務", "天海 昴", "アマミ スバル"),
    ("shougai", "network_operator", "employee", "網運用", "時任 丈", "トキトウ ジョウ"),
    ("kankocho", "authorities_desk", "employee", "官公庁対応", "久我 直", "クガ ナオ"),
    ("tenpo-ikebukuro", "shop_staff", "agency", "池袋店", "真鍋 楓", "マナベ カエデ"),
    ("tenpo-umeda", "shop_staff", "agency", "梅田店", "雨宮 律", "アメミヤ リツ"),
)
SHOP_OF = {"tenpo-ikebukuro": "shop-ikebukuro", "tenpo-umeda": "shop-umeda"}
ROLES = ("clerk", "engineer", "analyst", "billing_clerk", "support_clerk", "shop_staff")
DEPARTMENTS = ("お客さま窓口", "開発", "分析", "料金", "サポート", "店舗")
UNTRAINED, UNPLEDGED = "staff-0020", "staff-0021"  # planted; both still have access
LEAVERS = range(100, 110)


def staff(today: np.datetime64, seed: int, phones: list[str], rng: np.random.Generator) -> list[dict[str, Any]]:
    """Everybody who works or worked here: the columns of the personnel table, and how they stand as actors."""
    name, kana, sex = persons(STAFF, rng)
    postal, address = addresses(STAFF, rng)
    day: date = today.astype(object)
    made = []
    for i in range(STAFF):
        appointed = APPOINTED[i] if i < len(APPOINTED) else None
        joined = day - timedelta(days=int(rng.integers(400, 4000)))
        left = day - timedelta(days=int(rng.integers(30, 700))) if i in LEAVERS else None
        ref = appointed[0] if appointed else f"staff-{i:04d}"
        employment = appointed[2] if appointed else ("dispatched" if i % 9 == 4 else "employee")
        made.append(
            {
                "staff_no": f"S{1000 + i}",
                "ref": reference(seed, f"S{1000 + i}"),
                "acts_as": ref,
                "role": appointed[1] if appointed else ROLES[i % len(ROLES)],
                "shop": SHOP_OF.get(ref, "shop-chiba" if not appointed and i % len(ROLES) == 5 else ""),
                "name": appointed[4] if appointed else name[i],
                "name_kana": appointed[5] if appointed else kana[i],
                "birth_date": day - timedelta(days=int(rng.integers(22, 64)) * 365 + i),
                "sex": sex[i],
                "address": f"{postal[i]} {address[i]}",
                "phone": phones[i % len(phones)],
                "mail": f"s{1000 + i}@carrier.example",
                "bank_account": f"0000-{i % 900 + 100:03d}-{1_000_000 + i * 37:07d}",
                "department": appointed[3] if appointed else DEPARTMENTS[i % len(DEPARTMENTS)],
                "employment": employment,
                "joined_on": joined,
                "left_on": left,
                "trained_on": None if ref == UNTRAINED else day - timedelta(days=int(rng.integers(10, 330))),
                "pledged_on": None if ref == UNPLEDGED else joined,
                "exit_pledged_on": left,
            }
        )
    return made


def applicants(
    today: np.datetime64, seed: int, phones: list[str], hired: list[dict[str, Any]], rng: np.random.Generator
) -> list[dict[str, Any]]:
    """People who applied for work lately; a few of them became staff."""
    name, kana, sex = persons(APPLICANTS, rng)
    postal, address = addresses(APPLICANTS, rng)
    day: date = today.astype(object)
    made = []
    for i in range(APPLICANTS):
        applied = day - timedelta(days=int(rng.integers(20, 70)))
        became = hired[20 + i] if i < 6 else None
        no = f"A{10_000 + i}"
        made.append(
            {
                "applicant_no": no,
                "ref": became["ref"] if became else reference(seed, no),
                "name": became["name"] if became else name[i],
                "name_kana": became["name_kana"] if became else kana[i],
                "birth_date": day - timedelta(days=int(rng.integers(20, 45)) * 365 + i),
                "sex": sex[i],
                "address": f"{postal[i]} {address[i]}",
                "phone": phones[(i * 3 + 1) % len(phones)],
                "mail": f"{no.lower()}@mail.example",
                "education": "大学卒" if i % 2 else "高校卒",
                "applied_on": applied,
                "decided_on": applied + timedelta(days=12) if i % 5 else None,
                "is_hired": became is not None,
                "staff_no": became["staff_no"] if became else None,
            }
        )
    return made


def shareholders(today: np.datetime64, seed: int, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Holders of the carrier's shares."""
    name, kana, _ = persons(SHAREHOLDERS, rng)
    postal, address = addresses(SHAREHOLDERS, rng)
    day: date = today.astype(object)
    return [
        {
            "shareholder_no": f"H{100 + i}",
            "ref": reference(seed, f"H{100 + i}"),
            "name": name[i],
            "name_kana": kana[i],
            "address": f"{postal[i]} {address[i]}",
            "bank_account": f"0000-{i + 100:03d}-{2_000_000 + i * 53:07d}",
            "shares": int(rng.integers(1, 50)) * 100,
            "acquired_on": day - timedelta(days=int(rng.integers(30, 2500))),
            "transferred_on": None,
        }
        for i in range(SHAREHOLDERS)
    ]


def tables(
    staff_rows: list[dict[str, Any]], applicant_rows: list[dict[str, Any]], holder_rows: list[dict[str, Any]]
) -> dict[str, pa.Table]:
    """All tables of the personnel system."""
    hidden = {"ref", "acts_as", "role", "shop", "trained_on", "pledged_on", "exit_pledged_on"}
    family = [
        {
            "family_no": f"F{i:04d}",
            "staff_no": row["staff_no"],
            "name": f"{row['name'].split(' ')[0]} {'咲' if i % 2 else '大樹'}",
            "relation": "child" if i % 2 else "spouse",
            "birth_date": row["birth_date"] + timedelta(days=9000 if i % 2 else 500),
            "joined_on": row["joined_on"],
            "left_on": row["left_on"],
        }
        for i, row in enumerate(staff_rows[::2])
    ]
    return {
        "staff": keyed(_table(staff_rows, hidden), "staff_no"),
        "staff_family": keyed(_table(family, set()), "family_no"),
        "job_applicants": keyed(_table(applicant_rows, hidden), "applicant_no"),
        "shareholders": keyed(_table(holder_rows, hidden), "shareholder_no"),
    }


def actors(staff_rows: list[dict[str, Any]]) -> tuple[StaffRow, ...]:
    """The same people as those who act."""
    return tuple(
        StaffRow(
            ref=row["acts_as"],
            display_name=row["name"],
            role=row["role"],
            employment=row["employment"],
            joined_on=row["joined_on"],
            person=row["ref"],
            shop=row["shop"],
            left_on=row["left_on"],
            trained_on=row["trained_on"],
            pledged_on=row["pledged_on"],
            exit_pledged_on=row["exit_pledged_on"],
        )
        for row in staff_rows
    )


def persons_of(
    staff_rows: list[dict[str, Any]],
    applicant_rows: list[dict[str, Any]],
    holder_rows: list[dict[str, Any]],
    contacts: list[dict[str, Any]],
) -> list[PersonRow]:
    """Staff, applicants, shareholders and contacts as persons; an applicant who was hired is one person with both."""
    hired = {row["ref"]: row for row in applicant_rows if row["is_hired"]}
    made = []
    for row in staff_rows:
        identifiers = [IdentifierRow("staff_no", row["staff_no"], "staff"), IdentifierRow("mail", row["mail"], "staff")]
        kinds = ["leaver" if row["left_on"] else "staff"]
        if row["ref"] in hired:
            identifiers.append(IdentifierRow("applicant_no", hired[row["ref"]]["applicant_no"], "applicant"))
            kinds.append("job_applicant")
        made.append(_person(row, tuple(kinds), row["joined_on"], tuple(identifiers)))
    for row in applicant_rows:
        if not row["is_hired"]:
            identifier = IdentifierRow("applicant_no", row["applicant_no"], "applicant")
            made.append(_person(row, ("job_applicant",), row["applied_on"], (identifier,)))
    for row in holder_rows:
        identifier = IdentifierRow("shareholder_no", row["shareholder_no"], "shareholder")
        made.append(_person(row, ("shareholder",), row["acquired_on"], (identifier,)))
    for row in contacts:
        identifier = IdentifierRow("contact_no", row["contact_no"], "business_contact")
        made.append(_person(row, ("business_contact",), row["met_on"], (identifier,)))
    return made


def _person(
    row: dict[str, Any], kinds: tuple[str, ...], acquired_on: Any, identifiers: tuple[IdentifierRow, ...]
) -> PersonRow:
    return PersonRow(
        ref=row["ref"],
        kinds=kinds,
        acquired_on=acquired_on,
        identifiers=identifiers,
        names=(NameRow(row["name"], row["name_kana"]),),
        born_on=row.get("birth_date"),
        shop=row.get("shop") or "",
    )


def _table(rows: list[dict[str, Any]], hidden: set[str]) -> pa.Table:
    columns = {}
    for name in rows[0]:
        if name not in hidden:
            column = pa.array([row[name] for row in rows])
            is_day = name.endswith("_on")
            columns[name] = column.cast(pa.date32()) if is_day and pa.types.is_null(column.type) else column
    return pa.table(columns)
