"""Gathering what every system holds for an answer, and going through what in it is somebody else's."""

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from sekisho.casework.subject_requests import queries, rules
from sekisho.casework.subject_requests.actions import scans
from sekisho.casework.subject_requests.models import CaseAnswer, GatheredSystem, Gathering, Redaction, SubjectRequest
from sekisho.casework.subject_requests.queries.gathering import Gathered, gathered, gathering_of
from sekisho.casework.subject_requests.queries.gathering_protected import guard_for, guarded
from sekisho.casework.subject_requests.queries.gathering_reading import read
from sekisho.casework.subject_requests.queries.sealed import box
from sekisho.casework.subject_requests.rules.answering import AnswerState
from sekisho.casework.subject_requests.rules.gathering import Closed, RedactionState, gathering_words
from sekisho.casework.subject_requests.rules.gathering_packing import Packer, Rows, decoded
from sekisho.casework.subject_requests.rules.gathering_protected import PROTECTED
from sekisho.casework.subject_requests.rules.gathering_read import Read, ReadTable
from sekisho.casework.subject_requests.rules.gathering_text import CLERK
from sekisho.engine.errors import SekishoError
from sekisho.evidence import actions as evidence
from sekisho.evidence.writing import writing

Place = tuple[str, str, str, str, int, int]  # system, table, fingerprint of the row, column, start, end
MANY = 500  # redactions written at once


@dataclass(frozen=True, slots=True)
class _Decided:
    """What somebody decided about a place in the gathering before."""

    value: str  # what stood there, as it then was
    why: str
    state: str
    reason: str
    by: str
    at: datetime


def gather(*, reference: str, at: datetime, acting_user: str, in_full: bool = False) -> str:
    """Ask every system what it holds of the person of a case, and seal what it said; returns the gathering's reference.

    Decisions about redactions stand again where the row and the text are as they were. `in_full`: called numbers whole,
    as the person asked. Evidence: `request.gathered`.
    Raises: requests.unknown-case, requests.case-closed, requests.person-unknown, requests.identity-not-checked.
    """
    case = queries.case(reference)
    _require_ready(case)
    found = read(case.person, at, key=scans.desk_key(), in_full=in_full, besides=reference)
    guard = guard_for(reference, is_strict=False)  # what can't be read now is read before the answer leaves
    found = replace(found, tables=tuple(guarded(one, guard) for one in found.tables))
    before = gathering_of(reference)
    decided = dict(_decided(gathered(before))) if before and _is_there(before) else {}
    packer = Packer()
    for number, table in enumerate(found.tables):
        packer.add(number, (row.line for row in table.rows))
    content = packer.packed(_head(found, in_full=in_full))
    with writing():
        _require_ready(queries.case(reference))
        request = SubjectRequest.objects.select_for_update().get(reference=reference)
        ref = f"{reference}-G{request.gatherings.count() + 1}"
        sha256 = hashlib.sha256(content).hexdigest()
        row = Gathering.objects.create(ref=ref, request=request, sha256=sha256, made_by=acting_user, made_at=at)
        GatheredSystem.objects.bulk_create(
            GatheredSystem(gathering=row, system=one.system, state=one.state.value, code=one.code, rows=one.rows)
            for one in found.systems
        )
        Redaction.objects.bulk_create(_redactions(row, found, decided), batch_size=MANY)
        _note_reviewed(row, acting_user, at)
        scans.seal(ref, content)
        evidence.append(
            kind="request.gathered",
            body={
                "request": reference,
                "gathering": ref,
                "sha256": sha256,
                "systems": {one.system: one.state.value for one in found.systems},
                "by": acting_user,
            },
            at=at,
        )
    _let_go_of_earlier(reference, ref)
    return ref


def decide_redaction(
    *,
    ref: str,
    number: int,
    keep: bool,
    at: datetime,
    acting_user: str,
    reason: str = "",
    seen: RedactionState | None = None,
    is_officer: bool = False,
) -> None:
    """Keep a redaction black, or lift it with a reason (a key of `lifting` in gathering.toml).

    The whereabouts of a protected person are lifted by an officer only.

    `seen`: the state the clerk looked at; another's decision meanwhile is not overwritten unseen. The same again is a
    no-op. Evidence: `request.redaction-decided`.
    Raises: requests.unknown-gathering, requests.case-closed, requests.unknown-redaction, requests.redaction-decided,
    requests.lifting-reason, requests.answer-on-its-way, requests.protected-officer.
    """
    state = RedactionState.KEPT if keep else RedactionState.LIFTED
    if not keep and reason not in gathering_words()["lifting"]:
        known = ", ".join(gathering_words()["lifting"])
        raise SekishoError("requests.lifting-reason", room=rules.ROOM, known=known)
    with writing():
        row = _open(ref)
        one = _numbered(row, number)
        if seen is not None and RedactionState(one.state) is not seen:
            raise SekishoError("requests.redaction-decided", room=rules.ROOM, ref=ref, number=number)
        if not keep and one.why == PROTECTED and not is_officer:
            raise SekishoError("requests.protected-officer", room=rules.ROOM, ref=ref, number=number)
        why = "" if keep else reason
        if (one.state, one.reason) == (state.value, why):
            return
        one.state, one.reason, one.decided_by, one.decided_at = state.value, why, acting_user, at
        one.save(update_fields=["state", "reason", "decided_by", "decided_at"])
        _note_reviewed(row, acting_user, at)
        evidence.append(
            kind="request.redaction-decided",
            body={"gathering": ref, "number": number, "state": state.value, "reason": why, "by": acting_user},
            at=at,
        )


def add_redaction(
    *, ref: str, section: int, row: int, column: str, start: int, end: int, at: datetime, acting_user: str
) -> int:
    """Black out what a clerk marked in a text (or, where it is no text, the whole value); returns its number.

    Evidence: `request.redaction-added`. Raises: requests.unknown-gathering, requests.case-closed,
    requests.nothing-marked, requests.answer-on-its-way.
    """
    found = gathered(ref)
    _require_marked(found, section, row, column, start, end)
    with writing():
        kept = _open(ref)
        place = {"section": section, "row": row, "column": column, "start": start, "end": end}
        same = kept.redactions.filter(**place, state=RedactionState.KEPT.value).first()
        if same is None:
            same = Redaction.objects.create(
                gathering=kept,
                **place,
                why=CLERK,
                state=RedactionState.KEPT.value,
                decided_by=acting_user,
                decided_at=at,
            )
            number = kept.redactions.filter(id__lte=same.pk).count()
            evidence.append(
                kind="request.redaction-added", body={"gathering": ref, "number": number, "by": acting_user}, at=at
            )
        return kept.redactions.filter(id__lte=same.pk).count()


def _require_ready(case: rules.Case) -> None:
    rules.require_open(case)
    rules.require_person(case)
    if case.identity_checked_at is None:
        raise SekishoError("requests.identity-not-checked", room=rules.ROOM, reference=case.reference)


def _open(ref: str) -> Gathering:
    """A gathering that may still change: of an open case, and no answer made of it is on its way."""
    row = Gathering.objects.select_for_update().filter(ref=ref).first()
    if row is None:
        raise SekishoError("requests.unknown-gathering", room=rules.ROOM, ref=ref)
    rules.require_open(queries.case(row.request.reference))
    if row.caseanswer_set.filter(state__in=(AnswerState.APPROVED.value, AnswerState.SENT.value)).exists():
        raise SekishoError("requests.answer-on-its-way", room=rules.ROOM, ref=ref)
    return row


def _numbered(row: Gathering, number: int) -> Redaction:
    rows = Redaction.objects.filter(gathering=row).order_by("id")
    found: Redaction | None = rows[number - 1 : number].first() if number > 0 else None
    if found is None:
        raise SekishoError("requests.unknown-redaction", room=rules.ROOM, ref=row.ref, number=number)
    return found


def _note_reviewed(row: Gathering, by: str, at: datetime) -> None:
    """Who decided the last of them, once none waits."""
    waiting = row.redactions.filter(state=RedactionState.PROPOSED.value).exists()
    row.reviewed_by, row.reviewed_at = ("", None) if waiting else (by, at)
    row.save(update_fields=["reviewed_by", "reviewed_at"])


def _require_marked(found: Gathered, section: int, row: int, column: str, start: int, end: int) -> None:
    sections = [one for one in found.sections if one.number == section]
    places = {one.name: place for place, one in enumerate(sections[0].columns)} if sections else {}
    if column in places and 0 <= row < len(sections[0].rows):
        value = sections[0].rows[row][places[column]]
        size = len(value) if isinstance(value, str | bytes) else 1
        if value is not None and not isinstance(value, Closed) and 0 <= start < end <= size:
            return
    raise SekishoError("requests.nothing-marked", room=rules.ROOM, ref=found.ref)


def _head(found: Read, *, in_full: bool) -> dict[str, Any]:
    return {
        "in_full": in_full,
        "lines": found.lines,
        "unclear": found.unclear,
        "systems": [{"system": one.system, "label": [one.label.ja, one.label.en]} for one in found.systems],
        "sections": [_section(one) for one in found.tables],
    }


def _section(one: ReadTable) -> dict[str, Any]:
    columns = [
        asdict(column)
        | {
            "label": [column.label.ja, column.label.en],
            "labels": {code: [text.ja, text.en] for code, text in column.labels.items()},
        }
        for column in one.columns
    ]
    return {
        "system": one.system,
        "table": one.table,
        "system_label": [one.system_label.ja, one.system_label.en],
        "label": [one.label.ja, one.label.en],
        "classes": one.classes,
        "columns": columns,
        "rows": len(one.rows),
    }


def _decided(before: Gathered) -> Iterator[tuple[Place, _Decided]]:
    """What was decided in the gathering before, by place, with the value it was decided about."""
    for one in before.redactions:
        if one.state is RedactionState.PROPOSED or one.decided_at is None:
            continue
        section = before.sections[one.section]
        places = {column.name: place for place, column in enumerate(section.columns)}
        fingerprint = section.rows.fingerprint(one.row) if isinstance(section.rows, Rows) else ""
        value = str(section.rows[one.row][places[one.column]])
        place = (section.system, section.table, fingerprint, one.column, one.start, one.end)
        yield place, _Decided(value, one.why, one.state.value, one.reason, one.decided_by, one.decided_at)


def _redactions(row: Gathering, found: Read, decided: dict[Place, _Decided]) -> Iterator[Redaction]:
    """Those proposed, each as it was decided before where nothing changed; then those a clerk had added."""
    by_row: dict[tuple[str, str, str], list[tuple[Place, _Decided]]] = {}
    for place, one in decided.items():
        by_row.setdefault(place[:3], []).append((place, one))
    for section, table in enumerate(found.tables):
        for index, read_row in enumerate(table.rows):
            known = by_row.get((table.system, table.table, read_row.fingerprint), [])
            if not known and not read_row.spans:
                continue
            values = _texts(table, read_row.line)
            standing = {place[3:]: one for place, one in known if values.get(place[3]) == one.value}
            for column, span in read_row.spans:
                spot = (column, span.start, span.end)
                yield _redaction(row, section, index, spot, span.why, _still(standing.pop(spot, None), span.why))
            for spot, one in standing.items():
                if one.state == RedactionState.KEPT.value:  # added by a clerk, or proposed then: still black
                    yield _redaction(row, section, index, spot, one.why, one)


def _still(one: _Decided | None, why: str) -> _Decided | None:
    """The decision before, unless a clerk opened what is an officer's to open now."""
    opened = one is not None and one.state == RedactionState.LIFTED.value and one.why != PROTECTED
    return None if opened and why == PROTECTED else one


def _texts(table: ReadTable, line: bytes) -> dict[str, str]:
    _, values = decoded(line)
    return {column.name: str(value) for column, value in zip(table.columns, values, strict=True)}


def _redaction(
    row: Gathering, section: int, index: int, spot: tuple[str, int, int], why: str, one: _Decided | None
) -> Redaction:
    column, start, end = spot
    made = Redaction(gathering=row, section=section, row=index, column=column, start=start, end=end, why=why)
    if one is not None:
        made.state, made.reason, made.decided_by, made.decided_at = one.state, one.reason, one.by, one.at
    return made


def _is_there(ref: str) -> bool:
    """Whether an earlier gathering can still be read: it may have been destroyed meanwhile."""
    return box(ref).exists()


def _let_go_of_earlier(reference: str, ref: str) -> None:
    """Earlier gatherings no answer rests on are destroyed: what was found stands in one place."""
    earlier = Gathering.objects.filter(request__reference=reference).exclude(ref=ref)
    for one in earlier.exclude(caseanswer__in=_living_answers(reference)):
        scans.destroy_pages(one.ref)


def _living_answers(reference: str) -> "QuerySet[CaseAnswer]":
    return CaseAnswer.objects.filter(request__reference=reference).exclude(state=AnswerState.WITHDRAWN.value)
