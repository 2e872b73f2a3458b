"""Support tickets in free text: customers write their own and other people's numbers in every notation they know."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from sekisho.demo.designated import FRIEND, STORY, STORY_NUMBER, Places
from sekisho.demo.lines import Lines
from sekisho.demo.numbers import variants
from sekisho.demo.people import Customers
from sekisho.demo.stores import keyed

PER_CUSTOMER = 0.5
SPAN_DAYS = 300
TEXTS = (
    "{name}です。先月の請求額について教えてください。折り返しは {own} へお願いします。",
    "電波が入りにくい場所があります。番号は{own}です。",
    "料金プランを変更したい。契約者 {name}、連絡先 {own}、メール {mail}。",
    "家族の番号 {other} に迷惑電話が続いています。対処方法を知りたいです。",
    "{other} からのSMSに心当たりがありません。自分の番号は {own} です。",
    "機種変更の手続きで店舗を案内してほしい。",
    "解約後の番号の扱いについて質問です。",
    "住所を変更しました。書類が届いていません({name})。",
    "友人({other})とのグループ通話が切れます。こちらは{own}です。",
    "支払い方法を口座振替に変えたいです。",
)
REPLIES = ("ご案内しました。", "担当部署へ引き継ぎました。", "{own}へ折り返し済み。", "手続書類を送付しました。", None)
COLUMNS = (
    "ticket_no",
    "received_at",
    "channel",
    "kind",
    "customer_no",
    "number",
    "name",
    "mail",
    "body",
    "reply",
    "closed_on",
)


def table(people: Customers, lines: Lines, places: Places, at: datetime, rng: np.random.Generator) -> pa.Table:
    """All tickets, oldest first."""
    rows = _drawn(people, lines, at, rng) + _told(people, lines, places, at)
    rows.sort(key=lambda row: (row["received_at"], row["name"] or ""))
    for i, row in enumerate(rows):
        row["ticket_no"] = f"T{i:08d}"
    types = {"received_at": pa.timestamp("us", tz="UTC"), "closed_on": pa.date32()}
    return keyed(
        pa.table({name: pa.array([row[name] for row in rows], types.get(name, pa.string())) for name in COLUMNS}),
        "ticket_no",
    )


def _drawn(people: Customers, lines: Lines, at: datetime, rng: np.random.Generator) -> list[dict[str, Any]]:
    told = len(people) - 4
    opening = np.datetime64((at - timedelta(days=SPAN_DAYS)).replace(tzinfo=None), "s")
    now = np.datetime64(at.replace(tzinfo=None), "s")
    since = np.maximum(lines.since, opening)
    until = np.where(np.isnat(lines.until), now, np.minimum(lines.until, now))
    live = np.flatnonzero((until > since) & (lines.user < 0) & (lines.customer < told))
    count = int(told * PER_CUSTOMER)
    chosen = live[rng.integers(len(live), size=count)]
    others = live[rng.integers(len(live), size=count)]
    moments = since[chosen] + ((until[chosen] - since[chosen]).astype(np.int64) * rng.random(count)).astype(
        "timedelta64[s]"
    )
    styles = rng.integers(9, size=(count, 2)).tolist()
    texts = rng.integers(len(TEXTS), size=count).tolist()
    replies = rng.integers(len(REPLIES), size=count).tolist()
    anonymous = (rng.random(count) < 0.08).tolist()
    rows = []
    for i, (line, other) in enumerate(zip(chosen.tolist(), others.tolist(), strict=True)):
        place, received = int(lines.customer[line]), moments[i].item().replace(tzinfo=UTC)
        own, theirs = variants(lines.number[line])[styles[i][0]], variants(lines.number[other])[styles[i][1]]
        filled = {"name": people.name[place], "mail": people.mail[place], "own": own, "other": theirs}
        reply = REPLIES[replies[i]]
        is_known = not anonymous[i]
        rows.append(
            {
                "received_at": received,
                "channel": ("web", "phone", "mail", "shop")[i % 4],
                "kind": "inquiry" if i % 7 else "opinion",
                "customer_no": people.no[place] if is_known else None,
                "number": lines.number[line],
                "name": people.name[place] if is_known else None,
                "mail": people.mail[place] if i % 3 == 0 and is_known else None,
                "body": TEXTS[texts[i]].format(**filled),
                "reply": reply.format(**filled) if reply else None,
                "closed_on": received.date() + timedelta(days=2) if reply else None,
            }
        )
    return rows


def _told(people: Customers, lines: Lines, places: Places, at: datetime) -> list[dict[str, Any]]:
    """The story's tickets: her own, naming a friend; the friend's, naming her number in every notation."""
    me, friend = places.customers[STORY], places.customers[FRIEND]
    friend_number = lines.number[places.lines[FRIEND]]
    rows = [
        _ticket(
            people,
            me,
            STORY_NUMBER,
            at - timedelta(days=160),
            f"{people.name[me]}です。{variants(STORY_NUMBER)[2]} の解約方法を教えてください。",
        ),
        _ticket(
            people,
            me,
            STORY_NUMBER,
            at - timedelta(days=110),
            f"友人の{people.name[friend]}さん({variants(friend_number)[1]})に届いたSMSの件です。私は{variants(STORY_NUMBER)[5]}です。",
        ),
        _ticket(
            people,
            me,
            STORY_NUMBER,
            at - timedelta(days=80),
            f"番号{STORY_NUMBER}を返却します。連絡は {people.mail[me]} へ。",
        ),
    ]
    rows += [
        _ticket(
            people,
            friend,
            friend_number,
            at - timedelta(days=150 - 12 * i),
            f"友人の番号 {written} へのSMSが届きません({i + 1}回目)。",
        )
        for i, written in enumerate(variants(STORY_NUMBER))
    ]
    return rows


def _ticket(people: Customers, place: int, number: str, received: datetime, body: str) -> dict[str, Any]:
    return {
        "received_at": received.astimezone(UTC),
        "channel": "web",
        "kind": "inquiry",
        "customer_no": people.no[place],
        "number": number,
        "name": people.name[place],
        "mail": people.mail[place],
        "body": body,
        "reply": "ご案内しました。",
        "closed_on": received.date() + timedelta(days=1),
    }
