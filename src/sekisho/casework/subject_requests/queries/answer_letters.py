"""The letter of an answer: what is done, what is not and why, how far one looked, and what is disclosed as its annex."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sekisho.casework.subject_requests.queries.letters import (
    Recipient,
    Writing,
    named_of,
    said,
    set_letter,
    told_day,
    words_of,
)
from sekisho.casework.subject_requests.queries.telling import PurposeLine
from sekisho.casework.subject_requests.rules import Outcome
from sekisho.casework.subject_requests.rules.answering_lines import LIMIT, STOP, AnswerLine
from sekisho.casework.subject_requests.rules.effects import Correction
from sekisho.casework.subject_requests.rules.gathering import Closed, Value
from sekisho.casework.subject_requests.rules.gathering import words_of as closed_words
from sekisho.casework.subject_requests.rules.gathering_codes import Coding, coded
from sekisho.casework.subject_requests.rules.gathering_images import Attached
from sekisho.casework.subject_requests.rules.sheets import folded, widths
from sekisho.connectors.signs import shown
from sekisho.engine.japanese.tokyo import TOKYO, tokyo_date
from sekisho.engine.policy.model import Text

NO_CODES = Coding(is_free_text=True)
NARROW, MOST, FEW = 5, 8, 8  # columns that stand side by side at ease, at all; rows that are told one by one
AT_ALL = 11  # columns of a table so long that one block a row would fill a ream
LONG = re.compile(r"[!-~]{15,}")
BLACK = "■■■"
KEPT = (STOP, LIMIT)  # what becomes of a line that is not erased
REDACTED = Closed("redacted")


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetColumn:
    """A column of a sheet. `items`: the classes or fields of the policy it holds."""

    name: str
    label: Text
    type: str = ""
    items: tuple[str, ...] = ()
    coding: Coding = NO_CODES


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table that is disclosed."""

    id: str  # system.table
    label: Text
    where: Text
    columns: tuple[SheetColumn, ...]
    rows: Sequence[tuple[Value, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Everything an answer says."""

    reference: str
    answer: str
    kind: str
    letter: str  # a table of letters.*.toml
    outcome: Outcome
    reply: str
    to: Recipient
    language: str
    lines: tuple[AnswerLine, ...]
    sheets: tuple[Sheet, ...] = ()
    corrections: tuple[Correction, ...] = ()
    purposes: tuple[PurposeLine, ...] = ()
    fields: Mapping[str, Text]  # names of the items corrections are about
    statement: tuple[str, ...]
    is_complete: bool
    for_heirs: bool = False  # the person died, and an heir is answered


def answer_letter(told: Told, *, at: datetime) -> bytes:
    """The letter with its annex as PDF. Raises: connector.sign-missing, …"""
    words = words_of(told.language)
    own, shared = _own(words[told.letter], told), words["answer"]
    tables = [*_granted(told, own, shared), *_refused(told, shared)]
    title = shared["complete_title"] if told.is_complete else shared["incomplete_title"]
    annex = _annex(told, shared) if told.sheets else {}
    if told.for_heirs:
        own = {**own, "opening": [*own["opening"], shared["to_heirs"]]}
    return set_letter(
        told.to,
        Writing(
            own=own,
            named=named_of(told.reference, tokyo_date(at), told.language),
            tables=tables,
            parts=[*_withheld(told, shared), {"title": title, "lines": list(told.statement)}],
            annex=annex,
            complain="complain_answer",
            note=words["answer_note"].format(answer=told.answer),
        ),
        at=at,
        language=told.language,
    )


def told_cell(column: SheetColumn, value: Value, language: str, words: Mapping[str, Any]) -> str:
    """A value of a column as a person reads it: a code in words."""
    means = coded(value, column.coding)
    return said(means, language) if means else told_value(value, language, words)


def told_value(value: Value, language: str, words: Mapping[str, Any]) -> str:
    """A value as a person reads it."""
    match value:
        case None:
            return ""
        case Closed():
            if value == REDACTED:
                return BLACK
            return str(words["closed"].format(why=said(closed_words("closed", value.why), language)))
        case bool():
            return str(words["yes"] if value else words["no"])
        case datetime():
            local = value.astimezone(TOKYO) if value.tzinfo else value
            return local.strftime("%Y-%m-%d %H:%M:%S")
        case date():
            return value.isoformat()
        case Attached():
            return str(words["attached"].format(name=value.name.rpartition("/")[2]))
        case bytes():
            return f"（{len(value):,} bytes）"
        case _:
            return str(value)


def told_why(line: AnswerLine, language: str) -> tuple[str, str]:
    """Why a line is refused, and on what that rests, in words."""
    words = words_of(language)["answer"]
    says = [said(one.says, language) for one in line.why]
    rests = list(dict.fromkeys(said(one.rests_on, language) for one in line.why))
    kept = [words[f"kept_{line.effect}"]] if line.effect in KEPT else []
    return words["stop_"].join([*says, *([line.reason] if line.reason else []), *kept]), words["comma"].join(rests)


def _own(own: Mapping[str, Any], told: Told) -> Mapping[str, Any]:
    """The words of this letter; where only a part is granted, its opening says so."""
    asked = [line for line in told.lines if line.is_asked]
    is_partial = any(line.is_granted for line in asked) and not all(line.is_granted for line in asked)
    return {**own, "opening": own["opening_partial"]} if is_partial and "opening_partial" in own else own


def _granted(told: Told, own: Mapping[str, Any], words: Mapping[str, Any]) -> Iterator[dict[str, object]]:
    granted = [line for line in told.lines if line.is_granted]
    title = own.get("granted_title", words["granted_title"])
    if told.corrections and granted:
        rows = [_correction(one, told, words) for one in told.corrections]
        yield _table(title, [words["item"], words["wrong"], words["right"]], rows, (2, 3, 3))
    elif told.purposes and granted:
        classes = {line.item for line in granted}
        rows = [
            [
                said(one.label, told.language),
                "\n".join(words["mark"].format(one=said(label, told.language)) for label, _clause in one.purposes)
                or words["no_purpose"],
            ]
            for one in told.purposes
            if one.item in classes
        ]
        yield _table(title, [words["what"], words["purposes"]], rows, (2, 5))
    elif granted and not told.sheets:
        rows = [
            [said(line.label, told.language), said(line.where, told.language), _done(told, line, words)]
            for line in granted
        ]
        yield _table(title, [words["what"], words["where"], words["done"]], rows, (3, 3, 2))


def _refused(told: Told, words: Mapping[str, Any]) -> Iterator[dict[str, object]]:
    rows = []
    for line in told.lines:
        if line.is_asked and not line.is_granted:
            where = said(line.where, told.language)
            label = said(line.label, told.language)
            rows.append([f"{label}\n{where}" if where else label, *told_why(line, told.language)])
    if rows:
        yield _table(words["refused_title"], [words["what"], words["why"], words["rests_on"]], rows, (2, 4, 2))


def _withheld(told: Told, words: Mapping[str, Any]) -> Iterator[dict[str, object]]:
    """Which columns of the annex are not told, and why: nobody is to find out only by reading it to its end."""
    lines = []
    for sheet in told.sheets:
        whys: dict[str, dict[str, None]] = {}
        for row in sheet.rows:
            for column, value in zip(sheet.columns, row, strict=True):
                if isinstance(value, Closed) and value != REDACTED:
                    whys.setdefault(value.why, {}).setdefault(said(column.label, told.language))
        place = _place(sheet, told.language, words)
        for why, columns in whys.items():
            told_as = said(closed_words("closed", why), told.language)
            lines.append(words["withheld"].format(place=place, columns=words["comma"].join(columns), why=told_as))
    if lines:
        yield {"title": words["withheld_title"], "lines": lines}


def _place(sheet: Sheet, language: str, words: Mapping[str, Any]) -> str:
    where, label = said(sheet.where, language), said(sheet.label, language)
    return str(words["sheet_place"].format(system=where, table=label)) if where else label


def _annex(told: Told, words: Mapping[str, Any]) -> dict[str, object]:
    sheets = [_sheet(one, told.language, words) for one in told.sheets]
    is_foreign = any("〔U+" in str(sheet) for sheet in sheets)
    title = words["records_title"] if told.letter == "record_disclosure" else words["sheets_title"]
    return {"title": title, "note": words["absent_sign"] if is_foreign else "", "sheets": sheets}


def _sheet(sheet: Sheet, language: str, words: Mapping[str, Any]) -> dict[str, object]:
    heads = [said(column.label, language) for column in sheet.columns]
    told = [
        [shown(told_cell(column, value, language, words)) for column, value in zip(sheet.columns, row, strict=True)]
        for row in sheet.rows
    ]
    found = folded(heads, told) if len(told) > FEW else folded(heads, told[:1])
    most = MOST if len(told) <= FEW else AT_ALL
    is_wide = len(found.heads) > most or (len(heads) > NARROW and len(told) <= FEW)
    made: dict[str, object] = {
        "title": _place(sheet, language, words),
        "count": words["rows"].format(n=f"{len(told):,}"),
        "wide": is_wide,
        "dense": len(found.heads) > NARROW,
        "same": "",
    }
    if not is_wide and len(told) > FEW:
        same = [words["same_one"].format(head=head, text=text or words["same_empty"]) for head, text in found.same]
        made["same"] = words["same"].format(told=words["same_join"].join(same)) if same else ""
        rows_told = [[_breakable(text) for text in row] for row in found.rows]
        return made | {"head": list(found.heads), "rows": rows_told, "widths": widths(found.heads, found.rows)}
    if not is_wide:
        rows_told = [[_breakable(text) for text in row] for row in told]
        return made | {"head": heads, "rows": rows_told, "widths": [1] * len(heads)}
    rows = [
        {
            "title": words["row_no"].format(n=number),
            "cells": [[head, text] for head, text in zip(heads, row, strict=True)],
        }
        for number, row in enumerate(told, 1)
    ]
    return made | {"rows": rows}


def _breakable(text: str) -> str:
    """A long word of a narrow column may be broken where a reader expects it; nothing is added that can be seen."""
    return LONG.sub(lambda word: re.sub(r"(?<=[@._/:-])", "\u200b", word[0]), text)


def _correction(one: Correction, told: Told, words: Mapping[str, Any]) -> list[str]:
    label = said(told.fields.get(one.item, Text(one.item)), told.language)
    since = f"\n{words['happened'].format(day=told_day(one.happened, told.language))}" if one.happened else ""
    return [label, one.wrong, (one.right or words["emptied"]) + since]


def _done(told: Told, line: AnswerLine, words: Mapping[str, Any]) -> str:
    if told.kind == "provision_stop":
        return str(words["no_provision"])
    if line.stops:
        named = "\n".join(words["mark"].format(one=said(one, told.language)) for one in line.stops)
        return f"{words['stop_for']}\n{named}"
    return str(words[STOP if line.effect == STOP else "erase"])


def _table(title: str, head: list[str], rows: Iterable[list[str]], widths: tuple[int, ...]) -> dict[str, object]:
    return {"title": title, "head": head, "rows": list(rows), "widths": widths}
