"""What the request desk can show of its promises: in time, and only to the person."""

from datetime import datetime

from sekisho.casework.subject_requests import queries, rules
from sekisho.casework.subject_requests.rules import Outcome
from sekisho.casework.subject_requests.rules.complaints import complaint_clock
from sekisho.casework.subject_requests.rules.deciding import ERASING
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.pack import law
from sekisho.engine.policy.model import Clause
from sekisho.engine.policy.periods import add, parse
from sekisho.evidence.proof import FRESH_FOR, Proof, Verdict
from sekisho.evidence.saying import Said, said, together


def answered_in_time(*, at: datetime, clause: Clause) -> Proof:  # noqa: ARG001  the same for every clause
    """Every request was answered, or can still be, before the law lets the person sue; what was granted was done.

    Who was asked for something within that time and has not sent it waits for nobody but themselves; an end over a fee
    counts as in time where they were asked by then.
    """
    deadline, today = law().deadline("suit_possible"), tokyo_date(at)
    cases = [case for case in queries.cases() if case.outcome != Outcome.WITHDRAWN]
    due = {case.reference: add(case.received_on, deadline.period) for case in cases}
    past = {case.reference: due[case.reference] for case in cases if (case.answered_on or today) > due[case.reference]}
    waiting = queries.asked_in_time(past)
    late = [case for case in cases if case.reference in past and case.reference not in waiting]
    uncertified = [
        case for case in cases if case.outcome == Outcome.GRANTED and case.kind == ERASING and not case.certificate
    ]
    undone = set(queries.overdue_answers(today))
    why = []
    if late:
        within = Said(parse(deadline.period).text(), parse(deadline.period).text("en"))
        why.append(said("{cases}は、到達から{within}のうちに回答していません", cases=_named(late), within=within))
    bare = [case for case in uncertified if not queries.has_answer(case.reference)]
    if bare:
        why.append(said("{cases}は消去に応じたのに、検証した消去の証明がありません", cases=_named(bare)))
    if undone:
        why.append(said("{cases}は、回答した内容がまだ終わっていません", cases=sorted(undone)))
    figure = said("請求 {n:,}件、期限を過ぎたもの {late:,}件", n=len(cases), late=len(late))
    return Proof(
        verdict=Verdict.BROKEN if why else Verdict.KEPT,
        looked_at=len(cases),
        figure=figure,
        evidence="subject_requests",
        why=together(*why),
        fresh_until=at + FRESH_FOR,
    )


def complaints_answered(*, at: datetime, clause: Clause) -> Proof:  # noqa: ARG001  the same for every clause
    """Every complaint was answered within our own target, or can still be (APPI 40)."""
    every = queries.complaints(at)
    late = [
        one.ref
        for one in every
        if (one.clock is not None and one.clock.is_overdue)
        or (one.answered_on is not None and complaint_clock(one.received_on, one.answered_on).is_overdue)
    ]
    return Proof(
        verdict=Verdict.BROKEN if late else Verdict.KEPT,
        looked_at=len(every),
        figure=said("苦情 {n:,}件、目標を過ぎたもの {late:,}件", n=len(every), late=len(late)),
        evidence="subject_requests",
        why=said("{cases}は、目標の日までに回答していません", cases=late) if late else "",
        fresh_until=at + FRESH_FOR,
    )


def identity_checked_first(*, at: datetime, clause: Clause) -> Proof:  # noqa: ARG001  the same for every clause
    """No answer went out before whoever asked was found to be the person."""
    answered = [case for case in queries.cases() if case.answered_on and case.outcome != Outcome.WITHDRAWN]
    unchecked = [
        case
        for case in answered
        if case.answered_on
        and (case.identity_checked_at is None or tokyo_date(case.identity_checked_at) > case.answered_on)
    ]
    return Proof(
        verdict=Verdict.BROKEN if unchecked else Verdict.KEPT,
        looked_at=len(answered),
        figure=said("回答 {n:,}件、本人確認より先の回答 {early:,}件", n=len(answered), early=len(unchecked)),
        evidence="subject_requests",
        why=said("{cases}は、本人確認の記録より先に回答しています", cases=_named(unchecked)) if unchecked else "",
        fresh_until=at + FRESH_FOR,
    )


def _named(cases: list[rules.Case]) -> list[str]:
    return [case.reference for case in cases]
