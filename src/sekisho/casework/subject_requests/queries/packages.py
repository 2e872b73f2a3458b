"""What leaves as one file: the letter, and for an electronic answer the same as JSON and CSV with a page that explains them.

The same answer at the same instant is the same bytes, so that two people can mean exactly these.
"""

import base64
import csv
import io
import json
import unicodedata
import zipfile
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sekisho.casework.subject_requests.queries.answer_letters import (
    Sheet,
    SheetColumn,
    Told,
    answer_letter,
    told_cell,
    told_why,
)
from sekisho.casework.subject_requests.queries.forms import operator_of, request_desk
from sekisho.casework.subject_requests.queries.gathering_images import with_attached
from sekisho.casework.subject_requests.queries.letters import said, words_of
from sekisho.casework.subject_requests.rules.answering_lines import answering
from sekisho.casework.subject_requests.rules.gathering import Closed, Value
from sekisho.casework.subject_requests.rules.gathering_images import Attached
from sekisho.engine.japanese.tokyo import TOKYO, tokyo_date
from sekisho.engine.law.pack import law
from sekisho.registers.policies import queries as policies

FORMAT = "sekisho-answer-1"
ELECTRONIC = "electronic"
NO_DAY = (1980, 1, 1, 0, 0, 0)
FORMULA = frozenset("=+-@")  # what a spreadsheet may take for a formula (also after a blank)


def files_of(told: Told, *, at: datetime) -> dict[str, bytes]:
    """What leaves, by name: on paper the letter, with pictures to be printed beside it. Raises: connector.sign-missing, …"""
    names: Mapping[str, str] = answering()["package"][told.language]
    told, images = with_attached(told)
    files = {names["letter"]: answer_letter(told, at=at), **images}
    if told.reply != ELECTRONIC:
        return files
    files[names["data"]] = _json(told, at)
    for number, sheet in enumerate(told.sheets, 1):
        files[f"{names['tables']}/{number:02}_{sheet.id}.csv"] = _csv(sheet, told.language)
    files[names["readme"]] = _readme(told, names, at)
    return files


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Files as one, in order of their names; nothing in it tells when or where it was made."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, NO_DAY)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, files[name], zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def unzipped(content: bytes) -> dict[str, bytes]:
    """The files again."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def letter_name(files: Iterable[str]) -> str:
    """What the letter among them is called."""
    return next(name for name in sorted(files) if name.endswith(".pdf"))


def fingerprints(files: Mapping[str, bytes]) -> list[dict[str, object]]:
    """Name and SHA-256 of each."""
    return [{"name": name, "sha256": sha256(files[name]).hexdigest()} for name in sorted(files)]


def neutral(text: str) -> str:
    """A text that no spreadsheet takes for a formula: `'` before what begins like one, in any width."""
    narrow = unicodedata.normalize("NFKC", text).lstrip()
    return f"'{text}" if text.startswith(("\t", "\r", "\n")) or narrow[:1] in FORMULA else text


def _json(told: Told, at: datetime) -> bytes:
    known, language = law(tokyo_date(at)), told.language
    body: dict[str, Any] = {
        "format": FORMAT,
        "request": told.reference,
        "answer": told.answer,
        "kind": told.kind,
        "kind_name": known.request(told.kind).name(language),
        "operator": said(policies.in_force(at).operator.name, language),
        "on": tokyo_date(at).isoformat(),
        "outcome": told.outcome.value,
        "complete": told.is_complete,
        "statement": list(told.statement),
        "lines": [
            {
                "item": line.item,
                "label": said(line.label, language),
                "where": said(line.where, language),
                "answer": line.answer.value,
                "effect": line.effect,
                **({"purposes": [said(one, language) for one in line.stops]} if line.stops else {}),
            }
            | (dict(zip(("why", "rests_on"), told_why(line, language), strict=True)) if not line.is_granted else {})
            for line in told.lines
            if line.is_asked
        ],
        "purposes": [
            {"item": one.item, "label": said(one.label, language), "purposes": [said(text, language) for text, _ in one.purposes]}
            for one in told.purposes
        ],
        "corrections": [
            {
                "item": one.item,
                "until_now": one.wrong,
                "from_now": one.right,
                "happened": one.happened.isoformat() if one.happened else None,
            }
            for one in told.corrections
        ],
        "sections": [
            {
                "id": sheet.id,
                "label": said(sheet.label, language),
                "where": said(sheet.where, language),
                "columns": [
                    {"name": one.name, "label": said(one.label, language), "type": one.type, "items": list(one.items)}
                    | ({"values": {code: said(text, language) for code, text in one.coding.labels.items()}} if one.coding.labels else {})
                    for one in sheet.columns
                ],
                "rows": [[_plain(value) for value in row] for row in sheet.rows],
            }
            for sheet in told.sheets
        ],
    }  # fmt: skip
    return json.dumps(body, ensure_ascii=False, indent=1).encode()


def _plain(value: Value) -> object:
    match value:
        case Closed():
            return {"left_out": value.why}
        case datetime():
            return (value.astimezone(TOKYO) if value.tzinfo else value).isoformat()
        case date():
            return value.isoformat()
        case Attached():
            return {"file": value.name, "bytes": value.size, "sha256": value.sha256}
        case bytes():
            return {"base64": base64.b64encode(value).decode()}
        case _:
            return value


def _csv(sheet: Sheet, language: str) -> bytes:
    """UTF-8 with its mark at the front: without it Excel in Japan reads Shift_JIS, and rare names are lost."""
    words, text = words_of(language)["answer"], io.StringIO()
    rows = csv.writer(text)
    rows.writerow([neutral(said(column.label, language)) for column in sheet.columns])
    for row in sheet.rows:
        rows.writerow(_cells(sheet.columns, row, language, words))
    return text.getvalue().encode("utf-8-sig")


def _cells(
    columns: Iterable[SheetColumn], row: Iterable[Value], language: str, words: Mapping[str, Any]
) -> list[object]:
    return [
        value if _is_number(value) and not column.coding.labels else neutral(told_cell(column, value, language, words))
        for column, value in zip(columns, row, strict=True)
    ]


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _readme(told: Told, names: Mapping[str, str], at: datetime) -> bytes:
    words, language, policy = words_of(told.language), told.language, policies.in_force(at)
    desk = request_desk(policy)
    text: str = words["package"]["readme"].format(
        operator=operator_of(policy, language),
        kind=law(tokyo_date(at)).request(told.kind).name(language),
        reference=told.reference,
        complete="\n".join(f"・{line}" for line in told.statement),
        desk=said(desk.label, language) if desk else "",
        phone=(desk.phone if desk else None) or "",
        **names,
    )
    return text.strip().replace("\n", "\r\n").encode("utf-8-sig")
