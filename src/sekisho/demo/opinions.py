"""Opinions sent in by people who need not be customers: known by their mail address only."""

from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from sekisho.demo.built import IdentifierRow, NameRow, PersonRow
from sekisho.demo.people import persons, reference
from sekisho.demo.stores import keyed

COUNT = 80
SPAN_DAYS = 300
SORTED_AFTER_DAYS = (1, 2, 5, 9)  # until somebody has said what an opinion is about
TEXTS = (
    "店舗の営業時間を延ばしてほしいです。",
    "広告の文字が小さくて読めません。",
    "海外でも使える料金プランを希望します。",
    "障害のお知らせをもっと早く出してください。",
    "契約していませんが、資料を送ってほしいです。",
)


def senders(at: datetime, seed: int, rng: np.random.Generator) -> list[dict[str, Any]]:
    """One opinion each."""
    name, kana, _ = persons(COUNT, rng)
    days = rng.integers(3, SPAN_DAYS, COUNT).tolist()
    return [
        {
            "opinion_no": f"O{i:06d}",
            "ref": reference(seed, f"O{i:06d}"),
            "received_at": at.replace(microsecond=0) - timedelta(days=days[i], minutes=i),
            "mail": f"o{i:06d}@mail.example",
            "name": name[i],
            "kana": kana[i],
            "body": TEXTS[i % len(TEXTS)],
            "classified_on": _sorted_on(at, days[i], SORTED_AFTER_DAYS[i % len(SORTED_AFTER_DAYS)]),
        }
        for i in range(COUNT)
    ]


def table(rows: list[dict[str, Any]]) -> pa.Table:
    """The opinions as the support system keeps them."""
    columns = {name: [row[name] for row in rows] for name in ("opinion_no", "mail", "body")}
    received = pa.array([row["received_at"] for row in rows], pa.timestamp("us", tz="UTC"))
    classified = pa.array([row["classified_on"] for row in rows], pa.date32())
    return keyed(pa.table(columns | {"received_at": received, "classified_on": classified}), "opinion_no")


def people(rows: list[dict[str, Any]]) -> list[PersonRow]:
    """Their senders as persons."""
    return [
        PersonRow(
            row["ref"],
            ("inquirer",),
            row["received_at"].date(),
            (IdentifierRow("mail", row["mail"], "inquirer"),),
            (NameRow(str(row["name"]), str(row["kana"])),),
        )
        for row in rows
    ]


def _sorted_on(at: datetime, days_ago: int, after: int) -> date | None:
    return (at - timedelta(days=days_ago - after)).date() if days_ago > after else None
