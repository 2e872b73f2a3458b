"""Free text in which a value that was put right still stands: a clerk decides cell by cell, the store is written, read again.

The decision is durable before the store is touched: who goes on after a crash writes what was agreed, and nothing else.
"""

from collections.abc import Callable
from datetime import datetime

from sekisho.casework.subject_requests import rules
from sekisho.casework.subject_requests.actions import scans
from sekisho.casework.subject_requests.actions.correcting import granted_corrections, let_go_of_copies
from sekisho.casework.subject_requests.models import CaseEffect, CaseText
from sekisho.casework.subject_requests.queries.texts import Cell, cells, decisions_of
from sekisho.casework.subject_requests.rules.answering import EffectKind, TextState
from sekisho.casework.subject_requests.rules.effects import Correction, effects
from sekisho.casework.subject_requests.rules.effects_texts import Mender
from sekisho.engine.errors import SekishoError
from sekisho.evidence import actions as evidence
from sekisho.evidence.writing import writing
from sekisho.registers.datamap import queries as datamap

Reached = Callable[[str], None]
WAIT, BY_HAND = "requests.texts-wait", "requests.texts-by-hand"
UNREACHABLE = "connector.unreachable"


def open_texts(*, answer_ref: str, account: str, at: datetime) -> tuple[tuple[Cell, ...], tuple[tuple[str, str], ...]]:
    """The cells a clerk still has to decide of, and the tables that did not answer with the code each gave.

    Only while something waits. Evidence: `request.texts-opened`. Raises: requests.scan-gone.
    """
    found, away = list[Cell](), list[tuple[str, str]]()
    rows = _waiting(answer_ref)
    for row in rows:
        mender = Mender(granted_corrections(row.answer))
        try:
            found += undecided(row, row.answer.request.person_ref, mender)
        except (SekishoError, OSError) as fault:
            away.append((row.target, getattr(fault, "code", UNREACHABLE)))
    if rows:
        with writing():
            body = {"answer": answer_ref, "cells": len(found), "by": account}
            evidence.append(kind="request.texts-opened", body=body, at=at)
    return tuple(found), tuple(away)


def decide_text(
    *, answer_ref: str, target: str, mark: str, correct: bool, reason: str = "", at: datetime, acting_user: str
) -> None:
    """Agree that a cell is put right, or keep it with a reason (key of `texts.keeping`). What was agreed is done by the effect.

    Evidence: `request.text-decided`. Raises: requests.unknown-text, requests.keeping-reason, requests.text-decided.
    """
    if not correct and reason not in effects()["texts"]["keeping"]:
        raise SekishoError("requests.keeping-reason", room=rules.ROOM, known=", ".join(effects()["texts"]["keeping"]))
    row = next((one for one in _waiting(answer_ref) if one.target == target), None)
    if row is None:
        raise SekishoError("requests.unknown-text", room=rules.ROOM, ref=answer_ref)
    mender = Mender(granted_corrections(row.answer))
    standing = {one.mark for one in cells(target, row.answer.request.person_ref, mender, scans.desk_key())}
    if mark not in standing:
        raise SekishoError("requests.unknown-text", room=rules.ROOM, ref=answer_ref)
    state, why = (TextState.AGREED, "") if correct else (TextState.KEPT, reason)
    with writing():
        CaseEffect.objects.select_for_update().get(pk=row.pk)
        known = CaseText.objects.filter(effect=row, mark=mark).first()
        if known is not None and (known.state, known.reason) == (state.value, why):
            return
        if known is not None and known.state != TextState.BY_HAND.value:
            raise SekishoError("requests.text-decided", room=rules.ROOM, ref=answer_ref)
        CaseText.objects.update_or_create(
            effect=row,
            mark=mark,
            defaults={"state": state.value, "reason": why, "code": "", "decided_by": acting_user, "decided_at": at},
        )
        body = {"answer": answer_ref, "target": target, "mark": mark, "state": state.value, "reason": why}
        evidence.append(kind="request.text-decided", body=body | {"by": acting_user}, at=at)


def carry_out(
    row: CaseEffect,
    *,
    person: str,
    corrections: tuple[Correction, ...],
    at: datetime,
    acting_user: str,
    reached: Reached,
) -> str:
    """Write what was agreed and read it again; what still waits as a code, empty where nothing does. A repeat changes nothing.

    Evidence: `request.text-corrected` or `request.text-refused` for each. Raises what the store raises.
    """
    mender = Mender(corrections)
    if not mender:
        return ""
    agreed = dict(row.texts.filter(state=TextState.AGREED.value).values_list("mark", "pk"))
    if agreed:
        standing = {one.mark: one for one in cells(row.target, person, mender, scans.desk_key())}
        for mark, pk in agreed.items():
            code = _written(standing[mark], mender) if mark in standing else ""
            reached(f"text {row.target}")
            _note(row, pk, mark, code, at, acting_user)
        let_go_of_copies(person=person, at=at)
    left = undecided(row, person, mender)
    if not left:
        return ""
    refused = {mark for mark, one in decisions_of(row.answer.ref, row.target).items() if one.code}
    return BY_HAND if all(one.by_hand or one.mark in refused for one in left) else WAIT


def undecided(row: CaseEffect, person: str, mender: Mender) -> list[Cell]:
    """The cells of an effect in which a wrong value stands and that nobody kept."""
    kept = set(row.texts.filter(state=TextState.KEPT.value).values_list("mark", flat=True))
    return [one for one in cells(row.target, person, mender, scans.desk_key()) if one.mark not in kept]


def _written(cell: Cell, mender: Mender) -> str:
    """Write the right value into one cell; the code of what the store said against it."""
    system, _dot, name = cell.target.partition(".")
    if cell.by_hand:
        return BY_HAND
    source = datamap.open_source(system)
    try:
        key = datamap.system(system).tables[name].key
        source.rewrite_text(name, cell.column, key, {cell.key: mender.mended(cell.text, cell.written_on)})
    except SekishoError as refusal:
        if refusal.code not in effects()["texts"]["refusals"]:
            raise  # another turn may come through
        return refusal.code
    finally:
        source.close()
    return ""


def _note(row: CaseEffect, pk: int, mark: str, code: str, at: datetime, acting_user: str) -> None:
    state = TextState.BY_HAND if code else TextState.CORRECTED
    with writing():
        row.texts.filter(pk=pk).update(state=state.value, code=code[:64])
        body = {"answer": row.answer.ref, "target": row.target, "mark": mark, "code": code, "by": acting_user}
        evidence.append(kind="request.text-refused" if code else "request.text-corrected", body=body, at=at)


def _waiting(answer_ref: str) -> tuple[CaseEffect, ...]:
    rows = CaseEffect.objects.filter(answer__ref=answer_ref, kind=EffectKind.TEXTS.value).exclude(state="done")
    return tuple(rows.select_related("answer__request").order_by("id"))
