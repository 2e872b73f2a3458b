"""An answer's way: drafted by one, approved by another for exactly these bytes, sent once; or taken back before.

What leaves stands sealed under the answer's reference; what it rests on and the clerk's words beside it. Nothing of either
stands in the database or the ledger, only hashes.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime, timedelta
from hashlib import sha256

from sekisho.casework.subject_requests import queries, rules
from sekisho.casework.subject_requests.actions import scans
from sekisho.casework.subject_requests.actions.cases import close_case
from sekisho.casework.subject_requests.actions.correcting import open_corrections
from sekisho.casework.subject_requests.actions.effects import bring_about
from sekisho.casework.subject_requests.models import AnswerReading, CaseAnswer, SubjectRequest
from sekisho.casework.subject_requests.queries import answering, packages, versions
from sekisho.casework.subject_requests.queries import answers as answered
from sekisho.casework.subject_requests.queries.frauds import checks_of
from sekisho.casework.subject_requests.queries.gathering_protected import require_guarded
from sekisho.casework.subject_requests.queries.letters import Recipient
from sekisho.casework.subject_requests.queries.reading import require_pages_settled
from sekisho.casework.subject_requests.queries.slips import lacks_corrections
from sekisho.casework.subject_requests.rules import Outcome
from sekisho.casework.subject_requests.rules.answering import AnswerState
from sekisho.casework.subject_requests.rules.answering_lines import Decision
from sekisho.casework.subject_requests.rules.answering_lines import answering as data
from sekisho.casework.subject_requests.rules.fraud import require_clear
from sekisho.casework.subject_requests.rules.papers import Agency
from sekisho.casework.subject_requests.rules.subjects import require_asker
from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.evidence import actions as evidence
from sekisho.evidence import queries as ledger
from sekisho.evidence.writing import writing

PAPER = "paper"


@contextmanager
def as_seen(*, reference: str, version: str) -> Iterator[None]:
    """What is written inside is written only if the case is still as its page showed it. An empty version holds nothing.

    Raises: requests.changed-meanwhile, requests.unknown-case.
    """
    with writing():
        SubjectRequest.objects.select_for_update().filter(reference=reference).first()
        _require_as_seen(reference, version)
        yield


def draft_answer(
    *,
    reference: str,
    decisions: Iterable[Decision],
    to: Recipient,
    reply: str = "",
    language: str = "ja",
    version: str = "",
    at: datetime,
    acting_user: str,
) -> str:
    """Make everything that is to leave, seal it and note its hash; returns the answer's reference.

    `reply`: as the person chose it, unless told otherwise. `version`: the state of the case the clerk saw.
    Evidence: `request.answer-drafted`. Raises: requests.changed-meanwhile, requests.case-closed, requests.person-unknown,
    requests.identity-not-checked, requests.fee-lacking, requests.answer-in-hand,
    requests.no-corrections, what `queries.answering` raises, connector.sign-missing.
    """
    words = tuple(decisions)
    _require_as_seen(reference, version)
    _require_ready(reference, at)
    ref = f"{reference}-A{CaseAnswer.objects.filter(request__reference=reference).count() + 1}"
    case = queries.case(reference)
    basis = versions.basis_of(reference, at)
    marks = versions.marks_of(reference, at)
    corrections = open_corrections(reference) if case.kind in data()["corrected"] else ()
    told = answering.told_of_case(
        reference,
        answer=ref,
        lines=answering.lines_of(reference, words, at),
        corrections=corrections,
        to=to,
        reply=_reply(reply or queries.standing(reference, at).reply),
        language=language,
        at=at,
    )
    require_guarded(reference, [one.reason for one in words])
    content = packages.zipped(packages.files_of(told, at=at))
    draft = {
        "basis": basis,
        "marks": marks,
        "to": asdict(to),
        "language": language,
        "decisions": [asdict(one) for one in words],
    }
    with writing():
        row = SubjectRequest.objects.select_for_update().get(reference=reference)
        rules.require_open(queries.case(reference))
        _require_as_seen(reference, version)
        _require_none_in_hand(reference)
        made = CaseAnswer.objects.create(
            ref=ref,
            request=row,
            gathering=row.gatherings.filter(ref=queries.gathering_of(reference)).first(),
            outcome=told.outcome.value,
            reply=told.reply,
            lines=[line.stored() for line in told.lines],
            sha256=sha256(content).hexdigest(),
            made_by=acting_user,
            made_at=at,
        )
        scans.seal(ref, content)
        scans.seal(ref + answered.DRAFT, json.dumps(draft, ensure_ascii=False).encode())
        body = {"request": reference, "answer": ref, "outcome": made.outcome, "sha256": made.sha256, "by": acting_user}
        evidence.append(kind="request.answer-drafted", body=body, at=at)
    return ref


def open_answer(*, ref: str, account: str, at: datetime, part: str = "") -> bytes:
    """Everything that is to leave, as one file whose SHA-256 is the answer's; or one file of it. Who opens it has read it.

    Evidence: `request.answer-opened`. Raises: requests.unknown-answer, requests.scan-gone, requests.unknown-part.
    """
    answered.answer(ref)
    content = scans.unseal(ref)
    files = packages.unzipped(content)
    if part and part not in files:
        raise SekishoError("requests.unknown-part", room=rules.ROOM, ref=ref)
    opened = {part: files[part]} if part else files
    prints = [str(one["sha256"]) for one in packages.fingerprints(opened)]
    with writing():
        row = CaseAnswer.objects.get(ref=ref)
        for one in prints:
            AnswerReading.objects.get_or_create(answer=row, account=account, sha256=one, defaults={"at": at})
        evidence.append(kind="request.answer-opened", body={"answer": ref, "files": prints, "by": account}, at=at)
    return files[part] if part else content


def approve_answer(*, ref: str, sha256: str, at: datetime, acting_user: str) -> None:
    """Agree, as a second person who opened every file of it, that exactly these bytes leave. Evidence: `request.answer-approved`.

    Raises: requests.unknown-answer, requests.answer-not-drafted, requests.own-answer, requests.other-bytes,
    requests.answer-not-read, requests.answer-outdated, requests.check-open, requests.check-holds,
    requests.page-findings-open, requests.pages-unread.
    """
    with writing():
        row = _row(ref)
        if row.state != AnswerState.DRAFTED.value:
            raise SekishoError("requests.answer-not-drafted", room=rules.ROOM, ref=ref)
        if row.made_by == acting_user:
            raise SekishoError("requests.own-answer", room=rules.ROOM, ref=ref)
        if sha256 != row.sha256:
            raise SekishoError("requests.other-bytes", room=rules.ROOM, ref=ref)
        _require_current(ref, at)
        _require_read(ref, acting_user)
        require_pages_settled(row.request.reference)
        require_clear(row.request.reference, checks_of(row.request.reference, at))
        row.state, row.approved_by, row.approved_at = AnswerState.APPROVED.value, acting_user, at
        row.save(update_fields=["state", "approved_by", "approved_at"])
        body = {"answer": ref, "sha256": sha256, "by": acting_user}
        evidence.append(kind="request.answer-approved", body=body, at=at)


def withdraw_answer(*, ref: str, at: datetime, acting_user: str) -> None:
    """Take an answer back before it leaves; a new one may be drafted. Evidence: `request.answer-withdrawn`.

    Raises: requests.unknown-answer, requests.answer-gone.
    """
    with writing():
        row = _row(ref)
        if row.state == AnswerState.WITHDRAWN.value:
            return
        if row.state == AnswerState.SENT.value:
            raise SekishoError("requests.answer-gone", room=rules.ROOM, ref=ref)
        row.state = AnswerState.WITHDRAWN.value
        row.save(update_fields=["state"])
        evidence.append(kind="request.answer-withdrawn", body={"answer": ref, "by": acting_user}, at=at)
    for sealed in (ref, ref + answered.DRAFT):
        scans.destroy_pages(sealed)


def send_answer(*, ref: str, sent_on: date, registered_no: str = "", at: datetime, acting_user: str) -> None:
    """The answer leaves: the paper was handed to the post, or the package opens for the person. The case closes with it.

    Evidence: `request.answer-sent`, `request.closed`; then what the answer brings about, which a job goes on with where a
    crash or a store stood in the way. Raises: requests.unknown-answer, requests.answer-gone, requests.answer-not-approved,
    requests.answer-outdated, requests.sent-in-future.
    """
    if sent_on > tokyo_date(at):
        raise SekishoError("requests.sent-in-future", room=rules.ROOM, ref=ref)
    with writing():
        row = _row(ref)
        if row.state == AnswerState.SENT.value:
            raise SekishoError("requests.answer-gone", room=rules.ROOM, ref=ref)
        if row.state != AnswerState.APPROVED.value:
            raise SekishoError("requests.answer-not-approved", room=rules.ROOM, ref=ref)
        _require_current(ref, at)
        is_paper = row.reply == PAPER
        row.state, row.sent_on = AnswerState.SENT.value, sent_on
        row.registered_no = registered_no.strip() if is_paper else ""
        row.expires_at = None if is_paper else at + timedelta(days=rules.limits()["answers"]["pickup_days"])
        row.save(update_fields=["state", "sent_on", "registered_no", "expires_at"])
        found = answered.answer(ref)
        certificate = ledger.digest_of(answered.certified(found, packages.fingerprints(answered.files_of(ref))))
        body = {
            "request": found.reference,
            "answer": ref,
            "outcome": found.outcome,
            "reply": found.reply,
            "sha256": found.sha256,
            "certificate": certificate,
            "by": acting_user,
        }
        evidence.append(kind="request.answer-sent", body=body, at=at, entry=found.entry)
        close_case(
            reference=found.reference,
            outcome=Outcome(found.outcome),
            answered_on=sent_on,
            at=at,
            acting_user=acting_user,
        )
    bring_about(answer_ref=ref, at=at, acting_user=acting_user)


def _require_as_seen(reference: str, version: str) -> None:
    changed = versions.changed_since(reference, version) if version else ()
    if changed:
        told = ",".join(changed)
        raise SekishoError("requests.changed-meanwhile", room=rules.ROOM, reference=reference, parts=told)


def _require_ready(reference: str, at: datetime) -> None:
    case = queries.case(reference)
    rules.require_open(case)
    rules.require_person(case)
    if case.identity_checked_at is None:
        raise SekishoError("requests.identity-not-checked", room=rules.ROOM, reference=reference)
    stands = queries.standing(reference, at)
    require_asker(reference, is_heir=stands.agency is Agency.HEIR, is_dead=stands.about.is_dead)
    lacking = stands.payment.lacking
    if lacking:
        raise SekishoError("requests.fee-lacking", room=rules.ROOM, reference=reference, yen=lacking)
    if lacks_corrections(case):
        raise SekishoError("requests.no-corrections", room=rules.ROOM, reference=reference)
    _require_none_in_hand(reference)


def _require_none_in_hand(reference: str) -> None:
    found = answered.answer_in_hand(reference)
    if found is not None:
        raise SekishoError("requests.answer-in-hand", room=rules.ROOM, ref=found.ref)


def _require_current(ref: str, at: datetime) -> None:
    if not answered.is_current(ref, at):
        raise SekishoError("requests.answer-outdated", room=rules.ROOM, ref=ref)
    require_guarded(answered.answer(ref).reference, answered.reasons_of(ref))


def _require_read(ref: str, account: str) -> None:
    unread = sum(not is_read for _name, is_read in answered.parts_of(ref, account))
    if unread:
        raise SekishoError("requests.answer-not-read", room=rules.ROOM, ref=ref, count=unread)


def _reply(chosen: str) -> str:
    return packages.ELECTRONIC if chosen == packages.ELECTRONIC else PAPER


def _row(ref: str) -> CaseAnswer:
    row = CaseAnswer.objects.select_for_update().filter(ref=ref).first()
    if row is None:
        raise SekishoError("requests.unknown-answer", room=rules.ROOM, ref=ref)
    return row
