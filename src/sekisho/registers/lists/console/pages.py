"""The pages: all lists, one list with its next step, a new list, mail that came back."""

from datetime import datetime, time

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import TOKYO, tokyo_date
from sekisho.registers.consents import queries as consents
from sekisho.registers.identities import queries as identities
from sekisho.registers.lists import actions, queries
from sekisho.registers.lists.console.asked import asked, cancel
from sekisho.registers.lists.console.forms import ListForm, ReturnedForm, SentForm
from sekisho.registers.lists.console.reading import APPROVING, BUILDING, DESK, READING
from sekisho.registers.lists.console.sending import parcel, still_usable
from sekisho.registers.lists.console.wording import (
    SOON,
    Line,
    further_of,
    is_english,
    item_of,
    language,
    line_of,
    losses,
    purpose_of,
    width_of,
)
from sekisho.registers.lists.queries import State
from sekisho.registers.people import queries as people
from sekisho.registers.policies import queries as policies
from sekisho.registers.recipients import queries as recipients
from sekisho.web.roles import require_role, roles_of

ROOM = "sekisho.registers.lists"


@require_GET
@require_role(*READING)
def lists(request: HttpRequest) -> HttpResponse:
    """All lists, where each stands, and the one to go on with."""
    at = timezone.now()
    policy = policies.in_force(at)
    lines = [line_of(row, policy, at) for row in queries.lists()]
    context = {
        "lines": lines,
        "under_way": [(row, purpose_of(row.wanted["purpose"], policy)) for row, _job in queries.requests_under_way()],
        "first": _first(request, lines),
        "may_build": _may(request, BUILDING),
        "may_return": _may(request, DESK),
        "trail": [(_("利用"), ""), (_("名簿"), "")],
    }
    return render(request, "lists/console/lists.html", context)


@require_http_methods(["GET", "POST"])
@require_role(*BUILDING)
def new(request: HttpRequest) -> HttpResponseBase:
    """Say what a list is for, see who would be lost, build it."""
    at = timezone.now()
    form = ListForm(request.POST or None, initial=_again(request))
    preview = None
    if request.method == "POST" and form.is_valid():
        wanted = form.wanted(_account(request), at)
        try:
            if "look" not in request.POST:
                if queries.is_job(wanted):
                    return redirect("console:list_asked", actions.ask_list(wanted))
                return redirect("console:list", actions.build_list(wanted).ref)
            preview = actions.preview_list(wanted)
        except SekishoError as error:
            form.add_error(None, f"{error.message(language())} → {error.remedy(language())}（{error.code}）")
    context = {
        "form": form,
        "preview": preview,
        "losses": losses(preview.waterfall, preview.people, policies.in_force(at)) if preview else [],
        "width": width_of(preview.permitted, preview.people) if preview else 0,
        "items": [item_of(one, policies.in_force(at)) for one in preview.asking.ask.items] if preview else [],
        "life": round(queries.limits().life.total_seconds() / 3600),
        "trail": [(_("利用"), ""), (_("名簿"), reverse("console:lists")), (_("新しい名簿"), "")],
    }
    return render(request, "lists/console/new.html", context)


@require_GET
@require_role(*READING)
def one(request: HttpRequest, ref: str) -> HttpResponse:
    """One list: the next step, who was lost and why, what goes with it."""
    at, row = timezone.now(), queries.list_of(ref)
    policy = policies.by_era(row.policy) or policies.in_force(at)
    account = _account(request)
    remaining = row.expires_at - at
    context = {
        "line": line_of(row, policy, at),
        "row": row,
        "losses": losses(row.waterfall, row.people, policy, further_of(row)),
        "lost": row.people - row.rows,
        "width": width_of(row.rows, row.people),
        "share": f"{row.rows * 100 / row.people:.1f}%" if row.people else "0%",
        "withheld": row.people - row.rows - row.undeliverable,
        "purpose": purpose_of(row.purpose, policy),
        "items": [item_of(item, policy) for item in row.carried],
        "recipient": recipients.label_of(row.recipient) if row.recipient else "",
        "epoch_now": consents.epoch(),
        "hours": max(int(remaining.total_seconds() // 3600), 0),
        "is_soon": remaining <= SOON,
        "built_by": people.display_name(row.built_by),
        "approved_by": people.display_name(row.approved_by) if row.approved_by else "",
        "approvers": [people.display_name(by) for by in queries.approvers(at) if by != row.built_by],
        "may_build": _may(request, BUILDING),
        "may_approve": _may(request, APPROVING) and account != row.built_by,
        "may_take": account == row.built_by,
        "sent": SentForm(),
        "english": is_english(),
        "trail": [(_("利用"), ""), (_("名簿"), reverse("console:lists")), (row.ref, "")],
    }
    return render(request, "lists/console/list.html", context)


@require_POST
@require_role(*BUILDING)
def ask(request: HttpRequest, ref: str) -> HttpResponseBase:
    """Ask for a second person's approval."""
    actions.ask_approval(ref=ref, at=timezone.now(), acting_user=_account(request))
    messages.success(request, _("承認を依頼しました。"))
    return redirect("console:list", ref)


@require_POST
@require_role(*APPROVING)
def approve(request: HttpRequest, ref: str) -> HttpResponseBase:
    """Approve the list whose hash stood on the page."""
    actions.approve_list(ref=ref, sha256=request.POST.get("sha256", ""), by=_account(request), at=timezone.now())
    messages.success(request, _("承認しました。つくった人が、一度だけ受け取れます。"))
    return redirect("console:list", ref)


@require_POST
@require_role(*BUILDING)
def take(request: HttpRequest, ref: str) -> HttpResponseBase:
    """Give the list out, once, with its manifest."""
    with actions.hand_over(ref=ref, at=timezone.now(), acting_user=_account(request)) as handed:
        return FileResponse(parcel(handed), as_attachment=True, filename=f"{ref}.zip")


@require_POST
@require_role(*BUILDING)
def recheck(request: HttpRequest, ref: str) -> HttpResponseBase:
    """Decide everybody again: of the list here, or of the one that was taken and is about to be sent."""
    form = SentForm(request.POST, request.FILES)
    if request.FILES and form.is_valid():
        kept = still_usable(form.cleaned_data["file"].chunks(), ref, timezone.now(), _account(request))
        return FileResponse(kept, as_attachment=True, filename=f"{ref}-send.zip")
    row = queries.list_of(ref)
    found = actions.recheck(
        path=queries.file_of(ref), manifest=row.manifest, at=timezone.now(), acting_user=_account(request)
    )
    messages.success(request, _("判定し直しました。外れた方は%(n)s人です。") % {"n": f"{len(found.dropped):,}"})
    return redirect("console:list", ref)


@require_http_methods(["GET", "POST"])
@require_role(*DESK)
def returned(request: HttpRequest) -> HttpResponseBase:
    """Mail that came back: whose, when; and the address that is right again."""
    at = timezone.now()
    form = ReturnedForm(request.POST or None, initial={"on": tokyo_date(at)})
    if request.method == "POST" and (person := request.POST.get("clear")):
        actions.clear_returned(person=person, at=at, acting_user=_account(request))
        messages.success(request, _("返送の記録を解きました。"))
        return redirect("console:returned_mail")
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        moment = datetime.combine(given["on"], time(12), TOKYO)
        person = identities.person_of("customer_no", given["value"], moment)
        if person is None:
            form.add_error("value", SekishoError("lists.unknown-person", room=ROOM).message(language()))
        else:
            actions.record_returned(person=person, on=given["on"], at=at, acting_user=_account(request))
            messages.success(request, _("返送を記録しました。次のお知らせから、宛名を印刷しません。"))
            return redirect("console:returned_mail")
    context = {
        "form": form,
        "mail": queries.returned_mail(),
        "trail": [(_("利用"), ""), (_("名簿"), reverse("console:lists")), (_("戻った郵便"), "")],
    }
    return render(request, "lists/console/returned.html", context)


def _first(request: HttpRequest, lines: list[Line]) -> Line | None:
    """What waits for this account: an approval asked of it, then a list of its own to take, then one to have approved."""
    account = _account(request)
    if _may(request, APPROVING):
        asked = [line for line in lines if line.state is State.ASKED and line.row.built_by != account]
        if asked:
            return asked[-1]
    own = [line for line in lines if line.row.built_by == account]
    for state in (State.READY, State.DRAFT):
        found = [line for line in own if line.state is state]
        if found:
            return found[-1]
    return None


def _again(request: HttpRequest) -> dict[str, object]:
    """The form filled with what an earlier list was for."""
    ref = request.GET.get("again")
    if not ref:
        return {"purpose": request.GET.get("purpose", "")}
    row = queries.list_of(ref)
    return {
        "kind": row.kind,
        "title": row.title,
        "purpose": row.purpose,
        "channel": row.channel,
        "carried": row.carried,
        "recipient": row.recipient,
    }


def _may(request: HttpRequest, roles: tuple[str, ...]) -> bool:
    return bool(roles_of(request.user) & frozenset(roles))


def _account(request: HttpRequest) -> str:
    return request.user.get_username()


urlpatterns = [
    path("lists/", lists, name="lists"),
    path("lists/new/", new, name="list_new"),
    path("lists/returned/", returned, name="returned_mail"),
    path("lists/asked/<slug:ref>/", asked, name="list_asked"),
    path("lists/asked/<slug:ref>/cancel/", cancel, name="list_cancel"),
    path("lists/<str:ref>/", one, name="list"),
    path("lists/<str:ref>/ask/", ask, name="list_ask"),
    path("lists/<str:ref>/approve/", approve, name="list_approve"),
    path("lists/<str:ref>/take/", take, name="list_take"),
    path("lists/<str:ref>/recheck/", recheck, name="list_recheck"),
]
