"""Copies of the stores that case files hold: what was gathered, answers with it, values that were put right.

They go when the person is erased, as every copy does; what proves the answer stays. Why: docs/decisions/0018. The three
functions are those that `settings.COPIES_OF_STORES` asks for.
"""

from collections.abc import Collection, Iterator
from datetime import datetime

from sekisho.casework.subject_requests.actions import scans
from sekisho.casework.subject_requests.models import (
    CaseAccessUse,
    CaseAnswer,
    CaseCorrection,
    CaseEffect,
    SubjectRequest,
)
from sekisho.casework.subject_requests.queries import packages
from sekisho.casework.subject_requests.queries.answers import DRAFT
from sekisho.casework.subject_requests.queries.sealed import box, key_path, unseal
from sekisho.casework.subject_requests.rules.access import Use
from sekisho.casework.subject_requests.rules.answering import AnswerState, EffectState
from sekisho.casework.subject_requests.rules.answering_lines import answering
from sekisho.casework.subject_requests.rules.effects import effects
from sekisho.evidence import actions as evidence
from sekisho.evidence.writing import writing


def copies_of(person: str) -> tuple[str, ...]:
    """References of the sealed documents of a person's cases that say what stores say, also those that can't go yet."""
    return tuple(ref for row in _cases(person) for ref in _standing(row))


def drop_for(*, person: str, at: datetime) -> int:
    """Destroy them, case by case; returns how many documents. Evidence: `request.bodies-destroyed` for each case, before.

    A case that is open, an answer that may still be fetched, a correction that is not in every store yet keep theirs: the
    erasure is partly undone until they are over. A repeat is a no-op.
    """
    count = 0
    for row in _cases(person):
        standing = _standing(row)
        if not standing or _is_needed(row, at):
            continue
        keep_fingerprints(row)
        with writing():
            CaseAnswer.objects.filter(request=row, ref__in=standing, destroyed_at=None).update(destroyed_at=at)
            CaseCorrection.objects.filter(request=row, ref__in=standing, destroyed_at=None).update(destroyed_at=at)
            evidence.append(
                kind="request.bodies-destroyed", body={"request": row.reference, "documents": standing}, at=at
            )
        for ref in standing:
            scans.destroy_pages(ref)
        count += len(standing)
    return count


def drop_of(*, tables: Collection[tuple[str, str]], at: datetime) -> int:  # noqa: ARG001  as the others are asked
    """A table whose rows are due takes nothing of a case file along: that has a day of its own."""
    return 0


def keep_fingerprints(row: SubjectRequest) -> None:
    """Note names and hashes of what left, so that the receipt can be given when the files are gone. A repeat is a no-op."""
    sent = row.answers.filter(state=AnswerState.SENT.value)
    for one in sent:
        if not one.fingerprints and box(one.ref).exists():
            prints = packages.fingerprints(packages.unzipped(unseal(one.ref)))
            with writing():
                CaseAnswer.objects.filter(pk=one.pk).update(fingerprints=prints)


def _cases(person: str) -> Iterator[SubjectRequest]:
    return SubjectRequest.objects.filter(person_ref=person).order_by("id").iterator() if person else iter(())


def _standing(row: SubjectRequest) -> list[str]:
    """What of a case stands sealed and says what stores say."""
    told = answering()
    refs = [*row.gatherings.values_list("ref", flat=True), *row.corrections.values_list("ref", flat=True)]
    if row.kind in {*told["gathered"], *told["records"], *told["corrected"]}:
        answers = list(row.answers.order_by("id").values_list("ref", flat=True))
        refs += [*answers, *(ref + DRAFT for ref in answers)]
        refs += row.letters.filter(kind=effects()["told"]["letter"]).values_list("ref", flat=True)
    return [ref for ref in refs if box(ref).exists() or key_path(ref).exists()]


def _is_needed(row: SubjectRequest, at: datetime) -> bool:
    if row.closed_at is None:
        return True
    waiting = row.answers.filter(state=AnswerState.SENT.value, expires_at__gt=at)
    if waiting.exists() and not CaseAccessUse.objects.filter(access__request=row, what=Use.PACKAGE.value).exists():
        return True
    undone = CaseEffect.objects.filter(answer__request=row, kind__in=effects()["told"]["needs_values"])
    return undone.exclude(state=EffectState.DONE.value).exists()
