"""The list of cases, and one case."""

from datetime import datetime, time

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sekisho.casework.subject_requests import actions, queries, rules
from sekisho.casework.subject_requests.console.accounts import DESK, account_of
from sekisho.casework.subject_requests.console.case_page import case_page
from sekisho.casework.subject_requests.console.person_form import PersonForm
from sekisho.casework.subject_requests.console.wording import kind_name, kinds, language
from sekisho.casework.subject_requests.rules import Outcome
from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import TOKYO, tokyo_date
from sekisho.engine.law.pack import law
from sekisho.engine.policy.periods import add
from sekisho.registers.identities import queries as identities
from sekisho.web.roles import require_role


class CaseForm(PersonForm):
    """A request that arrived on paper: whose, which kind, when."""

    kind = forms.ChoiceField(label=gettext_lazy("請求の種類"))
    received_on = forms.DateField(
        label=gettext_lazy("到達した日"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    field_order = ("kind", "identifier", "value", "received_on", "used_on")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # Django's own arguments, passed through
        self.fields["kind"].choices = kinds()  # type: ignore[attr-defined]


@require_http_methods(["GET", "POST"])
@require_role(*DESK)
def cases(request: HttpRequest) -> HttpResponseBase:
    """All requests, and the form for a new one."""
    at = timezone.now()
    form = CaseForm(request.POST or None, initial={"received_on": tokyo_date(at)})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        moment = datetime.combine(given["used_on"] or given["received_on"], time(12), TOKYO)
        person = identities.person_of(given["identifier"], given["value"].replace("-", ""), moment)
        if person is None:
            form.add_error("value", SekishoError("requests.person-not-found", room=rules.ROOM).message(language()))
        else:
            case = actions.open_case(
                person=person,
                kind=given["kind"],
                received_on=given["received_on"],
                at=at,
                acting_user=account_of(request),
            )
            return redirect("console:case", case.reference)
    every = queries.cases()
    still_open = [case for case in every if case.is_open]
    deadline = law().deadline("suit_possible").period
    return render(
        request,
        "subject_requests/console/cases.html",
        {
            "cases": [(case, kind_name(case.kind), add(case.received_on, deadline)) for case in every],
            "first": still_open[0] if still_open else None,
            "first_due": add(still_open[0].received_on, deadline) if still_open else None,
            "open_count": len(still_open),
            "form": form,
            "today": tokyo_date(at),
            "trail": [(_("窓口"), ""), (_("開示等請求"), "")],
        },
    )


@require_GET
@require_role(*DESK)
def case(request: HttpRequest, reference: str) -> HttpResponse:
    """One request: its clock, its state, and what may be done now."""
    return case_page(request, reference)


@require_POST
@require_role(*DESK)
def identify(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Say whose request it is, by a number and a day on which it was theirs."""
    form = PersonForm(request.POST)
    found = queries.case(reference)
    if form.is_valid():
        given = form.cleaned_data
        moment = datetime.combine(given["used_on"] or found.received_on, time(12), TOKYO)
        person = identities.person_of(given["identifier"], given["value"].replace("-", ""), moment)
        if person is not None:
            actions.identify(reference=reference, person=person, at=timezone.now(), acting_user=account_of(request))
            messages.success(request, _("どなたの請求かを記録しました。次に、書類で本人であることを確かめます。"))
            return redirect("console:case", reference)
    messages.error(request, SekishoError("requests.person-not-found", room=rules.ROOM).message(language()))
    return redirect("console:case", reference)


@require_GET
@require_role(*DESK)
def form(request: HttpRequest, reference: str) -> HttpResponse:
    """The form of a case as PDF, with the code that finds it: to be sent to the person."""
    at, found = timezone.now(), queries.case(reference)
    pdf = actions.print_form(reference=reference, at=at, acting_user=account_of(request), language=language())
    name = f"{found.reference}.pdf"
    return HttpResponse(
        pdf, content_type="application/pdf", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@require_POST
@require_role(*DESK)
def check_identity(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Note that the papers were compared and it is the person."""
    actions.record_identity_check(reference=reference, at=timezone.now(), acting_user=account_of(request))
    messages.success(request, _("本人確認を記録しました。"))
    return redirect("console:case", reference)


@require_POST
@require_role(*DESK)
def close(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Close a request that nobody makes any more, or that was none. An answered one closes when its answer is sent."""
    actions.close_case(
        reference=reference,
        outcome=Outcome.WITHDRAWN,
        answered_on=None,
        at=timezone.now(),
        acting_user=account_of(request),
    )
    messages.success(request, _("案件を終えました。ご本人の台帳は閉じました。"))
    return redirect("console:case", reference)
