"""What an answer that left brings about: one row per effect, one step per row, each of which may be repeated.

A step that fails stays with its code; `requests.effects` tries again. What binds the gate comes first.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256

from sekisho.casework.subject_requests import rules
from sekisho.casework.subject_requests.actions import scans
from sekisho.casework.subject_requests.actions.correcting import (
    Reached,
    correct_register,
    correct_table,
    granted_corrections,
    let_go_of_copies,
)
from sekisho.casework.subject_requests.actions.texts import BY_HAND, WAIT, carry_out
from sekisho.casework.subject_requests.models import CaseAnswer, CaseEffect, CaseLetter, RecipientWord, SubjectRequest
from sekisho.casework.subject_requests.queries.effects import holding_tables, letter_ref, recipients_of
from sekisho.casework.subject_requests.queries.recipient_letters import recipient_letter
from sekisho.casework.subject_requests.queries.texts import text_tables
from sekisho.casework.subject_requests.rules.answering import AnswerState, EffectKind, EffectState
from sekisho.casework.subject_requests.rules.effects import (
    COPIES,
    GRANTED,
    REGISTER,
    Correction,
    kinds_of,
    stopped_purposes,
    stopped_recipients,
)
from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.evidence import actions as evidence
from sekisho.evidence.writing import writing
from sekisho.registers.consents import actions as consents
from sekisho.registers.consents import queries as consented
from sekisho.registers.consents.queries import ConsentKind
from sekisho.registers.datamap import queries as datamap
from sekisho.registers.policies import queries as policies
from sekisho.registers.retention import actions as retention
from sekisho.registers.retention import queries as retained

CHANNEL = "subject_request"
UNREACHABLE = "connector.unreachable"
WAITS = (WAIT, BY_HAND)  # for a person: no other turn brings it further
NOTICE = "recipient_notice"  # kind of letter


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """What a step needs to know."""

    answer: CaseAnswer
    person: str
    corrections: tuple[Correction, ...]
    at: datetime
    acting_user: str
    reached: Reached


def _nothing(_point: str) -> None:
    """Nobody waits to be told."""


def bring_about(
    *, answer_ref: str, at: datetime, acting_user: str, reached: Reached = _nothing, only: EffectKind | None = None
) -> bool:
    """Bring about what an answer that left says; whether all of it is done. A repeat does what is left, and nothing twice.

    `only`: effects of this kind, after a clerk decided something of them.

    Evidence: `request.effects-planned` once, `request.effect-done` or `request.effect-failed` per effect, and what the
    registers leave. `reached` is called between any two durable states. Raises: requests.unknown-answer,
    requests.answer-not-sent.
    """
    work = _planned(answer_ref, at, acting_user, reached)
    reached("planned")
    for row in CaseEffect.objects.filter(answer=work.answer).exclude(state=EffectState.DONE.value).order_by("id"):
        if only is not None and row.kind != only.value:
            continue
        code = _tried(row, work)
        reached(f"tried {row.kind} {row.target}")
        _note(row, code, work)
        reached(f"noted {row.kind} {row.target}")
    return not CaseEffect.objects.filter(answer=work.answer).exclude(state=EffectState.DONE.value).exists()


def link_certificates(*, at: datetime, acting_user: str) -> tuple[str, ...]:
    """Put the certificate of every erasure a case led to into the case; returns which cases. Evidence: `request.certified`."""
    linked = []
    for row in CaseEffect.objects.filter(
        kind=EffectKind.ERASURE_PLAN.value, state=EffectState.DONE.value, answer__request__certificate=""
    ).select_related("answer__request"):
        case = row.answer.request
        found = next(
            (one.entry for one in retained.plans(person=case.person_ref) if one.ref == row.target and one.certified_at),
            "",
        )
        if not found:
            continue
        with writing():
            SubjectRequest.objects.filter(pk=case.pk).update(certificate=found)
            body = {"request": case.reference, "certificate": found, "by": acting_user}
            evidence.append(kind="request.certified", body=body, at=at)
        linked.append(case.reference)
    return tuple(linked)


def _planned(answer_ref: str, at: datetime, acting_user: str, reached: Reached) -> _Work:
    with writing():
        row = CaseAnswer.objects.select_for_update().select_related("request").filter(ref=answer_ref).first()
        if row is None:
            raise SekishoError("requests.unknown-answer", room=rules.ROOM, ref=answer_ref)
        if row.state != AnswerState.SENT.value:
            raise SekishoError("requests.answer-not-sent", room=rules.ROOM, ref=answer_ref)
        kinds = kinds_of(row.request.kind, row.lines)
        corrections = granted_corrections(row) if EffectKind.CORRECTION in kinds else ()
        work = _Work(
            answer=row,
            person=row.request.person_ref,
            corrections=corrections,
            at=at,
            acting_user=acting_user,
            reached=reached,
        )
        if not CaseEffect.objects.filter(answer=row).exists():
            targets = [(kind, target) for kind in kinds for target in _targets(kind, work)]
            CaseEffect.objects.bulk_create(
                CaseEffect(answer=row, kind=kind.value, target=target) for kind, target in targets
            )
            if targets:
                body = {"answer": answer_ref, "effects": [f"{kind.value} {target}" for kind, target in targets]}
                evidence.append(kind="request.effects-planned", body=body | {"by": acting_user}, at=at)
    return work


def _targets(kind: EffectKind, work: _Work) -> tuple[str, ...]:
    policy, lines = policies.in_force(work.at), work.answer.lines
    if kind is EffectKind.CORRECTION:
        if not work.corrections:
            return ()
        return (*holding_tables(datamap.current(), work.corrections), REGISTER, COPIES)
    if kind is EffectKind.TEXTS:
        return text_tables(datamap.current()) if work.corrections else ()
    if kind is EffectKind.USE_STOP:
        return stopped_purposes(policy, lines)
    if kind is EffectKind.PROVISION_STOP:
        return stopped_recipients(lines)
    if kind is EffectKind.ERASURE_PLAN:
        return ("",) if any(line.get("answer") == GRANTED and line.get("effect") != "stop" for line in lines) else ()
    if not _classes(work) and not work.corrections:
        return ()
    return recipients_of(work.person, {one.item.partition(".")[0] for one in work.corrections} or set(_classes(work)))


def _tried(row: CaseEffect, work: _Work) -> str:
    """Do one effect; the code of what stood against it, empty when it is done."""
    try:
        kind = EffectKind(row.kind)
        if kind is EffectKind.TEXTS:
            return carry_out(
                row, person=work.person, corrections=work.corrections, at=work.at, acting_user=work.acting_user,
                reached=work.reached,
            )  # fmt: skip
        if kind is EffectKind.CORRECTION:
            _correct(row.target, work)
        elif kind is EffectKind.USE_STOP:
            _stop(ConsentKind.RESTRICTED, row.target, work)
        elif kind is EffectKind.PROVISION_STOP:
            _stop(ConsentKind.PROVISION_STOPPED, row.target, work)
        elif kind is EffectKind.ERASURE_PLAN:
            _plan(row, work)
        else:
            _tell(row, work)
    except SekishoError as refusal:
        return refusal.code
    except OSError:
        return UNREACHABLE
    return ""


def _correct(target: str, work: _Work) -> None:
    if target == REGISTER:
        correct_register(
            person=work.person, corrections=work.corrections, at=work.at, acting_user=work.acting_user,
            reached=work.reached,
        )  # fmt: skip
    elif target == COPIES:
        let_go_of_copies(person=work.person, at=work.at)
    else:
        correct_table(place=target, person=work.person, corrections=work.corrections, reached=work.reached)


def _stop(kind: ConsentKind, scope: str, work: _Work) -> None:
    if consented.standing_of(work.person, work.at).holds.get((kind, scope)) is not None:
        return
    consent = consents.NewConsent(
        person=work.person, kind=kind, scope=scope, given=True, notice_era="", channel=CHANNEL, at=work.at
    )
    consents.record(consent=consent, at=work.at, acting_user=work.acting_user)


def _plan(row: CaseEffect, work: _Work) -> None:
    """A plan for the person; one that stands already is this case's too. Approvals are others' (retention)."""
    reason = work.answer.request.reference
    open_ = [one for one in retained.plans(person=work.person) if one.certified_at is None]
    mine = next((one.ref for one in open_ if one.reason == reason), None)
    if mine is None:
        mine = retention.propose_plan(person=work.person, reason=reason, at=work.at, acting_user=work.acting_user)
        work.reached("plan proposed")
    CaseEffect.objects.filter(pk=row.pk).update(target=mine)


def _tell(row: CaseEffect, work: _Work) -> None:
    """Write to a recipient, once: the letter, sealed, and the day by which it is to say that it did the same."""
    if RecipientWord.objects.filter(effect=row).exists():
        return
    today, request = tokyo_date(work.at), work.answer.request
    due = today + timedelta(days=rules.limits()["recipients"]["days"])
    pdf = recipient_letter(
        request.reference, row.target, corrections=work.corrections, classes=_classes(work), due=due, at=work.at
    )
    ref = letter_ref(row)
    work.reached(f"letter {row.target}")
    with writing():
        RecipientWord.objects.create(effect=row, recipient=row.target, told_on=today, due_on=due)
        made = CaseLetter.objects.create(
            ref=ref, request=request, kind=NOTICE, sha256=sha256(pdf).hexdigest(), made_by=work.acting_user,
            made_at=work.at,
        )  # fmt: skip
        scans.seal(ref, pdf)
        body = {"answer": work.answer.ref, "recipient": row.target, "letter": ref, "sha256": made.sha256}
        evidence.append(kind="request.recipient-told", body=body | {"by": work.acting_user}, at=work.at)


def _classes(work: _Work) -> tuple[str, ...]:
    """The classes of the policy that were granted, each once."""
    granted = (str(line.get("item", "")) for line in work.answer.lines if line.get("answer") == GRANTED)
    return tuple(dict.fromkeys(item.partition(".")[0] for item in granted))


def _note(row: CaseEffect, code: str, work: _Work) -> None:
    waits = EffectState.WAITING if code in WAITS else EffectState.FAILED
    state = waits if code else EffectState.DONE
    with writing():
        CaseEffect.objects.filter(pk=row.pk).update(
            state=state.value, code=code[:64], done_at=None if code else work.at
        )
        row.refresh_from_db(fields=["target"])
        body = {"answer": work.answer.ref, "kind": row.kind, "target": row.target, "by": work.acting_user}
        if code and row.code != code:  # the same failure again fills no ledger
            kind = "request.effect-waits" if code in WAITS else "request.effect-failed"
            evidence.append(kind=kind, body=body | {"code": code}, at=work.at)
        elif not code:
            evidence.append(kind="request.effect-done", body=body, at=work.at)


def confirm_recipient(*, answer_ref: str, recipient: str, on: date, at: datetime, acting_user: str) -> None:
    """A recipient says that it did the same. Evidence: `request.recipient-confirmed`. Raises: requests.unknown-recipient."""
    with writing():
        row = RecipientWord.objects.filter(effect__answer__ref=answer_ref, recipient=recipient).first()
        if row is None:
            raise SekishoError("requests.unknown-recipient", room=rules.ROOM, ref=answer_ref)
        if row.confirmed_on is not None:
            return
        row.confirmed_on, row.confirmed_by = on, acting_user
        row.save(update_fields=["confirmed_on", "confirmed_by"])
        body = {"answer": answer_ref, "recipient": recipient, "on": on.isoformat(), "by": acting_user}
        evidence.append(kind="request.recipient-confirmed", body=body, at=at)


def chase_recipients(*, at: datetime, acting_user: str) -> int:
    """Ask those again who were told and have not said that they did the same; how many. Evidence: `request.recipient-chased`."""
    today, again = tokyo_date(at), timedelta(days=rules.limits()["recipients"]["again_days"])
    late = [row for row in _late(today) if row.chased_on is None or row.chased_on + again <= today]
    for row in late:
        with writing():
            RecipientWord.objects.filter(pk=row.pk).update(chased_on=today, chased=row.chased + 1)
            body = {"answer": row.effect.answer.ref, "recipient": row.recipient, "by": acting_user}
            evidence.append(kind="request.recipient-chased", body=body, at=at)
    return len(late)


def _late(today: date) -> Iterable[RecipientWord]:
    return RecipientWord.objects.filter(confirmed_on=None, due_on__lt=today).select_related("effect__answer")
