"""On a case's page: what came, what is missing, and the letter that asks for it."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from sekisho.casework.subject_requests import actions, queries
from sekisho.casework.subject_requests.console.accounts import DESK, account_of
from sekisho.casework.subject_requests.queries.letters import Recipient, told_faults, told_need
from sekisho.casework.subject_requests.rules.fees import Tendered
from sekisho.casework.subject_requests.rules.intake import Channel
from sekisho.casework.subject_requests.rules.papers import Agency, Presented, Whose, death_shown
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.pack import Law, law
from sekisho.registers.policies import queries as policies
from sekisho.web.roles import require_role

WHOSE = {
    Whose.PERSON: gettext_lazy("本人"),
    Whose.AGENT: gettext_lazy("代理人"),
    Whose.AGENCY: gettext_lazy("代理の権限"),
    Whose.HEIR: gettext_lazy("相続人"),
    Whose.ESTATE: gettext_lazy("相続を示す書類"),
}
AGENCIES = {
    Agency.NONE: gettext_lazy("本人による請求"),
    Agency.STATUTORY: gettext_lazy("法定代理人"),
    Agency.MANDATED: gettext_lazy("任された代理人"),
    Agency.HEIR: gettext_lazy("相続人（ご本人が亡くなったとき）"),
}
REPLIES = {
    "mail": gettext_lazy("書面（郵送）"),
    "fax": gettext_lazy("ファクス"),
    "electronic": gettext_lazy("電磁的記録"),
    "paper": gettext_lazy("書面"),
}


def _day(label: Promise, *, required: bool = False) -> forms.DateField:
    return forms.DateField(
        label=label,  # type: ignore[arg-type]  # lazy text
        required=required,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )


class PaperForm(forms.Form):
    """A paper that came, as the clerk reads it."""

    paper = forms.ChoiceField(label=gettext_lazy("書類"))
    whose = forms.ChoiceField(
        label=gettext_lazy("どなたの"), choices=[(one.value, label) for one, label in WHOSE.items()]
    )
    issued_on = _day(gettext_lazy("発行日"))
    expires_on = _day(gettext_lazy("有効期限"))
    shows = forms.MultipleChoiceField(
        label=gettext_lazy("読めてしまう、見てはいけない部分"), required=False, widget=forms.CheckboxSelectMultiple
    )
    agrees = forms.BooleanField(  # not "matches": a form's field of that name hides what every element of a page can do
        label=gettext_lazy("氏名、住所、生年月日が請求と一致する"), required=False, initial=True
    )

    def __init__(self, *args: object, at: datetime, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # Django's own arguments, passed through
        known = law(tokyo_date(at))
        self.fields["paper"].choices = [(key, paper.name()) for key, paper in known.papers.items()]  # type: ignore[attr-defined]
        self.fields["shows"].choices = [(key, mask.name()) for key, mask in known.masks.items()]  # type: ignore[attr-defined]


class PaymentForm(forms.Form):
    """A piece that came for the fee."""

    instrument = forms.ChoiceField(label=gettext_lazy("種類"))
    yen = forms.IntegerField(label=gettext_lazy("額（円）"), min_value=1, max_value=1_000_000)
    issued_on = _day(gettext_lazy("発行日（定額小為替）"))

    def __init__(self, *args: object, at: datetime, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # as above
        known = law(tokyo_date(at))
        self.fields["instrument"].choices = [(key, one.name()) for key, one in known.instruments.items()]  # type: ignore[attr-defined]


class TermsForm(forms.Form):
    """How the person wants the answer, and who asks."""

    reply = forms.ChoiceField(label=gettext_lazy("お答えの方法"))
    agency = forms.ChoiceField(
        label=gettext_lazy("請求する方"), choices=[(one.value, label) for one, label in AGENCIES.items()]
    )

    def __init__(self, *args: object, replies: tuple[str, ...], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # as above
        self.fields["reply"].choices = [(one, REPLIES.get(one, one)) for one in replies]  # type: ignore[attr-defined]


class DeathForm(forms.Form):
    """The day on which the person died, as a paper shows it."""

    died_on = _day(gettext_lazy("亡くなった日"), required=True)


class RecipientForm(forms.Form):
    """What stands in the envelope's window."""

    name = forms.CharField(label=gettext_lazy("宛名"), max_length=80)
    postal_code = forms.CharField(label=gettext_lazy("郵便番号"), max_length=8)
    address = forms.CharField(label=gettext_lazy("住所"), max_length=160)


@dataclass(frozen=True, slots=True)
class PaperLine:
    """One paper, or the fee: its state and what was found."""

    label: str
    is_there: bool
    found: str


def context_of(reference: str, at: datetime) -> dict[str, object]:
    """What the case's page shows of papers, fee and waits."""
    stands = queries.standing(reference, at)
    known, policy, found = law(tokyo_date(at)), policies.in_force(at), queries.case(reference)
    right = policy.rights.get(found.kind)
    faulty = {fault.place for fault in stands.evidence.faults}
    lines = [PaperLine(told_need(need, known), False, "") for need in stands.evidence.needs]
    lines += [
        PaperLine(f"{_paper(paper)}（{WHOSE[paper.whose]}）", True, _days(paper))
        for place, paper in enumerate(stands.papers)
        if place not in faulty
    ]
    if stands.fee.yen:
        paid = _("%(n)s円を受け取りました") % {"n": stands.payment.counted}
        if (over := stands.payment.counted - stands.fee.yen) > 0:
            paid += _("（%(n)s円多いので、お返しします）") % {"n": over}
        lines.append(PaperLine(_("手数料 %(n)s円") % {"n": stands.fee.yen}, stands.payment.is_enough, paid))
    return {
        "stands": stands,
        "paper_lines": lines,
        "faults": told_faults(stands, known),
        "to_mask": [known.masks[part].name() for _place, part in stands.evidence.to_mask],
        "paper_form": PaperForm(at=at),
        "payment_form": PaymentForm(at=at),
        "terms_form": TermsForm(
            replies=(right.reply if right else ()) or ("mail", "electronic"),
            initial={"reply": stands.reply, "agency": stands.agency.value},
        ),
        "recipient_form": RecipientForm(),
        "death_form": DeathForm() if _death_is_open(stands) else None,
        "death_paper": _death_paper(stands, known),
        "letters": queries.letters_of(reference),
        "clock": stands.clock,
    }


@require_POST
@require_role(*DESK)
def paper(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Record a paper that came."""
    at, form = timezone.now(), PaperForm(request.POST, at=timezone.now())
    if not form.is_valid():
        return _back(request, reference, form)
    given = form.cleaned_data
    presented = Presented(
        paper=given["paper"],
        whose=Whose(given["whose"]),
        issued_on=given["issued_on"],
        expires_on=given["expires_on"],
        shows=frozenset(given["shows"]),
        matches=given["agrees"],
    )
    before = _faults(reference, at)
    actions.record_paper(reference=reference, paper=presented, at=at, acting_user=account_of(request))
    _say(request, _("書類を記録しました。"), _faults(reference, at) - before)
    return redirect("console:case", reference)


@require_POST
@require_role(*DESK)
def masked(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Record that what nobody may read is blacked out."""
    actions.record_masked(reference=reference, at=timezone.now(), acting_user=account_of(request))
    return redirect("console:case", reference)


@require_POST
@require_role(*DESK)
def payment(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Record a piece that came for the fee."""
    at, form = timezone.now(), PaymentForm(request.POST, at=timezone.now())
    if not form.is_valid():
        return _back(request, reference, form)
    given = form.cleaned_data
    piece = Tendered(instrument=given["instrument"], yen=given["yen"], issued_on=given["issued_on"])
    before = _faults(reference, at)
    actions.record_payment(
        reference=reference, piece=piece, came_by=Channel.MAIL, at=at, acting_user=account_of(request)
    )
    _say(request, _("手数料を記録しました。"), _faults(reference, at) - before)
    return redirect("console:case", reference)


@require_POST
@require_role(*DESK)
def terms(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Record how the answer is wanted and who asks."""
    actions.choose(
        reference=reference,
        reply=request.POST.get("reply", ""),
        agency=Agency(request.POST.get("agency", Agency.NONE.value)),
        at=timezone.now(),
        acting_user=account_of(request),
    )
    return redirect("console:case", reference)


@require_POST
@require_role(*DESK)
def death(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Record the day of death that an heir's paper shows."""
    form = DeathForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("亡くなった日を、書類にあるとおりに入れてください。"))
        return redirect("console:case", reference)
    actions.record_death(
        reference=reference, on=form.cleaned_data["died_on"], at=timezone.now(), acting_user=account_of(request)
    )
    messages.success(request, _("亡くなった日を登録しました。案内や広告は、いまから送られません。"))
    return redirect("console:case", reference)


@require_POST
@require_role(*DESK)
def other_way(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Propose another way of showing who asks, or agree to it as a second person."""
    at, by = timezone.now(), account_of(request)
    if "approve" in request.POST:
        actions.approve_other_way(reference=reference, at=at, acting_user=by)
    else:
        actions.propose_other_way(reference=reference, why=request.POST.get("why", "").strip(), at=at, acting_user=by)
    return redirect("console:case", reference)


@require_POST
@require_role(*DESK)
def ask(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Write the letter that asks for what is missing; from today our target stands still."""
    at, form = timezone.now(), RecipientForm(request.POST)
    if not form.is_valid():
        return _back(request, reference, form)
    to = Recipient(**form.cleaned_data)
    stands = queries.standing(reference, at)
    if not stands.clock.is_paused:
        actions.ask_for(reference=reference, what=stands.missing, at=at, acting_user=account_of(request))
    actions.write_letter(reference=reference, kind="deficiency", to=to, at=at, acting_user=account_of(request))
    messages.success(
        request,
        _("お願い状をつくりました。印刷して今日の郵便で送ってください。返事を待つあいだ、目標の時計は止まります。"),
    )
    return redirect("console:case", reference)


@require_GET
@require_role(*DESK)
def letter(request: HttpRequest, reference: str, ref: str) -> HttpResponse:  # noqa: ARG001  Django gives it
    """A letter as PDF."""
    pdf = actions.open_letter(ref=ref, account=account_of(request), at=timezone.now())
    headers = {"Content-Disposition": f'inline; filename="{ref}.pdf"', "Cache-Control": "no-store"}
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)


def _death_is_open(stands: queries.Standing) -> bool:
    return stands.agency is Agency.HEIR and not stands.about.is_dead


def _death_paper(stands: queries.Standing, known: Law) -> str:
    key = death_shown(stands.papers, stands.evidence, known)
    return known.paper(key).name() if key else ""


def _faults(reference: str, at: datetime) -> Counter[str]:
    return Counter(told_faults(queries.standing(reference, at), law(tokyo_date(at))))


def _say(request: HttpRequest, done: str, new: Counter[str]) -> None:
    """What was recorded, and at once why it does not count, if it does not."""
    if new:
        messages.warning(request, done + _("ただし、使えません：%(why)s") % {"why": "。".join(sorted(new))})
    else:
        messages.success(request, done)


def _back(request: HttpRequest, reference: str, form: forms.Form) -> HttpResponseBase:
    for field, errors in form.errors.items():
        label = form.fields[field].label if field in form.fields else ""
        messages.error(request, f"{label}：{' '.join(str(one) for one in errors)}")
    return redirect("console:case", reference)


def _paper(paper: Presented) -> str:
    known = law().papers.get(paper.paper)
    return known.name() if known else paper.paper


def _days(paper: Presented) -> str:
    if paper.expires_on:
        return _("有効期限 %(on)s") % {"on": paper.expires_on}
    return _("発行日 %(on)s") % {"on": paper.issued_on} if paper.issued_on else ""
