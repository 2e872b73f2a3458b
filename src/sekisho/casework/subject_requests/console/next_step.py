"""How far a case has come, step by step, and which step is next."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sekisho.casework.subject_requests import queries
from sekisho.casework.subject_requests.queries import AnswerRecord, Standing
from sekisho.casework.subject_requests.queries.slips import lacks_corrections
from sekisho.casework.subject_requests.rules import Case
from sekisho.casework.subject_requests.rules.answering import AnswerState
from sekisho.casework.subject_requests.rules.answering_lines import answering
from sekisho.casework.subject_requests.rules.gathering import RedactionState

KEPT, OPEN, TODO, BROKEN = "kept", "open", "idle", "broken"
DONE = gettext_lazy("済み")
HERE = gettext_lazy("いまここ")
LATER = gettext_lazy("このあと")
AGAIN = gettext_lazy("やり直し")


@dataclass(frozen=True, slots=True)
class Step:
    """One step on the way to an answer. `mark`: of the look's states."""

    label: str
    is_done: bool
    detail: str = ""
    is_broken: bool = False


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step as the page shows it."""

    label: str
    mark: str
    state: Promise
    detail: str


@dataclass(frozen=True, slots=True)
class Next:
    """What is to be done now: one sentence, why, and where."""

    what: str
    note: str
    url: str
    button: str


@dataclass(frozen=True, slots=True)
class InHand:
    """The answer of a case that is on its way, if any, and whether what it rests on is as it was. `is_full`: in systems too."""

    answer: AnswerRecord | None
    is_current: bool
    is_full: bool = False


def in_hand(case: Case, at: datetime, *, is_full: bool = False) -> InHand:
    """Looked up once for a page, by what our own database tells. `is_full`: every system is read, as approving does."""
    answer = queries.answer_in_hand(case.reference)
    is_open = answer is not None and answer.state is not AnswerState.SENT
    asked = queries.is_current if is_full else queries.looks_current
    return InHand(answer, not is_open or answer is None or asked(answer.ref, at), is_full)


def steps_of(case: Case, stands: Standing, hand: InHand) -> tuple[StepLine, ...]:
    """The steps of a case in order; the first that is not done is where it stands."""
    lines, is_here = list[StepLine](), True
    for step in _steps(case, stands, hand):
        if step.is_done and not step.is_broken:
            lines.append(StepLine(step.label, KEPT, DONE, step.detail))
            continue
        broken = step.is_broken and is_here
        lines.append(
            StepLine(
                step.label,
                BROKEN if broken else OPEN if is_here else TODO,
                AGAIN if broken else HERE if is_here else LATER,
                step.detail,
            )
        )
        is_here = False
    return tuple(lines)


def next_of(case: Case, stands: Standing, account: str, hand: InHand) -> Next:
    """What comes after the identity check. The first unmet condition decides."""
    reference, answer = case.reference, hand.answer
    here, gathering = reverse("console:case_answer", args=[reference]), reverse("console:gathering", args=[reference])
    if not stands.payment.is_enough:
        note = _("電磁的記録でのお答えに変えると、手数料がかからないことがあります。")
        what = _("手数料の残り%(n)s円を受け取って記録する。") % {"n": stands.payment.lacking}
        return Next(what, note, "#ff", _("手数料を記録する"))
    if answer is not None:
        return _with_answer(answer, here, account, is_current=hand.is_current)
    if case.kind in answering()["gathered"]:
        ref = queries.gathering_of(reference)
        if not ref:
            note = _("番号は、この方のものだった期間に限ります。")
            return Next(_("すべての仕組みにたずね、この方の情報を集める。"), note, gathering, _("情報を集める"))
        waiting = _waiting(ref)
        if waiting:
            what = _("ほかの方の情報かもしれない%(n)s件を、1件ずつ確かめる。") % {"n": waiting}
            return Next(what, _("決めるまで、回答はつくれません。"), gathering, _("黒塗りを確かめる"))
    if lacks_corrections(case):
        note = _("誤りと正しい内容は封をして保管し、回答のあと、すべての写しに書き込みます。")
        return Next(
            _("直す内容を記録する。"), note, reverse("console:case_after", args=[reference]), _("直す内容を記録する")
        )
    note = _("法律、方針の約束、残す理由を並べて読みます。送るものは、別の人が読んで承認します。")
    return Next(_("答えを決め、送るものをつくる。"), note, here, _("答えを決める"))


def _with_answer(answer: AnswerRecord, here: str, account: str, *, is_current: bool) -> Next:
    if not is_current:
        note = _("回答をつくったあとで、もとになるものが変わりました。承認は効きません。")
        return Next(_("回答を取り下げて、つくり直す。"), note, here, _("回答を開く"))
    if answer.state is AnswerState.APPROVED:
        note = _("送ると、案件は終わり、回答の内容が実行されます。")
        return Next(_("承認された回答を送る。"), note, here, _("送る準備をする"))
    if answer.made_by == account:
        note = _("つくった人は承認できません。送るものを、別の担当者に読んでもらいます。")
        return Next(_("別の人の承認を待つ。"), note, here, _("回答を見る"))
    note = _("送るものを開いて読み、そのとおりでよければ承認します。")
    return Next(_("回答を読んで承認する。"), note, here, _("回答を読む"))


def _steps(case: Case, stands: Standing, hand: InHand) -> tuple[Step, ...]:
    answer, is_stale = hand.answer, not hand.is_current
    state = answer.state if answer else None
    fee = _("%(n)s円") % {"n": stands.fee.yen} if stands.fee.yen else _("かかりません")
    steps = [
        Step(_("本人の特定"), bool(case.person)),
        Step(_("本人確認の書類"), stands.evidence.is_proved or case.identity_checked_at is not None),
        Step(_("本人確認"), case.identity_checked_at is not None),
        Step(_("手数料"), stands.payment.is_enough, fee),
    ]
    if case.kind in answering()["gathered"]:
        ref = queries.gathering_of(case.reference)
        waiting = _waiting(ref) if ref else 0
        steps.append(Step(_("情報の収集"), bool(ref), ref))
        detail = _("残り%(n)s件") % {"n": waiting} if waiting else ""
        steps.append(Step(_("黒塗りの確認"), bool(ref) and not waiting, detail))
    if case.kind in answering()["corrected"]:
        n = len(queries.corrections_of(case.reference))
        steps.append(Step(_("直す内容"), not lacks_corrections(case), _("%(n)s件") % {"n": n} if n else ""))
    ref = answer.ref if answer else ""
    stale = _("もとになるものが変わりました") if is_stale else ref
    is_approved = state in (AnswerState.APPROVED, AnswerState.SENT)
    return (
        *steps,
        Step(_("回答をつくる"), answer is not None, stale, is_stale),
        Step(_("別の人の承認"), is_approved and not is_stale),
        Step(_("発送"), state is AnswerState.SENT),
    )


def _waiting(ref: str) -> int:
    return sum(one.state is RedactionState.PROPOSED for one in queries.redaction_states(ref))
