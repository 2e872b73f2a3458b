"""What `sekisho retention` prints: derivations as sentences, in Japanese or English."""

import json
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING

import click

from sekisho.engine.erasure.periods import End, Keep

if TYPE_CHECKING:
    from sekisho.registers.retention.queries import Answer, Calendar, RowWhy, Why

DECIDES, ALSO, ODD = "▶", "・", "!"
WORDS = {
    "ja": {
        "until": "{until} まで（遅くとも {goes_by} に消えます）",
        "past": "期間は {until} に過ぎています（次の一斉点検で消えます）",
        "open": "終わる日はまだ決まっていません",
        "unknown": "終わる日が分かりません（分かるまで消さず、報告します）",
        "nothing": "保存する理由がありません（次の一斉点検で消えます）",
        "rows": "{label}　{item}（{role}、{rows:,}行）: {end}",
        "item": "{item}（{columns}）: {end}",
        "row": "{label} の行: {end}",
        "none": "この人の情報は、どのシステムにもありません",
        "unread": "{system} を読めないため、そこに何があるか分かりません",
        "unowned": "誰のものか分からない行なので、一斉点検では消さず、報告します",
        "impersonal": "個人情報の列がありません",
        "falling": "{since}〜{until}　{label}: {rows:,}行（{what}、{clauses}）",
        "overdue": "期限を過ぎています　{label}: {rows:,}行（{what}、{clauses}）",
        "delete": "行を消去する",
        "blank": "{columns} を空にする",
        "total": "{since} から {until} までに期限が来るもの {rows:,}行",
    },
    "en": {
        "until": "until {until} (goes on {goes_by} at the latest)",
        "past": "its period ended on {until} (the next sweep takes it)",
        "open": "no end is known yet",
        "unknown": "when it ends is not known (kept and reported until it is)",
        "nothing": "nothing keeps it (the next sweep takes it)",
        "rows": "{label}　{item} ({role}, rows: {rows:,}): {end}",
        "item": "{item} ({columns}): {end}",
        "row": "row of {label}: {end}",
        "none": "no system holds anything of this person",
        "unread": "{system} can't be read, so what it holds is not known",
        "unowned": "nobody knows whose row this is: the sweep leaves it and reports it",
        "impersonal": "no column of it is personal",
        "falling": "{since} to {until}　{label}: {rows:,} rows ({what}, {clauses})",
        "overdue": "overdue　{label}: {rows:,} rows ({what}, {clauses})",
        "delete": "rows go",
        "blank": "{columns} blanked",
        "total": "due from {since} to {until}: {rows:,} rows",
    },
}


def person(answer: "Answer", on: date, *, as_json: bool, language: str) -> None:
    """Everything held about a person."""
    words = WORDS[language]
    if as_json:
        click.echo(json.dumps([one.as_json(language) for one in answer.held], ensure_ascii=False, indent=1))
    else:
        # Items of one table that stay for the same reasons are said together.
        for (label, role, rows, said, *_), some in groupby(answer.held, lambda one: _alike(one, on, language)):
            held = list(some)
            items = ("、" if language == "ja" else ", ").join(one.item_label for one in held)
            click.echo(words["rows"].format(label=label, item=items, role=role, rows=rows, end=said))
            _derivation(held[0].keep, language)
        if not answer.held:
            click.echo(words["none"])
    for system in answer.unreadable:
        click.echo(f"{ODD} {words['unread'].format(system=system)}", err=True)


def row(found: "RowWhy", *, as_json: bool, language: str) -> None:
    """One row: what decides over it, then every item."""
    words = WORDS[language]
    if as_json:
        click.echo(json.dumps(found.as_json(language), ensure_ascii=False, indent=1))
        return
    if found.deciding is None:
        click.echo(f"{found.label}: {words['impersonal']}")
        return
    click.echo(words["row"].format(label=found.label, end=end(found.deciding, found.on, language)))
    if not found.is_owned:
        click.echo(f"   {ODD} {words['unowned']}")
    for (said, *_), some in groupby(found.items, lambda one: (end(one.keep, found.on, language), _reasons(one.keep))):
        held = list(some)
        items = ("、" if language == "ja" else ", ").join(one.label for one in held)
        columns = ("、" if language == "ja" else ", ").join(dict.fromkeys(name for one in held for name in one.columns))
        click.echo(" " + words["item"].format(item=items, columns=columns, end=said))
        _derivation(held[0].keep, language)


def calendar(found: "Calendar", *, as_json: bool, language: str) -> None:
    """What falls due, line by line; what is overdue first."""
    words = WORDS[language]
    if as_json:
        click.echo(json.dumps([one.as_json() for one in (*found.overdue, *found.lines)], ensure_ascii=False, indent=1))
    for one in () if as_json else (*found.overdue, *found.lines):
        what = words["blank"].format(columns=", ".join(one.items)) if one.columns else words["delete"]
        values = {"since": one.since, "until": one.until, "label": one.label, "rows": one.rows, "what": what}
        code = "overdue" if one.until < found.since else "falling"
        click.echo(words[code].format(**values, clauses=", ".join(one.clauses)))
    if not as_json:
        click.echo(words["total"].format(since=found.since, until=found.until, rows=found.rows))
    for system, code in found.unread:
        click.echo(f"{ODD} {words['unread'].format(system=system)} ({code})", err=True)


def end(keep: Keep, on: date, language: str) -> str:
    """When it goes, in a few words."""
    words = WORDS[language]
    if keep.end is not End.DATED:
        return words[keep.end.value]
    if keep.until is None or keep.goes_by is None:
        return words["nothing" if keep.until is None else "open"]
    return words["past" if on > keep.until else "until"].format(until=keep.until, goes_by=keep.goes_by)


def _alike(one: "Why", on: date, language: str) -> tuple[object, ...]:
    return one.label, one.role_label, one.rows, end(one.keep, on, language), _reasons(one.keep)


def _reasons(keep: Keep) -> tuple[str, ...]:
    return tuple(reason.told() for reason in keep.because) + tuple(odd.told() for odd in keep.contradictions)


def _derivation(keep: Keep, language: str) -> None:
    for index, reason in enumerate(keep.because):
        click.echo(f"   {ALSO if index else DECIDES} {reason.told(language)}")
    for odd in keep.contradictions:
        click.echo(f"   {ODD} {odd.told(language)}")
