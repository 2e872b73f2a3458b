"""Letters besides the answer: the reminder of a fee, the end for want of it, the certificate of an erasure."""

from collections.abc import Iterable

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from sekisho.casework.subject_requests import actions, queries
from sekisho.casework.subject_requests.actions import Recipient
from sekisho.casework.subject_requests.console.accounts import DESK, account_of
from sekisho.casework.subject_requests.console.papers import RecipientForm
from sekisho.casework.subject_requests.queries import Standing
from sekisho.casework.subject_requests.rules import Case, Outcome
from sekisho.web.roles import require_role

KINDS: dict[str, Promise] = {
    "reminder": gettext_lazy("手数料の督促状"),
    "further_check": gettext_lazy("前の宛先への確認の手紙"),
    "refund": gettext_lazy("手数料の返還のお知らせ"),
    "withdrawn": gettext_lazy("取下げを承ったお知らせ"),
    "unpaid": gettext_lazy("未納による終了のお知らせ"),
    "erasure_certificate": gettext_lazy("消去証明書"),
}
FURTHER_CHECK = "recent-change"  # of fraud.toml: one letter to the former address
LANGUAGES = (("ja", gettext_lazy("日本語")), ("en", gettext_lazy("英語")))


class LetterForm(RecipientForm):
    """To whom, in which language."""

    language = forms.ChoiceField(label=gettext_lazy("手紙の言葉"), choices=LANGUAGES, initial="ja")


def possible(case: Case, stands: Standing | None, checks: Iterable[str]) -> tuple[tuple[str, Promise], ...]:
    """Which of these letters the case calls for now. `checks`: codes of the questions about it."""
    kinds = []
    if stands is not None and stands.payment.lacking and any(one.kind == "deficiency" for one in _made(case)):
        kinds.append("reminder")
    if stands is not None and FURTHER_CHECK in checks:
        kinds.append("further_check")
    if queries.refunds_of(case.reference):
        kinds.append("refund")
    if case.outcome == Outcome.WITHDRAWN:
        kinds.append("withdrawn")
    if case.outcome == Outcome.UNPAID:
        kinds.append("unpaid")
    if case.certificate:
        kinds.append("erasure_certificate")
    return tuple((kind, KINDS[kind]) for kind in kinds)


@require_POST
@require_role(*DESK)
def write(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Make one of them."""
    form, kind = LetterForm(request.POST, auto_id="letter_%s"), request.POST.get("kind", "")
    if not form.is_valid() or kind not in KINDS:
        messages.error(request, _("お名前、郵便番号、ご住所を入れてください。"))
        return redirect("console:case", reference)
    given = dict(form.cleaned_data)
    actions.write_letter(
        reference=reference,
        kind=kind,
        language=given.pop("language"),
        to=Recipient(**given),
        at=timezone.now(),
        acting_user=account_of(request),
    )
    messages.success(request, _("手紙をつくりました。印刷して送ってください。"))
    return redirect("console:case", reference)


def _made(case: Case) -> tuple[queries.LetterRecord, ...]:
    return queries.letters_of(case.reference)
