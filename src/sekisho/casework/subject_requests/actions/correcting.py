"""What a person asks to have put right: recorded sealed, written into every copy, and read again to see that it is."""

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime
from hashlib import sha256

from sekisho.casework.subject_requests import queries, rules
from sekisho.casework.subject_requests.actions import scans
from sekisho.casework.subject_requests.models import CaseAnswer, CaseCorrection, SubjectRequest
from sekisho.casework.subject_requests.queries.effects import Key, wrong_in
from sekisho.casework.subject_requests.rules.effects import GRANTED, Correction
from sekisho.connectors.source import Source
from sekisho.connectors.values import DATE
from sekisho.engine.catalog.model import Table
from sekisho.engine.errors import SekishoError
from sekisho.evidence import actions as evidence
from sekisho.evidence.writing import writing
from sekisho.registers.datamap import queries as datamap
from sekisho.registers.identities import actions as identities
from sekisho.registers.identities import queries as people
from sekisho.registers.lists import actions as lists
from sekisho.registers.policies import queries as policies
from sekisho.registers.projections import actions as projections

KIND = "correction"
NAME, KANA = "name", "kana"
Reached = Callable[[str], None]


def record_correction(*, reference: str, correction: Correction, at: datetime, acting_user: str) -> str:
    """Note what is wrong and what is right, sealed; returns its reference. Evidence: `request.correction-recorded`.

    Raises: requests.case-closed, requests.person-unknown, requests.not-a-correction, requests.unknown-field,
    requests.nothing-to-correct.
    """
    case = queries.case(reference)
    rules.require_open(case)
    rules.require_person(case)
    if case.kind != KIND:
        raise SekishoError("requests.not-a-correction", room=rules.ROOM, reference=reference)
    _require_sensible(correction, at)
    content = _packed(correction)
    with writing():
        row = SubjectRequest.objects.select_for_update().get(reference=reference)
        ref = f"{reference}-C{CaseCorrection.objects.filter(request=row).count() + 1}"
        scans.seal(ref, content)
        made = CaseCorrection.objects.create(
            ref=ref,
            request=row,
            item=correction.item,
            happened=correction.happened,
            sha256=sha256(content).hexdigest(),
            recorded_by=acting_user,
            recorded_at=at,
        )
        body = {"request": reference, "correction": ref, "item": correction.item, "sha256": made.sha256}
        evidence.append(kind="request.correction-recorded", body=body | {"by": acting_user}, at=at)
    return ref


def drop_correction(*, ref: str, at: datetime, acting_user: str) -> None:
    """A correction was recorded by mistake. Evidence: `request.correction-dropped`. Raises: requests.unknown-correction."""
    with writing():
        row = CaseCorrection.objects.select_for_update().filter(ref=ref, dropped_at=None).first()
        if row is None:
            raise SekishoError("requests.unknown-correction", room=rules.ROOM, ref=ref)
        rules.require_open(queries.case(row.request.reference))
        row.dropped_at = at
        row.save(update_fields=["dropped_at"])
        evidence.append(kind="request.correction-dropped", body={"correction": ref, "by": acting_user}, at=at)
    scans.destroy_pages(ref)


def open_corrections(reference: str) -> tuple[Correction, ...]:
    """What is wrong and right in a case, unsealed: for the page of the case, the letter, and the writing itself.

    Raises: requests.scan-gone.
    """
    return tuple(_unpacked(scans.unseal(one.ref)) for one in queries.corrections_of(reference))


def granted_corrections(answer: CaseAnswer) -> tuple[Correction, ...]:
    """What an answer promised to put right: of what was recorded, what was granted. Raises: requests.scan-gone."""
    granted = {str(line.get("item", "")) for line in answer.lines if line.get("answer") == GRANTED}
    return tuple(
        one
        for one in open_corrections(answer.request.reference)
        if one.item in granted or one.item.partition(".")[0] in granted
    )


def correct_table(*, place: str, person: str, corrections: tuple[Correction, ...], reached: Reached) -> None:
    """Write the right values into one table and read it again. A repeat changes nothing.

    Raises: what the store refuses; requests.still-wrong where the wrong value can still be read.
    """
    system, _, name = place.partition(".")
    source = datamap.open_source(system)
    try:
        table = datamap.system(system).tables[name]
        for one in corrections:
            for column, keys in wrong_in(source, system, table, person, one).items():
                _write(source, table, column, keys, one)
                reached(f"wrote {place}.{column}")
    finally:
        source.close()
    again = datamap.open_source(system)  # another connection: what it reads is what everybody reads
    try:
        if any(wrong_in(again, system, table, person, one) for one in corrections):
            raise SekishoError("requests.still-wrong", room=rules.ROOM, place=place)
    finally:
        again.close()


def correct_register(
    *, person: str, corrections: tuple[Correction, ...], at: datetime, acting_user: str, reached: Reached
) -> None:
    """The identities register: a changed name as an event, anything else as a value that was never right."""
    for one in corrections:
        if one.happened is not None and one.field in (NAME, KANA):
            continue
        identities.put_right(
            person=person, field=one.field, wrong=one.wrong, right=one.right, at=at, acting_user=acting_user
        )
        reached(f"register {one.field}")
    _rename(person, corrections, at, acting_user)


def let_go_of_copies(*, person: str, at: datetime) -> None:
    """What we ourselves made of the stores goes: the next use builds it from what is right now."""
    projections.drop_for(person=person, at=at)
    lists.drop_for(person=person, at=at)


def _write(source: Source, table: Table, column: str, keys: list[Key], one: Correction) -> None:
    if not table.key:
        raise SekishoError("requests.no-key", room=rules.ROOM, place=table.name)
    source.rewrite_text(table.name, column, table.key, dict.fromkeys(keys, one.right))


def _rename(person: str, corrections: tuple[Correction, ...], at: datetime, acting_user: str) -> None:
    changed = {one.field: one for one in corrections if one.happened is not None and one.field in (NAME, KANA)}
    if not changed or not people.is_person(person):
        return
    names = people.names_of(person)
    last = names[-1] if names else None
    told = next(iter(changed.values()))
    if told.happened is None:
        return
    name = changed[NAME].right if NAME in changed else (last.name if last else "")
    kana = changed[KANA].right if KANA in changed else (last.kana if last else "")
    if last is not None and (last.name, last.kana) == (name, kana):
        return
    identities.rename(
        person=person,
        name=name,
        kana=kana,
        told=identities.Recorded(
            happened=identities.midnight(told.happened), at=at, document=told.document, acting_user=acting_user
        ),
    )


def _require_sensible(one: Correction, at: datetime) -> None:
    policy = policies.in_force(at)
    class_, _, field = one.item.partition(".")
    if class_ not in policy.classes or field not in policy.classes[class_].fields:
        raise SekishoError("requests.unknown-field", room=rules.ROOM, item=one.item if one.item.isascii() else "?")
    if not one.wrong.strip() or one.wrong == one.right or _is_bad_day(one):
        raise SekishoError("requests.nothing-to-correct", room=rules.ROOM, item=one.item)


def _is_bad_day(one: Correction) -> bool:
    """Whether the field is a day somewhere and the right value is none."""
    columns = (
        column
        for system in datamap.current().systems.values()
        for table in system.tables.values()
        for column in table.columns.values()
        if one.item in column.items and column.type == DATE
    )
    if next(columns, None) is None:
        return False
    try:
        date.fromisoformat(one.right)
        date.fromisoformat(one.wrong)
    except ValueError:
        return True
    return False


def _packed(one: Correction) -> bytes:
    told = asdict(one) | {"happened": one.happened.isoformat() if one.happened else None}
    return json.dumps(told, ensure_ascii=False, sort_keys=True).encode()


def _unpacked(content: bytes) -> Correction:
    told = json.loads(content)
    happened = told.pop("happened")
    return Correction(**told, happened=date.fromisoformat(happened) if happened else None)
