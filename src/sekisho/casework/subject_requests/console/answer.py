"""The answer of a case: decided line by line, drafted, read and approved by a second person, sent."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from sekisho.casework.subject_requests import actions, queries
from sekisho.casework.subject_requests.console.accounts import DESK, account_of, name_of
from sekisho.casework.subject_requests.console.answer_lines import LineChoice, choices_of, chosen
from sekisho.casework.subject_requests.console.letters import LetterForm
from sekisho.casework.subject_requests.console.next_step import InHand, Next, in_hand, next_of
from sekisho.casework.subject_requests.console.seen import told_change
from sekisho.casework.subject_requests.console.wording import kind_name, language
from sekisho.casework.subject_requests.queries import AnswerRecord, packages
from sekisho.casework.subject_requests.queries.access import access_issued_at
from sekisho.casework.subject_requests.queries.answers import parts_of
from sekisho.casework.subject_requests.queries.letters import Recipient
from sekisho.casework.subject_requests.rules import Case, Outcome
from sekisho.casework.subject_requests.rules.answering import AnswerState
from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.model import RequestGround
from sekisho.engine.law.pack import law
from sekisho.registers.policies import queries as policies
from sekisho.web.roles import require_role

OUTCOMES: dict[str, Promise] = {
    Outcome.GRANTED: gettext_lazy("すべてに応じる"),
    Outcome.PARTIAL: gettext_lazy("一部に応じる"),
    Outcome.REFUSED: gettext_lazy("応じない"),
    Outcome.NOTHING_HELD: gettext_lazy("情報はない"),
}
STATES: dict[AnswerState, tuple[str, Promise]] = {
    AnswerState.DRAFTED: ("open", gettext_lazy("承認を待っています")),
    AnswerState.APPROVED: ("kept", gettext_lazy("承認されました")),
    AnswerState.SENT: ("kept", gettext_lazy("送りました")),
    AnswerState.WITHDRAWN: ("idle", gettext_lazy("取り下げました")),
}
REPLIES = {"paper": gettext_lazy("書面（郵送）"), "electronic": gettext_lazy("電磁的記録（ダウンロード）")}
Act = Callable[[datetime, str], None]


class SendForm(forms.Form):
    """How it left."""

    sent_on = forms.DateField(
        label=gettext_lazy("送った日"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    registered_no = forms.CharField(
        label=gettext_lazy("書留の番号"), max_length=32, required=False, strip=True,
        help_text=gettext_lazy("本人限定受取、簡易書留などの引受番号。あとで確かめられるように控えます。"),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class GroundLine:
    """A ground of law with its articles."""

    label: str
    articles: str


SHOWN = {  # all else is shown as text
    ".pdf": "application/pdf", ".png": "image/png", ".jpg": "image/jpeg",
    ".tiff": "image/tiff", ".bin": "application/octet-stream",
}  # fmt: skip


@require_GET
@require_role(*DESK)
def answer(request: HttpRequest, reference: str) -> HttpResponseBase:
    """The page of the answer. It shows what is held, so it opens as the person's page does, and every look is recorded."""
    return _page(request, reference)


@require_POST
@require_role(*DESK)
def draft(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Make what leaves, from the clerk's word on each line. What was typed stays on the page when it is refused."""
    at, account, form = timezone.now(), account_of(request), LetterForm(request.POST)
    if queries.open_until(reference, account, at) is None:
        return redirect("console:person", reference)
    if not form.is_valid():
        return _page(request, reference, form=form, typed=request.POST, status=422)
    given = dict(form.cleaned_data)
    try:
        actions.draft_answer(
            reference=reference,
            decisions=chosen(queries.open_lines(reference, at), request.POST),
            language=given.pop("language"),
            to=Recipient(**given),
            version=request.POST.get("version", ""),
            at=at,
            acting_user=account,
        )
    except SekishoError as fault:
        return _page(request, reference, form=form, typed=request.POST, fault=fault, status=409)
    messages.success(request, _("送るものをつくりました。別の担当者に、開いて読み、承認してもらってください。"))
    return redirect("console:case_answer", reference)


@require_POST
@require_role(*DESK)
def approve(request: HttpRequest, reference: str, ref: str) -> HttpResponseBase:
    """Agree to exactly these bytes, as a second person."""
    digest = request.POST.get("sha256", "")
    return _done(
        request,
        reference,
        _("承認しました。送ったら、送った日を記録してください。"),
        lambda at, by: actions.approve_answer(ref=_own(reference, ref), sha256=digest, at=at, acting_user=by),
    )


@require_POST
@require_role(*DESK)
def withdraw(request: HttpRequest, reference: str, ref: str) -> HttpResponseBase:
    """Take it back before it leaves."""
    return _done(
        request,
        reference,
        _("回答を取り下げました。つくり直せます。"),
        lambda at, by: actions.withdraw_answer(ref=_own(reference, ref), at=at, acting_user=by),
    )


@require_POST
@require_role(*DESK)
def send(request: HttpRequest, reference: str, ref: str) -> HttpResponseBase:
    """It left: the case closes, and what the answer brings about begins."""
    form = SendForm(request.POST)
    if not form.is_valid():
        return _page(request, reference, send_form=form, status=422)
    given = form.cleaned_data
    return _done(
        request,
        reference,
        _("送ったことを記録し、案件を終えました。"),
        lambda at, by: actions.send_answer(ref=_own(reference, ref), **given, at=at, acting_user=by),
    )


@require_GET
@require_role(*DESK)
def leaving(request: HttpRequest, reference: str, ref: str, kind: str) -> HttpResponseBase:
    """What leaves: the letter to read, or everything as one file whose hash is the one that is approved."""
    at, account = timezone.now(), account_of(request)
    if queries.open_until(reference, account, at) is None:
        return redirect("console:person", reference)
    letter = "" if kind == "zip" else packages.letter_name(queries.files_of(_own(reference, ref)))
    content = actions.open_answer(ref=_own(reference, ref), account=account, at=at, part=letter)
    if kind == "zip":
        return _file(content, "application/zip", f'attachment; filename="{ref}.zip"')
    return _file(content, "application/pdf", f'inline; filename="{ref}.pdf"')


@require_GET
@require_role(*DESK)
def part(request: HttpRequest, reference: str, ref: str, number: int) -> HttpResponseBase:
    """One file of what leaves, by its number on the page. Who opens it has read it in these bytes."""
    at, account = timezone.now(), account_of(request)
    if queries.open_until(reference, account, at) is None:
        return redirect("console:person", reference)
    names = [name for name, _is_read in parts_of(_own(reference, ref), account)]
    if not 0 < number <= len(names):
        raise SekishoError("requests.unknown-part", room="sekisho.casework.subject_requests", ref=ref)
    name = names[number - 1]
    content = actions.open_answer(ref=ref, account=account, at=at, part=name)
    kind = SHOWN.get(PurePosixPath(name).suffix.lower(), "text/plain; charset=utf-8")
    return _file(content, kind, f'inline; filename="{ref}-{number}{PurePosixPath(name).suffix}"')


def _page(
    request: HttpRequest,
    reference: str,
    *,
    form: LetterForm | None = None,
    send_form: SendForm | None = None,
    typed: Mapping[str, str] | None = None,
    fault: SekishoError | None = None,
    status: int = 200,
) -> HttpResponseBase:
    at, account, found = timezone.now(), account_of(request), queries.case(reference)
    hand = in_hand(found, at, is_full=request.GET.get("check") == "now")
    context: dict[str, object] = {
        "case": found,
        "kind": kind_name(found.kind),
        "version": queries.version_of(reference),
        "fault": fault.message(language()) if fault else "",
        "remedy": fault.remedy(language()) if fault else "",
        "changes": told_change(fault),
        "trail": [(_("窓口"), ""), (reference, reverse("console:case", args=[reference])), (_("答え"), "")],
    }
    if found.is_open:
        if queries.open_until(reference, account, at) is None:
            return redirect("console:person", reference)
        actions.record_view(reference=reference, account=account, at=at)
        stands = queries.standing(reference, at)
        following = next_of(found, stands, account, hand) if found.identity_checked_at else _first(found)
        is_here = following.url == reverse("console:case_answer", args=[reference])
        context |= {"next": following, "is_ready": is_here and hand.answer is None, "is_here": is_here}
        context["reply"] = REPLIES["electronic" if stands.reply == "electronic" else "paper"]
    if hand.answer is not None:
        context |= _in_hand(hand.answer, hand, account, send_form, found, at)
    elif found.is_open:
        context |= _deciding(request, found, form, typed, at)
    response = render(request, "subject_requests/console/answer.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _in_hand(
    one: AnswerRecord, hand: InHand, account: str, send_form: SendForm | None, found: Case, at: datetime
) -> dict[str, object]:
    mark, state = STATES[one.state]
    is_current = found.is_open and hand.is_current
    files = parts_of(one.ref, account) if found.is_open and is_current else ()
    return {
        "answer": one,
        "mark": mark if is_current or not found.is_open else "broken",
        "state": state if is_current or not found.is_open else _("もとになるものが変わりました"),
        "is_current": is_current,
        "checked_at": at if hand.is_full else one.checked_at,
        "outcome": OUTCOMES.get(one.outcome, one.outcome),
        "answer_reply": REPLIES.get(one.reply, one.reply),
        "files": files,
        "unread": sum(not is_read for _name, is_read in files),
        "made_by": name_of(one.made_by),
        "approved_by": name_of(one.approved_by),
        "is_mine": one.made_by == account,
        "may_approve": is_current and one.state is AnswerState.DRAFTED and one.made_by != account,
        "may_send": is_current and one.state is AnswerState.APPROVED,
        "needs_secret": one.reply == packages.ELECTRONIC and access_issued_at(one.reference) is None,
        "send_form": send_form or SendForm(initial={"sent_on": tokyo_date(at)}),
    }


def _deciding(
    request: HttpRequest, found: Case, form: LetterForm | None, typed: Mapping[str, str] | None, at: datetime
) -> dict[str, object]:
    grounds = queries.grounds_of(found.kind, at)
    ground = request.GET.get("ground", "")
    accepted = ground if ground in {one.id for one in grounds} else ""
    lines: tuple[LineChoice, ...] = choices_of(found.kind, queries.open_lines(found.reference, at), typed, accepted, at)
    right = policies.in_force(at).rights.get(found.kind)
    return {
        "lines": lines,
        "granted": sum(line.is_granted for line in lines),
        "grounds": [(one.id, _ground(one, at)) for one in grounds],
        "ground": accepted,
        "is_broader": right.broader_than_law if right else False,
        "form": form or LetterForm(),
    }


def _first(found: Case) -> Next:
    note = _("確かめる前に回答することはできません。")
    url = reverse("console:case", args=[found.reference])
    return Next(_("請求した方がご本人であることを確かめる。"), note, url, _("案件へ戻る"))


def _done(request: HttpRequest, reference: str, said: str, act: Act) -> HttpResponseBase:
    try:
        act(timezone.now(), account_of(request))
    except SekishoError as fault:
        messages.error(request, f"{fault.message(language())}　{fault.remedy(language())}")
        page = reverse("console:case_answer", args=[reference])
        return redirect(f"{page}?check=now" if fault.code == "requests.answer-outdated" else page)
    messages.success(request, said)
    return redirect("console:case_answer", reference)


def _own(reference: str, ref: str) -> str:
    """The answer, if it is this case's. Raises: requests.unknown-answer."""
    if queries.answer(ref).reference != reference:
        raise SekishoError("requests.unknown-answer", room="sekisho.casework.subject_requests", ref=ref)
    return ref


def _file(content: bytes, kind: str, disposition: str) -> HttpResponse:
    headers = {"Content-Disposition": disposition, "Cache-Control": "no-store"}
    return HttpResponse(content, content_type=kind, headers=headers)


def _ground(one: RequestGround, at: datetime) -> GroundLine:
    known = law(tokyo_date(at))
    return GroundLine(one.name(language()), _("、").join(known.cite(key).text(language()) for key in one.cites))
