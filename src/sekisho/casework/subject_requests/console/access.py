"""The letter of acceptance with number and secret, and a new secret by post after a loss: never shown on a screen."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from sekisho.casework.subject_requests import actions, queries
from sekisho.casework.subject_requests.actions import Recipient
from sekisho.casework.subject_requests.console.accounts import DESK, account_of
from sekisho.casework.subject_requests.console.papers import RecipientForm
from sekisho.casework.subject_requests.queries.access import access_issued_at
from sekisho.web.roles import require_role


@require_POST
@require_role(*DESK)
def access(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Write the letter that prints the secret: the acceptance at first, a letter of its own after a loss."""
    at, form = timezone.now(), RecipientForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("お名前、郵便番号、ご住所を入れてください。"))
        return redirect("console:case", reference)
    is_first = access_issued_at(reference) is None and queries.case(reference).is_open
    actions.write_letter(
        reference=reference,
        kind="acceptance" if is_first else "access",
        to=Recipient(**form.cleaned_data),
        at=at,
        acting_user=account_of(request),
    )
    if is_first:
        messages.success(request, _("受付のお知らせをつくりました。受付番号と合言葉を印刷してあります。"))
    else:
        messages.success(request, _("新しい合言葉の手紙をつくりました。前の合言葉は、もう使えません。"))
    return redirect("console:case", reference)
