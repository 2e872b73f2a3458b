"""On a case's page: what the desk asks itself before an answer leaves, who sends, who is protected. Beside it a caller's number."""

from collections.abc import Callable, Mapping
from datetime import datetime

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from sekisho.casework.subject_requests import actions as desk
from sekisho.casework.subject_requests import queries, rules
from sekisho.casework.subject_requests.actions import frauds as actions
from sekisho.casework.subject_requests.console.accounts import DESK, account_of
from sekisho.casework.subject_requests.console.wording import said
from sekisho.casework.subject_requests.queries import frauds
from sekisho.casework.subject_requests.rules.fraud import AddressIs, Result, Showing, State, done_by_doing
from sekisho.casework.subject_requests.rules.intake import ArrivalState, Channel
from sekisho.engine.errors import SekishoError
from sekisho.web.roles import Role, require_role, roles_of

OFFICERS = frozenset({Role.OFFICER, Role.DEPUTY})
ADDRESSES = {
    AddressIs.UNKNOWN: gettext_lazy("まだ見ていない"),
    AddressIs.CONTRACT: gettext_lazy("契約の住所"),
    AddressIs.CHANGED: gettext_lazy("契約の住所（最近変わった）"),
    AddressIs.OTHER: gettext_lazy("契約の住所ではない"),
}
RESULTS = {
    Result.CLEAR: gettext_lazy("確かめた。問題はない"),
    Result.NO_REPLY: gettext_lazy("尋ねたが返事がない"),
    Result.DOUBT: gettext_lazy("疑いが残る"),
}
SHOWINGS = {
    Showing.SUPPORT_MEASURE: gettext_lazy("支援措置の書面"),
    Showing.PROTECTION_ORDER: gettext_lazy("裁判所の保護命令"),
    Showing.POLICE_WORD: gettext_lazy("警察からの連絡"),
    Showing.OWN_WORD: gettext_lazy("ご本人の申し出（書面を待つ）"),
}


class SenderForm(forms.Form):
    """Who sends, and where the answer is wanted."""

    address_is = forms.ChoiceField(
        label=gettext_lazy("お答えの宛先"),
        required=False,
        choices=[(one.value, label) for one, label in ADDRESSES.items()],
    )
    changed_on = forms.DateField(
        label=gettext_lazy("住所が変わった日"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    agent = forms.CharField(
        label=gettext_lazy("代理人の氏名と住所"),
        required=False,
        max_length=200,
        help_text=gettext_lazy(
            "書いたとおりには残しません。同じ代理人がほかの方のためにも請求していないかを見分ける印だけを残します。"
        ),
    )


def codes_of(context: Mapping[str, object]) -> frozenset[str]:
    """The codes of the questions that `checks_context` put on a page; none where it was not asked."""
    checks = context.get("checks", ())
    return frozenset(str(one["code"]) for one in checks) if isinstance(checks, list) else frozenset()


def checks_context(request: HttpRequest, reference: str, at: datetime) -> dict[str, object]:
    """What the case's page shows of questions, sender and protection."""
    found, sender = queries.case(reference), frauds.sender_of(reference)
    is_officer = bool(roles_of(request.user) & OFFICERS)
    checks = frauds.checks_of(reference, at)
    return {
        "checks": [
            {
                "code": one.code,
                "key": one.seen.key,
                "says": said(one.says),
                "do": said(one.do),
                "source": one.source,
                "state": one.state.value,
                "may": is_officer or not one.by_officer,
                "pages": [ref for ref in one.seen.about if ref.startswith("F-")],
                "by_doing": done_by_doing(one.code),
            }
            for one in checks
        ],
        "checks_open": sum(one.state is not State.CLEAR for one in checks),
        "check_results": [(one.value, label) for one, label in RESULTS.items()],
        "sender_form": SenderForm(
            auto_id="sender_%s",
            initial={"address_is": sender.address_is, "changed_on": sender.changed_on} if sender else None,
        ),
        "showings": [(one.value, label) for one, label in SHOWINGS.items()],
        "is_protected": bool(found.person) and frauds.is_protected(found.person, at),
        "is_officer": is_officer,
    }


@require_POST
@require_role(*DESK)
def check(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Note what came of one question."""
    return _done(
        request,
        reference,
        lambda: actions.record_check(
            reference=reference,
            key=request.POST.get("key", ""),
            result=Result(request.POST.get("result", Result.DOUBT.value)),
            how=request.POST.get("how", "")[:200],
            is_officer=bool(roles_of(request.user) & OFFICERS),
            at=timezone.now(),
            acting_user=account_of(request),
        ),
    )


@require_POST
@require_role(*DESK)
def sender(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Note who sends, and where the answer is wanted."""
    form = SenderForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("宛先と日付を確かめてください。"))
        return redirect("console:case", reference)
    given = form.cleaned_data
    return _done(
        request,
        reference,
        lambda: actions.record_sender(
            reference=reference,
            agent=given["agent"],
            address_is=AddressIs(given["address_is"]),
            changed_on=given["changed_on"],
            at=timezone.now(),
            acting_user=account_of(request),
        ),
    )


@require_POST
@require_role(*DESK)
def protect(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Somebody's whereabouts are protected from now on; or, by two officers, no longer."""
    at, by, person = timezone.now(), account_of(request), queries.case(reference).person
    step = request.POST.get("step", "protect")
    if step == "protect":
        showing = Showing(request.POST.get("showing", Showing.OWN_WORD.value))
        return _done(request, reference, lambda: actions.protect(person=person, showing=showing, at=at, acting_user=by))
    if not roles_of(request.user) & OFFICERS:
        raise SekishoError("requests.check-officer", room=rules.ROOM, check="protected")
    lifting = actions.ask_to_lift if step == "ask" else actions.lift
    return _done(request, reference, lambda: lifting(person=person, at=at, acting_user=by))


@require_http_methods(["GET", "POST"])
@require_role(*DESK)
def number(request: HttpRequest) -> HttpResponse:
    """What somebody who calls may be told of the number: when it changed hands. The call is noted as guidance."""
    at, told = timezone.now(), None
    if request.method == "POST":
        try:
            told = frauds.number_told(request.POST.get("number", ""), at)
        except SekishoError as error:
            messages.error(request, f"{error.message()} {error.remedy()}")
    if told is not None:
        ref = desk.record_contact(channel=Channel.PHONE, arrived_at=at, at=at, acting_user=account_of(request))
        desk.set_aside(ref=ref, state=ArrivalState.GUIDED, at=at, acting_user=account_of(request))
    return render(
        request,
        "subject_requests/console/number.html",
        {"told": told, "trail": [(_("窓口"), ""), (_("番号の案内"), "")]},
    )


def _done(request: HttpRequest, reference: str, action: Callable[[], None]) -> HttpResponseBase:
    try:
        action()
    except SekishoError as error:
        messages.error(request, f"{error.message()} {error.remedy()}")
    else:
        messages.success(request, _("記録しました。"))
    return redirect("console:case", reference)
