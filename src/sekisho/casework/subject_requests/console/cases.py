"""The list of cases, one case, and the person's page behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sekisho.casework.subject_requests import actions, queries, rules
from sekisho.casework.subject_requests.console.accounts import DESK, account_of
from sekisho.casework.subject_requests.console.papers import context_of
from sekisho.casework.subject_requests.queries import Holding
from sekisho.casework.subject_requests.rules import Outcome
from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import TOKYO, tokyo_date
from sekisho.engine.law.pack import law
from sekisho.engine.policy.model import Text
from sekisho.engine.policy.periods import add
from sekisho.registers.identities import queries as identities
from sekisho.registers.identities.queries import IdentifierInterval
from sekisho.registers.policies import queries as policies
from sekisho.web.roles import require_role

AXIS = 1300  # units of the bars' view box
IDENTIFIERS = {
    "customer_no": gettext_lazy("お客さま番号"),
    "number": gettext_lazy("電話番号"),
    "staff_no": gettext_lazy("社員番号"),
    "applicant_no": gettext_lazy("応募番号"),
    "shareholder_no": gettext_lazy("株主番号"),
    "contact_no": gettext_lazy("取引先担当者番号"),
    "recipient_no": gettext_lazy("送付先番号"),
    "mail": gettext_lazy("メールアドレス"),
}
OUTCOMES = (
    (Outcome.ANSWERED.value, gettext_lazy("回答した")),
    (Outcome.REFUSED.value, gettext_lazy("応じられない旨を回答した")),
    (Outcome.WITHDRAWN.value, gettext_lazy("取り下げられた")),
)


class PersonForm(forms.Form):
    """Whose request it is: a number, and a day on which it was theirs."""

    identifier = forms.ChoiceField(
        label=gettext_lazy("番号の種類"),
        choices=[(kind, IDENTIFIERS[kind]) for kind in ("customer_no", "number", "staff_no", "shareholder_no")],
    )
    value = forms.CharField(label=gettext_lazy("番号"), max_length=64, strip=True)
    used_on = forms.DateField(
        label=gettext_lazy("番号を使っていた日"),
        required=False,
        help_text=gettext_lazy("番号は別の方に移ることがあります。空欄なら到達した日の持ち主を探します。"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )


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


@dataclass(frozen=True, slots=True)
class Bar:
    """How long something is held, as positions on the axis."""

    start: int
    now: int
    end: int
    open_ended: bool

    @property
    def past(self) -> int:
        """Width of the time gone by."""
        return max(self.now - self.start, 8)

    @property
    def rest(self) -> int:
        """Width of the time to come."""
        return max(self.end - self.now, 8)


@dataclass(frozen=True, slots=True)
class HeldLine:
    """A row of the person's page."""

    holding: Holding
    label: str
    place: str
    fields: str
    bar: Bar
    why: str
    source: str
    until: date | None


@dataclass(frozen=True, slots=True)
class IdentifierLine:
    """An identifier with its interval; `is_others_now`: somebody else holds it today."""

    label: str
    masked: str
    interval: IdentifierInterval
    is_others_now: bool


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
            form.add_error("value", SekishoError("requests.person-not-found", room=rules.ROOM).message(_language()))
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
            "cases": [(case, _kind(case.kind), add(case.received_on, deadline)) for case in every],
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
    at, found = timezone.now(), queries.case(reference)
    return render(
        request,
        "subject_requests/console/case.html",
        (context_of(reference, at) if found.is_open else {})
        | {
            "case": found,
            "arrivals": queries.arrivals(request=reference),
            "identify": PersonForm(),
            "kind": _kind(found.kind),
            "due": add(found.received_on, law().deadline("suit_possible").period),
            "today": tokyo_date(at),
            "open_until": queries.open_until(reference, account_of(request), at),
            "outcomes": OUTCOMES,
            "trail": [(_("窓口"), ""), (_("開示等請求"), reverse("console:cases")), (reference, "")],
        },
    )


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
    messages.error(request, SekishoError("requests.person-not-found", room=rules.ROOM).message(_language()))
    return redirect("console:case", reference)


@require_GET
@require_role(*DESK)
def form(request: HttpRequest, reference: str) -> HttpResponse:
    """The form of a case as PDF, with the code that finds it: to be sent to the person."""
    at, found = timezone.now(), queries.case(reference)
    pdf = actions.print_form(reference=reference, at=at, acting_user=account_of(request), language=_language())
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
    """Close the request with its answer."""
    at = timezone.now()
    outcome = Outcome(request.POST.get("outcome", Outcome.ANSWERED.value))
    actions.close_case(
        reference=reference, outcome=outcome, answered_on=tokyo_date(at), at=at, acting_user=account_of(request)
    )
    messages.success(request, _("案件を終えました。ご本人の台帳は閉じました。"))
    return redirect("console:case", reference)


@require_http_methods(["GET", "POST"])
@require_role(*DESK)
def person(request: HttpRequest, reference: str) -> HttpResponseBase:
    """What is held about the person of a case. Opened by POST for a while; every look is recorded."""
    at, account = timezone.now(), account_of(request)
    found = queries.case(reference)
    if request.method == "POST":
        actions.open_page(reference=reference, account=account, at=at)
        return redirect("console:person", reference)
    trail = [(_("窓口"), ""), (reference, reverse("console:case", args=[reference])), (_("本人の台帳"), "")]
    until = queries.open_until(reference, account, at)
    if until is None:
        context = {
            "case": found,
            "kind": _kind(found.kind),
            "trail": trail,
            "minutes": rules.PAGE_OPEN_FOR.seconds // 60,
        }
        return render(
            request, "subject_requests/console/person_closed.html", context, status=200 if found.is_open else 403
        )
    actions.record_view(reference=reference, account=account, at=at)
    held, unreadable = queries.holdings(found.person, at)
    names = identities.names_of(found.person)
    response = render(
        request,
        "subject_requests/console/person.html",
        {
            "case": found,
            "kind": _kind(found.kind),
            "name": _masked_name(names[-1].name) if names else "",
            "person": found.person,
            "until": until,
            "lines": _lines(held, tokyo_date(at)),
            "years": _years(held, tokyo_date(at)),
            "unreadable": unreadable,
            "identifiers": _identifiers(found.person, at),
            "is_erased": identities.is_erased(found.person),
            "is_suppressed": identities.suppressed(found.person, at),
            "erasures": queries.erasures(found.person),
            "trail": trail,
        },
    )
    # Without a script: the browser asks again when the time is over, and finds the page closed.
    response["Refresh"] = str(max(int((until - at).total_seconds()) + 1, 1))
    response["Cache-Control"] = "no-store"
    return response


def _lines(held: Sequence[Holding], today: date) -> list[HeldLine]:
    first, last = _span(held, today)
    lines = []
    for holding in held:
        until = holding.keep.until
        governing = holding.keep.because[0] if holding.keep.because else None
        bar = Bar(
            _at(holding.since or today, first, last),
            _at(today, first, last),
            _at(until or last, first, last),
            until is None,
        )
        says = (
            (governing.says_en if _language() == "en" else governing.says) if governing else _("保つ理由がありません")
        )
        # The English sentence names its articles itself; the article as kept is the Japanese one.
        cited = (governing.clause, "" if _language() == "en" else governing.article) if governing else ()
        source = " ".join(part for part in cited if part and part not in says)
        fields = _("、").join(dict.fromkeys(_said(text) for text in holding.fields))
        lines.append(HeldLine(holding, _said(holding.label), _said(holding.place), fields, bar, says, source, until))
    return lines


def _years(held: Sequence[Holding], today: date) -> list[int]:
    first, last = _span(held, today)
    return [first.year, (first.year + last.year) // 2, last.year]


def _span(held: Sequence[Holding], today: date) -> tuple[date, date]:
    starts = [holding.since for holding in held if holding.since]
    ends = [holding.keep.until for holding in held if holding.keep.until]
    return min([*starts, today]), max([*ends, date(today.year + 1, 12, 31)])


def _at(day: date, first: date, last: date) -> int:
    return round(AXIS * min(max((day - first).days, 0), (last - first).days) / max((last - first).days, 1))


def _identifiers(ref: str, at: datetime) -> list[IdentifierLine]:
    lines = []
    for interval in identities.identifiers_of(ref):
        others = any(
            holder.person != ref and holder.holds_at(at)
            for holder in identities.holders_of(interval.kind, interval.value)
        )
        label = str(IDENTIFIERS.get(interval.kind, interval.kind))
        lines.append(
            IdentifierLine(label, rules.masked(interval.value), interval, others and not interval.holds_at(at))
        )
    return lines


def _masked_name(name: str) -> str:
    return " ".join(part[0] + "＊" for part in name.split() if part)


def kinds() -> list[tuple[str, str]]:
    """The kinds of request under the policy in force, with their names."""
    return [(right, _kind(right)) for right in policies.in_force(timezone.now()).rights]


def _kind(kind: str) -> str:
    known = law().requests.get(kind)
    return known.name(_language()) if known else kind


def _said(text: Text) -> str:
    return text.en or text.ja if _language() == "en" else text.ja


def _language() -> str:
    return "en" if (get_language() or "ja").startswith("en") else "ja"
