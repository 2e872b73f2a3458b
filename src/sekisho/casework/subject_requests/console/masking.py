"""Boxes over what nobody may keep, burned into the pages for good. By mouse, by arrow keys, or by numbers without script.

What a machine found stands there as boxes already drawn: each is burned in, moved, or set aside with a reason.
"""

from collections.abc import Iterator, Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sekisho.casework.subject_requests import queries
from sekisho.casework.subject_requests.actions import marking
from sekisho.casework.subject_requests.actions.reading import set_aside_finding
from sekisho.casework.subject_requests.console.accounts import DESK, account_of
from sekisho.casework.subject_requests.console.wording import said
from sekisho.casework.subject_requests.queries.reading import Found, PagesRead, pages_read
from sekisho.casework.subject_requests.queries.standing import standing
from sekisho.casework.subject_requests.rules.reading import reasons
from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.pack import law
from sekisho.web.roles import require_role

ROOM = "sekisho.casework.subject_requests"
ROWS = 8  # empty lines of numbers on the page; more boxes take another turn
CORNERS = ("left", "top", "right", "bottom")
FIELDS = ("page", "part", *CORNERS, "finding", "aside")


@require_http_methods(["GET", "POST"])
@require_role(*DESK)
def mask(request: HttpRequest, ref: str) -> HttpResponseBase:
    """The pages of an arrival, what a machine found on them, and the boxes that are burned into them."""
    at, row = timezone.now(), queries.arrival(ref)
    fault = None
    if request.method == "POST":
        try:
            told = _done(request, ref)
        except SekishoError as error:
            fault = error
        else:
            messages.success(request, told)
            return redirect("console:case", row.request) if row.request else redirect("console:arrival", ref)
    known, read = law(tokyo_date(at)), pages_read(ref)
    papers = standing(row.request, at).papers if row.request else ()
    wanted = {part for paper in papers if paper.paper in known.papers for part in known.papers[paper.paper].masks}
    first = wanted | {one.part for one in read.open}
    return render(
        request,
        "subject_requests/console/masking.html",
        {
            "row": row,
            "fault": f"{fault.message()} {fault.remedy()}" if fault else "",
            "pages": range(1, row.pages + 1) if not row.is_destroyed else (),
            "wanted": [known.masks[part].name() for part in sorted(wanted)],
            "parts": sorted(
                ((key, mask.name()) for key, mask in known.masks.items()), key=lambda one: one[0] not in first
            ),
            "read": read,
            "machine": _machine(read),
            "reasons": [(key, said(one)) for key, one in reasons().items()],
            "rows": _rows(request.POST, read.open),
            "trail": [
                (_("窓口"), ""),
                (_("受信箱"), reverse("console:inbox")),
                (ref, reverse("console:arrival", args=[ref])),
                (_("黒塗り"), ""),
            ],
        },
        status=409 if fault else 200,
    )


def _done(request: HttpRequest, ref: str) -> str:
    """Carry out what was sent; what to say of it."""
    at, account = timezone.now(), account_of(request)
    rows = [_row(request.POST, number) for number in range(_count(request.POST))]
    aside = [row for row in rows if row["finding"] and row["aside"]]
    is_nothing = "nothing" in request.POST
    boxes = () if is_nothing else tuple(_boxes([row for row in rows if row not in aside], ref))
    if not (boxes or aside or is_nothing) or not all(row["finding"].isdecimal() for row in aside):
        raise SekishoError("requests.no-such-box", room=ROOM, ref=ref)
    for row in aside:
        set_aside_finding(ref=ref, finding=int(row["finding"]), reason=row["aside"], at=at, acting_user=account)
    if boxes or is_nothing:
        marking.black_out(ref=ref, boxes=boxes, at=at, acting_user=account)
    if boxes:
        return _("塗りました。塗る前の紙面は残っていません。塗った紙面は、機械がもう一度読みます。")
    return _("塗るところがないことを記録しました。") if is_nothing else _("囲みを外し、理由を記録しました。")


def _machine(read: PagesRead) -> str:
    """How far the machine is, in a sentence or two."""
    if not read.is_possible:
        return _("この機械には、文字を読み取るものが入っていません。どのページも、人が見ます。")
    told = []
    if read.waiting:
        told.append(_("%(pages)s枚目は、機械が読み取るのを待っています。") % {"pages": _listed(read.waiting)})
    if read.failed:
        told.append(_("%(pages)s枚目は、機械が読み取れませんでした。") % {"pages": _listed(read.failed)})
    if read.open:
        told.append(_("機械が%(n)sか所を囲みました。塗るか、理由を選んで外します。") % {"n": len(read.open)})
    elif read.read:
        told.append(_("機械が見つけて残っているものは、ありません。"))
    return "".join([*told, _("機械は見落とすことがあるので、どのページも人が見ます。")])


def _listed(pages: Sequence[int]) -> str:
    return "・".join(str(page) for page in pages)


def _rows(posted: QueryDict, found: Sequence[Found]) -> list[dict[str, str]]:
    """Lines as they were sent, or one for each finding; and empty ones."""
    if posted:
        rows = [_row(posted, number) for number in range(_count(posted))]
        still = {str(one.id) for one in found}
        return [row | ({} if row["finding"] in still else {"finding": "", "aside": ""}) for row in rows]
    proposed = [
        {
            "page": str(one.area.page),
            "part": one.part,
            "left": str(one.area.left),
            "top": str(one.area.top),
            "right": str(one.area.right),
            "bottom": str(one.area.bottom),
            "finding": str(one.id),
            "aside": "",
        }
        for one in found[: marking.MOST - ROWS]
    ]
    rows = [*proposed, *(dict.fromkeys(FIELDS, "") for _row in range(ROWS))]
    return [row | {"number": str(number)} for number, row in enumerate(rows)]


def _count(posted: QueryDict) -> int:
    return min(sum(name.startswith("page-") for name in posted), marking.MOST)


def _row(posted: QueryDict, number: int) -> dict[str, str]:
    return {"number": str(number)} | {name: posted.get(f"{name}-{number}", "") for name in FIELDS}


def _boxes(rows: Sequence[dict[str, str]], ref: str) -> Iterator[marking.Box]:
    for row in rows:
        values = [row[name].strip() for name in CORNERS]
        if not any(values):
            continue
        if not all(value.isdecimal() for value in (*values, row["page"])):
            raise SekishoError("requests.no-such-box", room=ROOM, ref=ref)
        left, top, right, bottom = (int(value) for value in values)
        yield marking.Box(page=int(row["page"]), left=left, top=top, right=right, bottom=bottom, part=row["part"])
