"""On a case's page: what was recorded by mistake is taken back; whose request it is is said anew, or that it is nobody's."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from sekisho.casework.subject_requests.actions.cases import identify_as_nobody
from sekisho.casework.subject_requests.actions.slips import drop_paper, drop_payment
from sekisho.casework.subject_requests.console.accounts import DESK, account_of
from sekisho.casework.subject_requests.console.wording import language
from sekisho.casework.subject_requests.queries import slips
from sekisho.casework.subject_requests.rules import Case
from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.pack import law
from sekisho.web.roles import require_role


def slips_context(case: Case, at: datetime) -> dict[str, object]:
    """What may still be taken back, as choices: the entry and its words."""
    known, ja = law(tokyo_date(at)), language()
    papers = () if case.identity_checked_at else slips.papers_written(case.reference)
    told = [(f"paper:{one.number}", f"{known.paper(one.what).name(ja)}　{_days(one)}") for one in papers]
    told += [
        (f"fee:{one.number}", f"{known.instrument(one.what).name(ja)}　" + _("%(n)s円") % {"n": one.yen})
        for one in slips.payments_written(case.reference)
    ]
    return {"slips": told, "may_name_again": bool(case.person) and not case.identity_checked_at}


@require_POST
@require_role(*DESK)
def drop(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Take back a paper or a fee that was recorded by mistake."""
    at, by = timezone.now(), account_of(request)
    kind, _colon, number = request.POST.get("entry", "").partition(":")
    try:
        if kind == "paper":
            drop_paper(reference=reference, paper=int(number or 0), at=at, acting_user=by)
        else:
            drop_payment(reference=reference, payment=int(number or 0), at=at, acting_user=by)
    except SekishoError as error:
        messages.error(request, f"{error.message()} {error.remedy()}")
    else:
        messages.success(request, _("取り消しました。取り消したことも証跡に残ります。"))
    return redirect("console:case", reference)


@require_POST
@require_role(*DESK)
def nobody(request: HttpRequest, reference: str) -> HttpResponseBase:
    """No number leads to whoever asks: the case goes its way, and the answer is that nothing is held."""
    identify_as_nobody(reference=reference, at=timezone.now(), acting_user=account_of(request))
    messages.success(request, _("台帳にない方の請求として進めます。本人確認のあと、情報がないことをお答えします。"))
    return redirect("console:case", reference)


def _days(one: slips.Entry) -> str:
    if one.expires_on:
        return _("有効期限 %(on)s") % {"on": one.expires_on}
    return _("発行日 %(on)s") % {"on": one.issued_on} if one.issued_on else ""
