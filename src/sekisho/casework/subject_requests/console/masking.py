"""Boxes drawn over what nobody may keep, burned into the pages for good. By mouse, by arrow keys, or by numbers without script."""

from collections.abc import Iterator

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sekisho.casework.subject_requests import queries
from sekisho.casework.subject_requests.actions import marking
from sekisho.casework.subject_requests.console.accounts import DESK, account_of
from sekisho.casework.subject_requests.queries.standing import standing
from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.pack import law
from sekisho.web.roles import require_role

ROWS = 8  # lines of numbers on the page; more boxes take another turn
CORNERS = ("left", "top", "right", "bottom")


@require_http_methods(["GET", "POST"])
@require_role(*DESK)
def mask(request: HttpRequest, ref: str) -> HttpResponseBase:
    """The pages of an arrival, and the boxes that are burned into them."""
    at, row = timezone.now(), queries.arrival(ref)
    fault = None
    if request.method == "POST":
        try:
            boxes = () if "nothing" in request.POST else _drawn(request.POST, ref)
            marking.black_out(ref=ref, boxes=boxes, at=at, acting_user=account_of(request))
        except SekishoError as error:
            fault = error
        else:
            burned = _("塗りました。塗る前の紙面は残っていません。")
            messages.success(request, burned if boxes else _("塗るところがないことを記録しました。"))
            return redirect("console:case", row.request) if row.request else redirect("console:arrival", ref)
    known = law(tokyo_date(at))
    papers = standing(row.request, at).papers if row.request else ()
    wanted = {part for paper in papers if paper.paper in known.papers for part in known.papers[paper.paper].masks}
    return render(
        request,
        "subject_requests/console/masking.html",
        {
            "row": row,
            "fault": f"{fault.message()} {fault.remedy()}" if fault else "",
            "pages": range(1, row.pages + 1) if not row.is_destroyed else (),
            "wanted": [known.masks[part].name() for part in sorted(wanted)],
            "parts": sorted(
                ((key, mask.name()) for key, mask in known.masks.items()), key=lambda one: one[0] not in wanted
            ),
            "rows": [_row(request.POST, number) for number in range(ROWS)],
            "trail": [
                (_("窓口"), ""),
                (_("受信箱"), reverse("console:inbox")),
                (ref, reverse("console:arrival", args=[ref])),
                (_("黒塗り"), ""),
            ],
        },
        status=409 if fault else 200,
    )


def _row(posted: QueryDict, number: int) -> dict[str, str]:
    return {"number": str(number)} | {name: posted.get(f"{name}-{number}", "") for name in ("page", "part", *CORNERS)}


def _drawn(posted: QueryDict, ref: str) -> tuple[marking.Box, ...]:
    found = tuple(_boxes(posted, ref))
    if not found:
        raise SekishoError("requests.no-such-box", room="sekisho.casework.subject_requests", ref=ref)
    return found


def _boxes(posted: QueryDict, ref: str) -> Iterator[marking.Box]:
    for number in range(ROWS):
        row = _row(posted, number)
        values = [row[name].strip() for name in CORNERS]
        if not any(values):
            continue
        if not all(value.isdecimal() for value in (*values, row["page"])):
            raise SekishoError("requests.no-such-box", room="sekisho.casework.subject_requests", ref=ref)
        left, top, right, bottom = (int(value) for value in values)
        yield marking.Box(page=int(row["page"]), left=left, top=top, right=right, bottom=bottom, part=row["part"])
