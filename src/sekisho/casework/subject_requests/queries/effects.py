"""What an answer brings about, as far as it came; where a wrong value stands; which recipients have the data."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q

from sekisho.casework.subject_requests.models import CaseAnswer, CaseCorrection, CaseEffect, RecipientWord
from sekisho.casework.subject_requests.rules import limits
from sekisho.casework.subject_requests.rules.answering import AnswerState, EffectKind, EffectState, TextState
from sekisho.casework.subject_requests.rules.effects import (
    Correction,
    columns_of,
    effects,
    kinds_of,
    same,
    tells_of_the_past,
    theirs,
)
from sekisho.connectors.source import In, Source, Test, Within
from sekisho.engine.catalog.model import DataMap, Ownership, Table
from sekisho.registers.decisions import queries as decisions
from sekisho.registers.identities import queries as identities
from sekisho.registers.lists import queries as lists
from sekisho.registers.recipients import queries as recipients
from sekisho.registers.retention.queries import told_of

Key = tuple[object, ...]
PERMIT = "permit"


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectRecord:
    """One effect of an answer. `code` says why it failed."""

    kind: EffectKind
    target: str
    state: EffectState
    code: str
    done_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionRecord:
    """One value to put right, without the values."""

    ref: str
    item: str
    happened: date | None
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WordRecord:
    """A recipient that was told. `due_on`: by when it is to say that it did the same."""

    answer: str
    recipient: str
    label: str
    letter: str  # its reference
    told_on: date
    due_on: date
    chased: int
    confirmed_on: date | None


def effects_of(answer_ref: str) -> tuple[EffectRecord, ...]:
    """The effects of one answer in order."""
    rows = CaseEffect.objects.filter(answer__ref=answer_ref).order_by("id")
    return tuple(
        EffectRecord(
            kind=EffectKind(row.kind),
            target=row.target,
            state=EffectState(row.state),
            code=row.code,
            done_at=row.done_at,
        )
        for row in rows
    )


def corrections_of(reference: str) -> tuple[CorrectionRecord, ...]:
    """What is to be put right in a case, in the order it was recorded."""
    rows = CaseCorrection.objects.filter(request__reference=reference, dropped_at=None).order_by("id")
    return tuple(CorrectionRecord(ref=row.ref, item=row.item, happened=row.happened, sha256=row.sha256) for row in rows)


def unfinished_answers() -> tuple[str, ...]:
    """Answers that are gone and that another turn brings further: also where a process died before the first.

    What waits for a clerk is not among them, unless the clerk agreed to a text that is not written yet.
    """
    agreed = Q(effects__state=EffectState.WAITING.value, effects__texts__state=TextState.AGREED.value)
    return _undone(Q(effects__state__in=_UNDONE) | agreed)


def _undone(which: Q) -> tuple[str, ...]:
    sent = CaseAnswer.objects.filter(state=AnswerState.SENT.value, request__kind__in=list(effects()["kinds"]))
    undone = set(sent.filter(which).values_list("ref", flat=True))
    bare = sent.filter(effects=None).select_related("request")
    undone |= {row.ref for row in bare if kinds_of(row.request.kind, row.lines)}
    return tuple(sorted(undone))


def has_answer(reference: str) -> bool:
    """Whether a request was answered by an answer of ours, whose effects have a clock of their own."""
    return CaseAnswer.objects.filter(request__reference=reference, state=AnswerState.SENT.value).exists()


def overdue_answers(on: date) -> tuple[str, ...]:
    """Requests whose answer has left longer ago than `limits.toml` gives, and has not brought about all it should."""
    before = on - timedelta(days=limits()["effects"]["days"])
    sent = CaseAnswer.objects.filter(state=AnswerState.SENT.value, sent_on__lt=before).select_related("request")
    undone = set(_undone(Q(effects__state__in=(*_UNDONE, EffectState.WAITING.value))))
    planned = set(
        CaseEffect.objects.filter(
            kind=EffectKind.ERASURE_PLAN.value, answer__in=sent, answer__request__certificate=""
        ).values_list("answer__ref", flat=True)
    )
    return tuple(row.request.reference for row in sent.order_by("id") if row.ref in undone | planned)


def words(*, unconfirmed_only: bool = False) -> tuple[WordRecord, ...]:
    """Recipients that were told, the earliest first."""
    rows = RecipientWord.objects.select_related("effect__answer").order_by("due_on", "id")
    if unconfirmed_only:
        rows = rows.filter(confirmed_on=None)
    return tuple(
        WordRecord(
            answer=row.effect.answer.ref,
            recipient=row.recipient,
            label=recipients.label_of(row.recipient),
            letter=letter_ref(row.effect),
            told_on=row.told_on,
            due_on=row.due_on,
            chased=row.chased,
            confirmed_on=row.confirmed_on,
        )
        for row in rows
    )


def letter_ref(row: CaseEffect) -> str:
    """The reference of the letter to a recipient: K-2026-0001-A1-R1 for the first of them."""
    before = CaseEffect.objects.filter(answer=row.answer, kind=row.kind, pk__lte=row.pk).count()
    return f"{row.answer.ref}-R{before}"


def holding_tables(datamap: DataMap, corrections: Iterable[Correction]) -> tuple[str, ...]:
    """`system.table` of every table in which one of these fields may stand, leaf stores first."""
    wanted = tuple(corrections)
    systems = sorted(datamap.systems.values(), key=lambda one: (one.erase_order, one.id))
    return tuple(
        f"{system.id}.{table.name}"
        for system in systems
        for table in system.tables.values()
        if any(columns_of(table, one.field) and not tells_of_the_past(table, one) for one in wanted)
    )


def wrong_in(source: Source, system: str, table: Table, person: str, correction: Correction) -> dict[str, list[Key]]:
    """The rows in which the wrong value stands as this person's: keys by column. Read anew every time it is asked."""
    columns = columns_of(table, correction.field)
    found: dict[str, list[Key]] = {}
    if not columns or tells_of_the_past(table, correction):
        return found
    for owner, row in rows_of(source, system, table, person):
        for column in theirs(table, owner, row, columns):
            key = tuple(row.get(name) for name in table.key)
            if same(row.get(column.name), correction.wrong) and key not in found.setdefault(column.name, []):
                found[column.name].append(key)
    return {column: keys for column, keys in found.items() if keys}


def recipients_of(person: str, classes: Iterable[str]) -> tuple[str, ...]:
    """Recipients whom data of these classes of a person was given, by what was decided and sealed.

    An answer to an authority is in no list of recipients (LAW.md 9.1): nothing that rests on an exception or a ground
    counts, and only who stands in the register of recipients. Lists that left count where it is known who was on them.
    """
    wanted, found = frozenset(classes), list[str]()
    for record in given_of(person):
        of = {str(item).partition(".")[0] for item in record.items}
        if record.recipient not in found and (of & wanted or not wanted):
            found.append(record.recipient)
    return tuple(sorted(found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One way out that was permitted for a person's data: to whom, what, for what, when."""

    recipient: str
    act: str
    purpose: str
    items: tuple[str, ...]
    at: datetime
    evidence: str


def given_of(person: str, *, acts: Iterable[str] = ()) -> Iterator[Given]:
    """What left the house about a person, newest first, alone or on a list; without what authorities asked for."""
    wanted = tuple(acts) or tuple(effects()["told"]["acts"])
    found = [*_given_alone(person, wanted), *_given_on_lists(lists.handed_with(person), wanted)]
    yield from sorted(found, key=lambda one: one.at, reverse=True)


def given_perhaps(on_or_before: datetime, *, acts: Iterable[str] = ()) -> tuple[Given, ...]:
    """Lists that left of which nobody can say any more whom they held: this person may have been on them."""
    wanted = tuple(acts) or tuple(effects()["told"]["acts"])
    return tuple(one for one in _given_on_lists(lists.handed_unknown(), wanted) if one.at <= on_or_before)


def _given_alone(person: str, acts: tuple[str, ...]) -> Iterator[Given]:
    known = {one.ref for one in recipients.everyone()}
    for one in decisions.sealed(answers=(PERMIT,), acts=acts):
        recipient = one.text("recipient")
        if person not in one.texts("data_subjects") or recipient not in known or _rests_on_exception(one):
            continue
        yield Given(
            recipient=recipient,
            act=one.text("act"),
            purpose=one.text("purpose"),
            items=one.texts("items"),
            at=one.at,
            evidence=one.evidence,
        )


def _given_on_lists(rows: Iterable[lists.HandedList], acts: tuple[str, ...]) -> Iterator[Given]:
    """A list is built for a purpose of the policy and rests on no exception."""
    known = {one.ref for one in recipients.everyone()}
    for one in rows:
        if one.act in acts and one.recipient in known:
            yield Given(
                recipient=one.recipient,
                act=one.act,
                purpose=one.purpose,
                items=one.items,
                at=one.at,
                evidence=one.evidence,
            )


def _rests_on_exception(one: decisions.Sealed) -> bool:
    claims = one.texts("claims")
    kinds = {claim.kind.value for claim in decisions.claims_of(claims)}
    return bool(one.texts("grounds")) or not kinds.isdisjoint(effects()["told"]["never_resting_on"])


def rows_of(source: Source, system: str, table: Table, person: str) -> Iterator[tuple[Ownership, Mapping[str, object]]]:
    held = identities.identifiers_of(person)
    for owner in table.owners:
        wheres = list[tuple[Test, ...]]()
        for one in held:
            if one.kind == owner.by:
                within = (Within(owner.at, one.since, one.until),) if owner.at else ()
                wheres.append((In(owner.column, (one.value,)), *within))
        for where in told_of(source, system, table, wheres):
            for batch in source.rows(table.name, list(table.columns), where):
                for row in batch.to_pylist():
                    yield owner, row


_UNDONE = (EffectState.PENDING.value, EffectState.FAILED.value)
