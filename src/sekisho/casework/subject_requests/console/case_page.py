"""The page of one case: its clock, how far it has come, what is missing, and what may be done now."""

from datetime import datetime

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sekisho.casework.subject_requests import queries
from sekisho.casework.subject_requests.console.accounts import account_of
from sekisho.casework.subject_requests.console.frauds import checks_context, codes_of
from sekisho.casework.subject_requests.console.letters import LetterForm, possible
from sekisho.casework.subject_requests.console.next_step import in_hand, next_of, steps_of
from sekisho.casework.subject_requests.console.papers import (
    DeathForm,
    PaperForm,
    PaymentForm,
    RecipientForm,
    TermsForm,
    context_of,
)
from sekisho.casework.subject_requests.console.person_form import PersonForm
from sekisho.casework.subject_requests.console.seen import told_change
from sekisho.casework.subject_requests.console.slips import slips_context
from sekisho.casework.subject_requests.console.wording import kind_name, language
from sekisho.casework.subject_requests.queries.access import access_issued_at, own_acts
from sekisho.casework.subject_requests.rules import Outcome
from sekisho.casework.subject_requests.rules.access import Use
from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.pack import law
from sekisho.engine.policy.periods import add
from sekisho.registers.policies import queries as policies

OWN_ACTS: dict[Use, Promise] = {
    Use.REPLY: gettext_lazy("お答えの方法を変えた"),
    Use.WITHDRAWAL: gettext_lazy("請求を取り下げた"),
}
OUTCOMES: tuple[tuple[str, Promise], ...] = (
    (Outcome.ANSWERED.value, gettext_lazy("回答した")),
    (Outcome.REFUSED.value, gettext_lazy("応じられない旨を回答した")),
    (Outcome.WITHDRAWN.value, gettext_lazy("取り下げられた")),
)


def case_page(request: HttpRequest, reference: str, form: str = "", fault: SekishoError | None = None) -> HttpResponse:
    """One request. After a refusal `form` names what was sent: it stays as it was typed."""
    at, found, account = timezone.now(), queries.case(reference), account_of(request)
    context: dict[str, object] = context_of(reference, at) if found.is_open else {}
    context |= {
        "case": found,
        "version": queries.version_of(reference),
        "arrivals": (arrived := queries.arrivals(request=reference)),
        "sheets": [(one.ref, page) for one in arrived if not one.is_destroyed for page in range(1, one.pages + 1)],
        "identify": PersonForm(),
        "kind": kind_name(found.kind),
        "due": add(found.received_on, law().deadline("suit_possible").period),
        "today": tokyo_date(at),
        "open_until": queries.open_until(reference, account, at),
        "outcomes": OUTCOMES,
        "access_issued_at": access_issued_at(reference),
        "own_acts": [(look.at, OWN_ACTS[look.what]) for look in own_acts(reference) if look.what in OWN_ACTS],
        "access_form": RecipientForm(auto_id="access_%s"),
        "answer": queries.answer_in_hand(reference),
        "fault": fault.message(language()) if fault else "",
        "remedy": fault.remedy(language()) if fault else "",
        "changes": told_change(fault),
        "trail": [(_("窓口"), ""), (_("開示等請求"), reverse("console:cases")), (reference, "")],
    }
    stands = queries.standing(reference, at) if found.is_open else None
    context |= {
        "letters": queries.letters_of(reference),
        "letter_form": LetterForm(auto_id="letter_%s"),
    }
    if stands is not None:
        context |= checks_context(request, reference, at) | slips_context(found, at)
        hand = in_hand(found, at)
        context["steps"] = steps_of(found, stands, hand)
        context["next"] = next_of(found, stands, account, hand) if found.identity_checked_at else None
    context["letter_kinds"] = possible(found, stands, codes_of(context))
    if form:
        context[form] = _typed(form, request.POST, found.kind, at)
    status = 409 if fault else 200
    return render(request, "subject_requests/console/case.html", context, status=status)


def _typed(form: str, posted: QueryDict, kind: str, at: datetime) -> forms.Form | str:
    if form == "paper_form":
        return PaperForm(posted, at=at)
    if form == "payment_form":
        return PaymentForm(posted, at=at)
    if form == "terms_form":
        right = policies.in_force(at).rights.get(kind)
        return TermsForm(posted, replies=(right.reply if right else ()) or ("mail", "electronic"))
    if form == "death_form":
        return DeathForm(posted)
    if form == "recipient_form":
        return RecipientForm(posted)
    return PersonForm(posted) if form == "identify" else posted.get("why", "")
