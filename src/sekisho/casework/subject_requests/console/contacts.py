"""Calls, visits, letters and e-mails without a form: kept, told apart by the policy, the form at hand to be sent today."""

from urllib.parse import quote

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from sekisho.casework.subject_requests import actions, queries
from sekisho.casework.subject_requests.actions.contacts import take_contact
from sekisho.casework.subject_requests.console.accounts import DESK, account_of
from sekisho.casework.subject_requests.console.inbox import CHANNELS, STATES
from sekisho.casework.subject_requests.console.wording import kind_name, kinds, language
from sekisho.casework.subject_requests.rules.contacts import Becomes, becomes
from sekisho.casework.subject_requests.rules.intake import Channel
from sekisho.engine.japanese.tokyo import TOKYO, tokyo_date
from sekisho.registers.policies import queries as policies
from sekisho.web.roles import require_role

COMPLAINT = "complaint"
BY_WORD = (Channel.PHONE, Channel.SHOP, Channel.E_MAIL, Channel.MAIL)


class ContactForm(forms.Form):
    """How somebody turned to us, when, and what they ask for. Nothing of what they said is kept here."""

    channel = forms.ChoiceField(label=gettext_lazy("届き方"), choices=[(one.value, CHANNELS[one]) for one in BY_WORD])
    kind = forms.ChoiceField(label=gettext_lazy("求めていること"))
    arrived_at = forms.DateTimeField(
        label=gettext_lazy("連絡のあった日時"),
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
    )
    wants_form = forms.ChoiceField(
        label=gettext_lazy("電話の方への様式の郵送"),
        choices=[("yes", gettext_lazy("希望している")), ("no", gettext_lazy("希望していない"))],
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # Django's own arguments, passed through
        self.fields["kind"].choices = [*kinds(), (COMPLAINT, _("苦情"))]  # type: ignore[attr-defined]


@require_http_methods(["GET", "POST"])
@require_role(*DESK)
def contacts(request: HttpRequest) -> HttpResponseBase:
    """Today's contacts, and the form that keeps one."""
    at = timezone.now()
    form = ContactForm(request.POST or None, initial={"arrived_at": at.astimezone(TOKYO)})
    if request.method == "POST" and form.is_valid():
        return _taken(request, form)
    rows, _book = queries.book(tokyo_date(at))
    rights = policies.in_force(at).rights
    return render(
        request,
        "subject_requests/console/contacts.html",
        {
            "form": form,
            "rows": [(row, CHANNELS[row.channel], STATES[row.state]) for row in rows if not row.pages],
            "is_request": any(becomes(Channel.SHOP, right) is Becomes.REQUEST for right in rights.values()),
            "kinds": kinds(),
            "trail": [(_("窓口"), ""), (_("連絡の記録"), "")],
        },
    )


@require_GET
@require_role(*DESK)
def blank(request: HttpRequest, kind: str) -> HttpResponse:  # noqa: ARG001  Django gives it
    """The empty form of a kind, to be printed and sent today."""
    at = timezone.now()
    policy = policies.in_force(at)
    if kind not in policy.rights:
        raise Http404
    pdf = queries.blank_form(policy, kind, at=at, language=language())
    headers = {"Content-Disposition": f"inline; filename*=UTF-8''{quote(kind_name(kind))}.pdf"}
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)


def _taken(request: HttpRequest, form: ContactForm) -> HttpResponseBase:
    given, at = form.cleaned_data, timezone.now()
    if given["kind"] == COMPLAINT:  # it waits in the inbox until its words are in
        ref = actions.record_contact(
            channel=Channel(given["channel"]),
            arrived_at=min(given["arrived_at"], at),
            at=at,
            acting_user=account_of(request),
        )
        messages.success(request, _("%(ref)s：連絡を記録しました。苦情の内容を入れてください。") % {"ref": ref})
        return redirect(reverse("console:arrival", args=[ref]) + "#q")
    ref, reference = take_contact(
        channel=Channel(given["channel"]),
        kind=given["kind"],
        arrived_at=min(given["arrived_at"], at),
        wants_form=given["wants_form"] == "yes",
        at=at,
        acting_user=account_of(request),
    )
    if reference:
        messages.success(request, _("請求として受け付けました。時計は連絡のあった日から動きます。"))
        return redirect("console:case", reference)
    if given["channel"] == Channel.PHONE.value:
        messages.success(request, _("%(ref)s：電話は案内として記録しました。時計は動きません。") % {"ref": ref})
    else:
        messages.success(request, _("%(ref)s：連絡を記録しました。様式を今日のうちに送ってください。") % {"ref": ref})
    return redirect("console:contacts")
