"""A picture that was gathered, shown inside its case with the viewer's mark, and what becomes of it."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from sekisho.casework.subject_requests import actions, queries
from sekisho.casework.subject_requests.console.accounts import DESK, account_of
from sekisho.casework.subject_requests.console.gathering_cells import redaction_line
from sekisho.casework.subject_requests.console.opened import closing, marked_picture
from sekisho.casework.subject_requests.console.wording import language, said
from sekisho.casework.subject_requests.queries.gathering_images import picture
from sekisho.casework.subject_requests.rules.gathering import gathering_words, words_of
from sekisho.engine.errors import SekishoError
from sekisho.web.roles import require_role


@require_GET
@require_role(*DESK)
def image(request: HttpRequest, reference: str, section: int, row: int, column: str) -> HttpResponseBase:
    """The page of one picture: its pages, and whether it stays black. It opens as the person's page does."""
    at, account = timezone.now(), account_of(request)
    ref = queries.gathering_of(reference)
    if queries.open_until(reference, account, at) is None or not ref:
        return redirect("console:person", reference)
    found = queries.gathered(ref)
    lines = [one for one in found.redactions if (one.section, one.row, one.column) == (section, row, column)]
    try:
        pages, fault = len(picture(ref, section=section, row=row, column=column)), ""
    except SekishoError as refusal:
        pages, fault = 0, refusal.message(language())
    trail = [
        (_("窓口"), ""),
        (reference, reverse("console:case", args=[reference])),
        (_("集めた情報"), reverse("console:gathering", args=[reference])),
        (_("画像"), ""),
    ]
    context = {
        "case": queries.case(reference),
        "line": redaction_line(found, lines[0]) if lines else None,
        "pages": range(1, pages + 1),
        "count": pages,
        "fault": fault,
        "section": section,
        "row": row,
        "column": column,
        "reasons": [(key, said(words_of("lifting", key))) for key in gathering_words()["lifting"]],
        "trail": trail,
    }
    response = render(request, "subject_requests/console/gathering_image.html", context)
    return closing(response, queries.open_until(reference, account, at), at)


@require_GET
@require_role(*DESK)
def image_page(request: HttpRequest, reference: str, section: int, row: int, column: str, page: int) -> HttpResponse:
    """One page of it with the viewer's name across; every look is recorded."""
    at = timezone.now()
    png, _count = actions.show_image(
        reference=reference, section=section, row=row, column=column, page=page, account=account_of(request), at=at
    )
    return marked_picture(request, png, at)
