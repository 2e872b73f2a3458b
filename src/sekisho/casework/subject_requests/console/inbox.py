"""The inbox: what arrived, in order, with the next step of each; one arrival beside its pages; the desk's book."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from sekisho.casework.subject_requests import actions, queries, rules
from sekisho.casework.subject_requests.console.accounts import DESK, account_of
from sekisho.casework.subject_requests.console.complaints import ComplaintForm, begun
from sekisho.casework.subject_requests.console.opened import marked_picture
from sekisho.casework.subject_requests.console.wording import kind_name, kinds
from sekisho.casework.subject_requests.queries import ArrivalRecord
from sekisho.casework.subject_requests.rules.clock import Clock
from sekisho.casework.subject_requests.rules.intake import ArrivalState, Channel, may_reconsider
from sekisho.connectors.scans import pages_of
from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import TOKYO, tokyo_date
from sekisho.web.roles import require_role

CHANNELS = {
    Channel.MAIL: gettext_lazy("郵便"),
    Channel.FAX: gettext_lazy("ファクス"),
    Channel.WEB: gettext_lazy("ウェブ"),
    Channel.E_MAIL: gettext_lazy("メール"),
    Channel.SHOP: gettext_lazy("店頭"),
    Channel.PHONE: gettext_lazy("電話"),
}
HOURS = {
    "before_hours": gettext_lazy("受付時間の前"),
    "after_hours": gettext_lazy("受付時間のあと"),
    "closed_day": gettext_lazy("休日に到達"),
}
ENDS = {
    ArrivalState.GUIDED: gettext_lazy("様式を送った、または案内した"),
    ArrivalState.NOT_OURS: gettext_lazy("あて先違い"),
    ArrivalState.UNREADABLE: gettext_lazy("読み取れない"),
}
STATES = {
    ArrivalState.WAITING: gettext_lazy("人が読む"),
    ArrivalState.CASED: gettext_lazy("案件をつくった"),
    ArrivalState.LINKED: gettext_lazy("案件に結びついた"),
    ArrivalState.COMPLAINT: gettext_lazy("苦情として受け付けた"),
    **ENDS,
}


class UploadForm(forms.Form):
    """A scan or a fax as a file, how it came and when."""

    file = forms.FileField(label=gettext_lazy("読み取ったファイル"), help_text="PDF、TIFF、JPEG、PNG")
    channel = forms.ChoiceField(
        label=gettext_lazy("届き方"),
        choices=[(one.value, label) for one, label in CHANNELS.items() if one is not Channel.PHONE],
    )
    arrived_at = forms.DateTimeField(
        label=gettext_lazy("到達した日時"),
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
    )


@dataclass(frozen=True, slots=True)
class Line:
    """One arrival as the inbox shows it."""

    row: ArrivalRecord
    channel: str
    hours: str
    what: str
    note: str
    clock: Clock | None
    step: str
    address: str


@require_GET
@require_role(*DESK)
def inbox(request: HttpRequest) -> HttpResponse:
    """Everything that waits, and what was decided today, whenever it came."""
    at = timezone.now()
    waiting = list(_lines(queries.arrivals(waiting_only=True), at))
    _today, book = queries.book(tokyo_date(at))
    recent = list(_lines(queries.decided(tokyo_date(at)), at))
    return render(
        request,
        "subject_requests/console/inbox.html",
        {
            "waiting": waiting,
            "recent": recent,
            "first": waiting[0] if waiting else None,
            "book": book,
            "ringing": len({one.reference for one in queries.alarms(at)}),
            "counts": [(label, book.by_state.get(state, 0)) for state, label in STATES.items()],
            "form": UploadForm(initial={"arrived_at": at.astimezone(TOKYO)}),
            "trail": [(_("窓口"), ""), (_("受信箱"), "")],
        },
    )


@require_POST
@require_role(*DESK)
def upload(request: HttpRequest) -> HttpResponseBase:
    """A file of pages: recorded, cut at forms, put to their cases."""
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, _("ファイル、届き方、到達した日時を入れてください。"))
        return redirect("console:inbox")
    given, at = form.cleaned_data, timezone.now()
    arrived_at = min(given["arrived_at"], at)
    try:
        pages = pages_of(given["file"].read(), name=given["file"].name)
        refs = actions.receive(
            pages=pages,
            channel=Channel(given["channel"]),
            arrived_at=arrived_at,
            at=at,
            acting_user=account_of(request),
        )
    except SekishoError as error:
        messages.error(request, f"{error.message()} {error.remedy()}")
    else:
        messages.success(request, _("%(n)s件を受け付けました。") % {"n": len(refs)})
    return redirect("console:inbox")


@require_GET
@require_role(*DESK)
def arrival(request: HttpRequest, ref: str) -> HttpResponse:
    """One arrival: its pages beside what may be done with it."""
    at, row = timezone.now(), queries.arrival(ref)
    [line] = _lines([row], at)
    return render(
        request,
        "subject_requests/console/arrival.html",
        {
            "line": line,
            "row": row,
            "pages": range(1, row.pages + 1) if not row.is_destroyed else (),
            "kinds": kinds(),
            "cases": [(case, kind_name(case.kind)) for case in queries.cases() if case.is_open],
            "may_reconsider": may_reconsider(row.state, is_open=_is_open(row)) and not row.is_destroyed,
            "complaint_form": ComplaintForm(
                initial={"received_on": tokyo_date(row.arrived_at)}, auto_id="complaint_%s"
            ),
            "ends": [(state.value, label) for state, label in ENDS.items()],
            "state": STATES[row.state],
            "trail": [(_("窓口"), ""), (_("受信箱"), reverse("console:inbox")), (ref, "")],
        },
    )


@require_GET
@require_role(*DESK)
def page(request: HttpRequest, ref: str, page: int) -> HttpResponse:
    """One page as a picture with the viewer's mark across it; every look is recorded."""
    at = timezone.now()
    png = actions.show_page(ref=ref, page=page, account=account_of(request), at=at)
    return marked_picture(request, png, at)


@require_POST
@require_role(*DESK)
def decide(request: HttpRequest, ref: str) -> HttpResponseBase:
    """What a person decides about an arrival: a new case, one that stands, or an end."""
    at, by = timezone.now(), account_of(request)
    choice = request.POST.get("choice", "")
    if choice == "case":
        reference = actions.open_case_for(ref=ref, kind=request.POST.get("kind", ""), person="", at=at, acting_user=by)
        return redirect("console:case", reference)
    if choice == "again":
        actions.reconsider(ref=ref, at=at, acting_user=by)
        messages.success(request, _("%(ref)s を、人が読むものに戻しました。") % {"ref": ref})
        return redirect("console:arrival", ref)
    if choice == "complaint":
        return _complaint(request, ref)
    if choice == "link":
        actions.link(ref=ref, reference=request.POST.get("reference", ""), at=at, acting_user=by)
        return redirect("console:case", request.POST.get("reference", ""))
    if choice not in {state.value for state in ENDS}:
        raise SekishoError("requests.arrival-needs-case", room=rules.ROOM, ref=ref)
    actions.set_aside(ref=ref, state=ArrivalState(choice), at=at, acting_user=by)
    messages.success(request, _("%(ref)s の扱いを記録しました。") % {"ref": ref})
    return redirect("console:inbox")


def _complaint(request: HttpRequest, ref: str) -> HttpResponseBase:
    form = ComplaintForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("何についての苦情か、お申し出の内容、日を入れてください。"))
        return redirect("console:arrival", ref)
    return begun(request, form, timezone.now(), arrival=ref)


def _is_open(row: ArrivalRecord) -> bool:
    return not row.request or queries.case(row.request).is_open


def _lines(rows: "list[ArrivalRecord] | tuple[ArrivalRecord, ...]", at: datetime) -> Iterator[Line]:
    names = dict(kinds())
    for row in rows:
        note = _("画像が薄いか濃すぎます") if row.is_dim else ""
        note = _("同じ紙面が %(ref)s で届いています") % {"ref": row.twin} if row.twin else note
        is_open = row.state is ArrivalState.WAITING
        yield Line(
            row,
            str(CHANNELS[row.channel]),
            str(HOURS.get(row.hours, "")),
            names.get(row.kind, "") or (_("符号のない紙面") if row.pages else _("紙面のない連絡")),
            note,
            queries.clock(row.request, at) if row.request else None,
            _("読んで決める") if is_open else _("案件を見る") if row.request else _("控えを見る"),
            reverse("console:case", args=[row.request]) if row.request else reverse("console:arrival", args=[row.ref]),
        )
