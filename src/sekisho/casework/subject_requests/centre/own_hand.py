"""What a person may do with their case at the centre: save the slip of acceptance, change how we answer, take the request back.

All of it stands behind number and secret; taking it back asks for the secret once more.
"""

from datetime import datetime

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from sekisho.casework.subject_requests import queries
from sekisho.casework.subject_requests.actions.access import record_use
from sekisho.casework.subject_requests.actions.own_hand import change_reply, withdraw_request
from sekisho.casework.subject_requests.actions.scans import desk_key
from sekisho.casework.subject_requests.centre.status import WINDOW, opened, private
from sekisho.casework.subject_requests.centre.wording import language, named
from sekisho.casework.subject_requests.queries.access import Offer, is_ready, offers_of
from sekisho.casework.subject_requests.queries.slip import acceptance_slip
from sekisho.casework.subject_requests.rules import Case
from sekisho.casework.subject_requests.rules.access import Use
from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.pack import law
from sekisho.engine.policy.words import label
from sekisho.registers.policies import queries as policies
from sekisho.web.addresses import address_of

STATUS = "centre:request-status"


class ReplyForm(forms.Form):
    """One of the ways the policy publishes, with what it costs."""

    reply = forms.ChoiceField(label=gettext_lazy("お答えの方法"), widget=forms.RadioSelect)

    def __init__(self, offers: tuple[Offer, ...], *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]  # Django's own arguments, passed through
        self.fields["reply"].choices = [(one.reply, _told(one)) for one in offers]  # type: ignore[attr-defined]
        self.fields["reply"].initial = next((one.reply for one in offers if one.is_chosen), None)


class WithdrawForm(forms.Form):
    """The secret once more: nobody takes a request back by a page that was left open."""

    secret = forms.CharField(
        label=gettext_lazy("合言葉"),
        max_length=64,
        help_text=gettext_lazy("取り下げるときは、もう一度入れてください。"),
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


@private
@require_POST
def slip(request: HttpRequest) -> HttpResponseBase:
    """The slip of acceptance as PDF. Every time is noted."""
    at = timezone.now()
    reference = opened(request, at)
    if not reference:
        return redirect(STATUS)
    pdf = acceptance_slip(reference, key=desk_key(), at=at, language=language())
    record_use(reference=reference, what=Use.SLIP, at=at)
    name = f"{reference}-acceptance.pdf"
    return HttpResponse(
        pdf, content_type="application/pdf", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@private
def reply(request: HttpRequest) -> HttpResponseBase:
    """Another way of answering, with what it costs, until an answer is ready to leave."""
    at = timezone.now()
    reference = opened(request, at)
    case = queries.case(reference) if reference else None
    if case is None or not case.is_open:
        return redirect(STATUS)
    offers, refused = offers_of(reference, at), ""
    form = ReplyForm(offers, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            change_reply(reference=reference, reply=form.cleaned_data["reply"], at=at)
        except SekishoError as error:
            if error.code != "requests.answer-is-ready":
                raise
            refused = f"{error.message(language())} {error.remedy(language())}"
        else:
            messages.success(request, _("お答えの方法を承りました。"))
            return redirect(STATUS)
    elif request.method == "POST":
        refused = _("お答えの方法を選んでください。")
    values = _of(case, at) | {"form": form, "refused": refused, "is_ready": is_ready(reference), "desk": _desk(at)}
    return render(request, "subject_requests/centre/reply.html", values, status=409 if refused else 200)


@private
def withdraw(request: HttpRequest) -> HttpResponseBase:
    """Take the request back, giving the secret once more."""
    at = timezone.now()
    reference = opened(request, at)
    case = queries.case(reference) if reference else None
    if case is None or not case.is_open:
        return redirect(STATUS)
    form, refused, status = WithdrawForm(), "", 200
    if request.method == "POST":
        refused, status = _withdrawn(request, reference, at)
        if not refused:
            messages.success(request, _("ご請求の取下げを承りました。"))
            return redirect(STATUS)
    values = _of(case, at) | {"form": form, "refused": refused}
    return render(request, "subject_requests/centre/withdraw.html", values, status=status)


def _withdrawn(request: HttpRequest, reference: str, at: datetime) -> tuple[str, int]:
    """Why it was not taken back, and the status that says so; nothing where it was."""
    if not WINDOW.admits(address_of(request), at):
        return _("ただいま受け付けられません。10分ほどおいて、もう一度お試しください。"), 429
    form = WithdrawForm(request.POST)
    if not form.is_valid():
        return _("合言葉を入れてください。"), 400
    try:
        withdraw_request(reference=reference, secret=form.cleaned_data["secret"], at=at)
    except SekishoError as error:
        if error.code != "requests.access-refused":
            raise
        return _("合言葉が合いません。手紙をもう一度ご覧ください。続けて間違えると、しばらく受け付けません。"), 403
    return "", 200


def _of(case: Case, at: datetime) -> dict[str, object]:
    return {"case": case, "kind": named(law(tokyo_date(at)).request(case.kind))}


def _desk(at: datetime) -> object:
    return queries.request_desk(policies.in_force(at))


def _told(offer: Offer) -> str:
    told = label("channels", offer.reply, language())
    if offer.yen:
        return _("%(way)s（手数料 %(yen)s円）") % {"way": told, "yen": f"{offer.yen:,}"}
    return _("%(way)s（手数料はかかりません）") % {"way": told}
