"""Complaints: the list with its clocks, a new one, one with its answer."""

from datetime import datetime

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from sekisho.casework.subject_requests import actions, queries
from sekisho.casework.subject_requests.actions import Recipient
from sekisho.casework.subject_requests.actions.complaints import write_complaint_letter
from sekisho.casework.subject_requests.console.accounts import DESK, account_of
from sekisho.casework.subject_requests.console.letters import LetterForm
from sekisho.casework.subject_requests.rules.complaints import About, ComplaintEnd
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.web.roles import require_role

ABOUT = {
    About.ANSWER: gettext_lazy("請求への回答"),
    About.HANDLING: gettext_lazy("個人情報の取り扱い"),
    About.DELAY: gettext_lazy("遅れ"),
    About.FEE: gettext_lazy("手数料"),
    About.STAFF: gettext_lazy("応対"),
    About.OTHER: gettext_lazy("そのほか"),
}
END = {
    ComplaintEnd.UPHELD: gettext_lazy("お申し出のとおりで、改めた"),
    ComplaintEnd.EXPLAINED: gettext_lazy("調べて説明した"),
    ComplaintEnd.REOPENED: gettext_lazy("新しい請求として受け付けた"),
    ComplaintEnd.NOT_OURS: gettext_lazy("当社のことではなかった"),
    ComplaintEnd.WITHDRAWN: gettext_lazy("取り下げられた"),
}
DAY = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class ComplaintForm(forms.Form):
    """A complaint that came."""

    about = forms.ChoiceField(
        label=gettext_lazy("何について"), choices=[(one.value, label) for one, label in ABOUT.items()]
    )
    words = forms.CharField(
        label=gettext_lazy("お申し出の内容"), widget=forms.Textarea(attrs={"rows": 5}), max_length=8000
    )
    received_on = forms.DateField(label=gettext_lazy("お申し出の日"), widget=DAY)
    reference = forms.CharField(label=gettext_lazy("かかわる案件"), max_length=24, required=False)


class AnswerForm(forms.Form):
    """How a complaint was answered."""

    end = forms.ChoiceField(label=gettext_lazy("結果"), choices=[(one.value, label) for one, label in END.items()])
    words = forms.CharField(
        label=gettext_lazy("お返事の内容"), widget=forms.Textarea(attrs={"rows": 5}), max_length=8000
    )
    answered_on = forms.DateField(label=gettext_lazy("お返事の日"), widget=DAY)


@require_http_methods(["GET", "POST"])
@require_role(*DESK)
def complaints(request: HttpRequest) -> HttpResponseBase:
    """All complaints, and the form for a new one."""
    at = timezone.now()
    form = ComplaintForm(request.POST or None, initial={"received_on": tokyo_date(at)})
    if request.method == "POST" and form.is_valid():
        return begun(request, form, at)
    every = queries.complaints(at)
    still_open = [one for one in every if not one.outcome]
    return render(
        request,
        "subject_requests/console/complaints.html",
        {
            "rows": [(one, ABOUT[one.about]) for one in every],
            "first": still_open[0] if still_open else None,
            "open_count": len(still_open),
            "form": form,
            "trail": [(_("窓口"), ""), (_("苦情"), "")],
        },
    )


def begun(request: HttpRequest, form: ComplaintForm, at: datetime, *, arrival: str = "") -> HttpResponseBase:
    """A complaint from a form that was filled in right, and its page. `arrival`: what waited at the desk and is the complaint."""
    given = form.cleaned_data
    ref = actions.open_complaint(
        about=About(given["about"]),
        words=given["words"],
        received_on=given["received_on"],
        reference=given["reference"].strip(),
        arrival=arrival,
        at=at,
        acting_user=account_of(request),
    )
    messages.success(request, _("苦情 %(ref)s を受け付けました。") % {"ref": ref})
    return redirect("console:complaint", ref)


@require_http_methods(["GET", "POST"])
@require_role(*DESK)
def complaint(request: HttpRequest, ref: str) -> HttpResponseBase:
    """One complaint: what came, what was answered. Every look is recorded."""
    at, account = timezone.now(), account_of(request)
    form = AnswerForm(request.POST or None, initial={"answered_on": tokyo_date(at)})
    if request.method == "POST" and "letter" not in request.POST and form.is_valid():
        given = form.cleaned_data
        actions.answer_complaint(
            ref=ref,
            end=ComplaintEnd(given["end"]),
            words=given["words"],
            answered_on=given["answered_on"],
            at=at,
            acting_user=account,
        )
        messages.success(request, _("お返事を記録しました。"))
        return redirect("console:complaint", ref)
    letter = LetterForm(request.POST or None, auto_id="letter_%s")
    if request.method == "POST" and "letter" in request.POST and letter.is_valid():
        given = dict(letter.cleaned_data)
        pdf = write_complaint_letter(
            ref=ref, language=given.pop("language"), to=Recipient(**given), at=at, acting_user=account
        )
        name = f'attachment; filename="{ref}.pdf"'
        return HttpResponse(
            pdf, content_type="application/pdf", headers={"Content-Disposition": name, "Cache-Control": "no-store"}
        )
    found = queries.complaint(ref, at)
    came, answered = actions.read_complaint(ref=ref, account=account, at=at)
    response: HttpResponse = render(
        request,
        "subject_requests/console/complaint.html",
        {
            "row": found,
            "about": ABOUT[found.about],
            "end": END[ComplaintEnd(found.outcome)] if found.outcome else "",
            "came": came,
            "answered": answered,
            "form": form,
            "letter": letter if "letter" in request.POST else LetterForm(auto_id="letter_%s"),
            "trail": [(_("窓口"), ""), (_("苦情"), reverse("console:complaints")), (ref, "")],
        },
    )
    response["Cache-Control"] = "no-store"
    return response
