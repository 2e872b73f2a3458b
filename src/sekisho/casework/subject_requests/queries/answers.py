"""Answers of cases: how they stand, whether they still rest on what they were made from, and what the person gets."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from uuid import NAMESPACE_URL, uuid5

from sekisho.casework.subject_requests import rules
from sekisho.casework.subject_requests.models import AnswerReading, CaseAnswer
from sekisho.casework.subject_requests.queries import packages, versions
from sekisho.casework.subject_requests.queries.sealed import unseal
from sekisho.casework.subject_requests.rules.answering import AnswerState
from sekisho.casework.subject_requests.rules.answering_lines import answering
from sekisho.engine.errors import SekishoError
from sekisho.evidence import queries as evidence

DRAFT = "-D"  # beside what leaves: what it rests on, and the clerk's words


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRecord:
    """One answer. `sha256`: of everything that leaves. `entry`: its place in the ledger, once it is sent."""

    ref: str
    reference: str
    outcome: str
    reply: str
    lines: tuple[Mapping[str, object], ...]
    sha256: str
    state: AnswerState
    made_by: str
    made_at: datetime
    approved_by: str
    approved_at: datetime | None
    sent_on: date | None
    registered_no: str
    expires_at: datetime | None
    destroyed_at: datetime | None
    fingerprints: tuple[Mapping[str, object], ...]  # of its files, where they are gone

    @property
    def checked_at(self) -> datetime:
        """When everything it rests on, what systems hold included, was last found as it was: drafting and approving do."""
        return self.approved_at or self.made_at

    @property
    def entry(self) -> str:
        """The id of the entry that says it was sent."""
        return entry_of(self.ref)


def answer(ref: str) -> AnswerRecord:
    """One answer. Raises: requests.unknown-answer."""
    row = CaseAnswer.objects.select_related("request").filter(ref=ref).first()
    if row is None:
        raise SekishoError("requests.unknown-answer", room=rules.ROOM, ref=ref)
    return _record(row)


def answers_of(reference: str) -> tuple[AnswerRecord, ...]:
    """The answers of a case, the newest first, those taken back as well."""
    rows = CaseAnswer.objects.select_related("request").filter(request__reference=reference).order_by("-id")
    return tuple(map(_record, rows))


def answer_in_hand(reference: str) -> AnswerRecord | None:
    """The answer of a case that is on its way or gone; None where there is none."""
    return next((one for one in answers_of(reference) if one.state is not AnswerState.WITHDRAWN), None)


def is_current(ref: str, at: datetime) -> bool:
    """Whether everything an answer rests on is as it was when it was made, its own bytes included.

    Raises: requests.unknown-answer.
    """
    found = answer(ref)
    try:
        is_whole = sha256(unseal(ref)).hexdigest() == found.sha256
        return is_whole and draft_of(ref)["basis"] == versions.basis_of(found.reference, at)
    except SekishoError:
        return False


def looks_current(ref: str, at: datetime) -> bool:
    """`is_current` for a page: by what our own database tells, without reading any system.

    True says only that nothing here changed since `AnswerRecord.checked_at`; approving and sending ask `is_current`.
    Raises: requests.unknown-answer.
    """
    found = answer(ref)
    try:
        marks = draft_of(ref).get("marks")
        if marks is None:  # drafted before answers bore marks
            return is_current(ref, at)
        is_whole = sha256(unseal(ref)).hexdigest() == found.sha256
        return is_whole and marks == versions.marks_of(found.reference, at)
    except SekishoError:
        return False


def draft_of(ref: str) -> Mapping[str, object]:
    """What an answer was made from: basis, recipient, language, the clerk's words. Raises: requests.scan-gone."""
    found: Mapping[str, object] = json.loads(unseal(ref + DRAFT))
    return found


def reasons_of(ref: str) -> tuple[str, ...]:
    """What the clerk wrote beside the lines of an answer. Raises: requests.scan-gone."""
    decisions = draft_of(ref)["decisions"]
    return tuple(str(one["reason"]) for one in decisions if one["reason"]) if isinstance(decisions, list) else ()


def files_of(ref: str) -> Mapping[str, bytes]:
    """What leaves, file by file. Raises: requests.unknown-answer, requests.scan-gone."""
    answer(ref)
    return packages.unzipped(unseal(ref))


def package(ref: str) -> bytes:
    """What the person takes: everything that was approved, byte for byte, and the receipt once the ledger covers it.

    Raises: requests.unknown-answer, requests.answer-not-sent, requests.scan-gone.
    """
    found = answer(ref)
    if found.state is not AnswerState.SENT:
        raise SekishoError("requests.answer-not-sent", room=rules.ROOM, ref=ref)
    files = dict(files_of(ref))
    try:
        told = json.dumps(receipt(ref), ensure_ascii=False, indent=1).encode()
    except SekishoError as refusal:
        if refusal.code != "evidence.not-covered-yet":
            raise
        return packages.zipped(files)
    return packages.zipped(files | {receipt_name(files): told})


def receipt(ref: str) -> dict[str, object]:
    """The receipt of an answer that was sent: what left, by name and hash, with its proof; for the offline verifier.

    Raises: requests.answer-not-sent, requests.scan-gone, evidence.not-covered-yet.
    """
    found = answer(ref)
    if found.state is not AnswerState.SENT:
        raise SekishoError("requests.answer-not-sent", room=rules.ROOM, ref=ref)
    return evidence.certificate(
        found.entry, certified(found, found.fingerprints or packages.fingerprints(files_of(ref)))
    )


def certified(found: AnswerRecord, prints: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """What the receipt says of an answer: `prints`: names and hashes of its files. Its digest stands in the entry."""
    return {
        "answer": found.ref,
        "request": found.reference,
        "outcome": found.outcome,
        "reply": found.reply,
        "sent_on": found.sent_on.isoformat() if found.sent_on else "",
        "sha256": found.sha256,
        "files": list(prints),
    }


def parts_of(ref: str, account: str) -> tuple[tuple[str, bool], ...]:
    """The files of an answer by name, and whether this account opened each in these very bytes.

    Raises: requests.unknown-answer, requests.scan-gone.
    """
    read = set(AnswerReading.objects.filter(answer__ref=ref, account=account).values_list("sha256", flat=True))
    return tuple((str(one["name"]), one["sha256"] in read) for one in packages.fingerprints(files_of(ref)))


def entry_of(ref: str) -> str:
    """The id of the entry that says an answer was sent: made from its reference, so that the answer leads to it."""
    return str(uuid5(NAMESPACE_URL, f"sekisho:request.answer-sent:{ref}"))


def receipt_name(files: Mapping[str, bytes]) -> str:
    """What the receipt is called among the files, in their language."""
    names: Mapping[str, Mapping[str, str]] = answering()["package"]
    return next((one["receipt"] for one in names.values() if one["letter"] in files), names["ja"]["receipt"])


def _record(row: CaseAnswer) -> AnswerRecord:
    return AnswerRecord(
        ref=row.ref,
        reference=row.request.reference,
        outcome=row.outcome,
        reply=row.reply,
        lines=tuple(row.lines),
        sha256=row.sha256,
        state=AnswerState(row.state),
        made_by=row.made_by,
        made_at=row.made_at,
        approved_by=row.approved_by,
        approved_at=row.approved_at,
        sent_on=row.sent_on,
        registered_no=row.registered_no,
        expires_at=row.expires_at,
        destroyed_at=row.destroyed_at,
        fingerprints=tuple(row.fingerprints),
    )
