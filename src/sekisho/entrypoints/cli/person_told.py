"""How `sekisho person show` tells of a person or a number: as a table, or as JSON."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sekisho.engine.japanese.tokyo import TOKYO
from sekisho.entrypoints.cli.person_words import EVENTS, KINDS, ROLES

if TYPE_CHECKING:
    from sekisho.registers.identities.queries import Happened, IdentifierInterval


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One table to print: its heads and rows, the first cell of which never wraps."""

    title: str
    heads: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


def tell_person(ref: str, *, at: datetime, whole: bool, as_json: bool) -> str:
    """Intervals and events of a person; numbers and names only where `whole`."""
    from sekisho.registers.identities import queries

    standing = queries.standing_of(ref, at)
    intervals, events = queries.intervals_of(ref), queries.events_of(ref)
    names = queries.names_of(ref) if whole else ()
    unclear = queries.unclear_of(ref)
    if as_json:
        return json.dumps(
            {
                "person": ref,
                "known": standing.known,
                "kinds": sorted(standing.kinds),
                "deceased_on": standing.deceased_on.isoformat() if standing.deceased_on else None,
                "guardian": queries.guardian_of(ref, at),
                "successors": list(queries.successors_of(ref)),
                "intervals": [_as_json(one, whole=whole) for one in intervals],
                "names": [{"name": one.name, "since": _iso(one.since), "until": _iso(one.until)} for one in names],
                "events": [_event_as_json(one) for one in events],
                "unclear": [{"since": _iso(one.since), "until": _iso(one.until)} for one in unclear],
            },
            ensure_ascii=False,
            indent=2,
        )
    facts = [ref, "、".join(sorted(standing.kinds))] if standing.known else [ref, "消去済み"]
    if standing.deceased_on:
        facts.append(f"{standing.deceased_on.isoformat()} 死亡")
        facts += [f"承継 {heir}" for heir in queries.successors_of(ref)]
    acting = queries.guardian_of(ref, at)
    if acting:
        facts.append(f"親権者 {acting}")
    tables = [
        Column(
            title="だれの・いつ",
            heads=("種類", "値", "立場", "はじまり", "おわり", "いまは"),
            rows=[_row(one, at, whole=whole) for one in intervals],
        ),
        Column(
            title="氏名",
            heads=("はじまり", "おわり", "氏名", "カナ"),
            rows=[(_day(one.since), _day(one.until), one.name, one.kana) for one in names],
        ),
        _events(events),
    ]
    lines = ["　".join(fact for fact in facts if fact), *_printed(tables)]
    lines += [
        f"! {_day(one.since)}〜{_day(one.until)}: 届いていない出来事があり、だれの回線か分かりません（{one.event}）"
        for one in unclear
    ]
    return "\n".join(line for line in lines if line)


def tell_line(number: str, *, as_json: bool) -> str:
    """Everybody who ever had a number, by opaque reference, and who stood in contract for it."""
    from sekisho.registers.identities import queries

    held = [*queries.holders_of("number", number), *queries.holders_of("contracted_number", number)]
    if as_json:
        return json.dumps(
            [{"person": one.person, **_as_json(one, whole=False)} for one in held], ensure_ascii=False, indent=2
        )
    rows = [
        (KINDS.get(one.kind, one.kind), one.person, ROLES.get(one.role, one.role), _day(one.since), _day(one.until),
         EVENTS.get(one.event, one.event), EVENTS.get(one.ended_by, one.ended_by))
        for one in held
    ]  # fmt: skip
    heads = ("種類", "人", "立場", "はじまり", "おわり", "来方", "去り方")
    return (
        "\n".join(_printed([Column(title="この番号の持ち主", heads=heads, rows=rows)])) or "この番号の登録はありません"
    )


def masked(value: str) -> str:
    """The last four characters only, however long it is."""
    return f"＊＊＊＊{value[-4:]}"


def _row(one: "IdentifierInterval", at: datetime, *, whole: bool) -> tuple[str, ...]:
    how = EVENTS.get(one.event, one.event)
    gone = EVENTS.get(one.ended_by, one.ended_by)
    return (
        KINDS.get(one.kind, one.kind),
        one.value if whole else masked(one.value),
        ROLES.get(one.role, one.role),
        f"{_day(one.since)} {how}".strip(),
        f"{_day(one.until)} {gone}".strip(),
        "○" if one.holds_at(at) else "",
    )


def _events(events: "Iterable[Happened]") -> Column:
    return Column(
        title="出来事",
        heads=("参照", "日", "出来事", "書類", "相手", "状態"),
        rows=[
            (
                one.ref,
                _day(one.at),
                EVENTS.get(one.event, one.event or "登録"),
                one.document,
                "、".join(dict.fromkeys(f"{move.giver or 'なし'}→{move.taker or 'なし'}" for move in one.moves)),
                f"訂正済み（{one.reason}）" if one.replaced_at else "有効",
            )
            for one in events
        ],
    )


def _event_as_json(one: "Happened") -> dict[str, object]:
    return {
        "ref": one.ref,
        "event": one.event,
        "at": _iso(one.at),
        "document": one.document,
        "recorded_at": _iso(one.recorded_at),
        "replaced_at": _iso(one.replaced_at),
        "reason": one.reason,
        "moves": [{"from": move.giver, "to": move.taker, "role": move.role} for move in one.moves],
    }


def _as_json(one: "IdentifierInterval", *, whole: bool) -> dict[str, object]:
    return {
        "kind": one.kind,
        "value": one.value if whole else masked(one.value),
        "role": one.role,
        "since": _iso(one.since),
        "until": _iso(one.until),
        "event": one.event,
        "ended_by": one.ended_by,
    }


def _printed(tables: Iterable[Column]) -> list[str]:
    console = Console(width=140)
    with console.capture() as captured:
        for one in tables:
            if not one.rows:
                continue
            table = Table(title=one.title, title_justify="left", title_style="bold")
            for place, head in enumerate(one.heads):
                table.add_column(Text(head), no_wrap=place == 0)
            for row in one.rows:
                table.add_row(*(Text(cell) for cell in row))
            console.print(table)
    return captured.get().rstrip("\n").split("\n")


def _day(at: datetime | None) -> str:
    if at is None:
        return ""
    local = at.astimezone(TOKYO)
    return local.strftime("%Y-%m-%d" if (local.hour, local.minute, local.second) == (0, 0, 0) else "%Y-%m-%d %H:%M")


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
