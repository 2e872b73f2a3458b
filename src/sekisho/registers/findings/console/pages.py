"""The pages: alarms with their answers, the change of the map, rows that nobody has sorted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sekisho.engine.policy.model import DataClass
from sekisho.engine.policy.periods import parse
from sekisho.engine.scanning.recogniser import Grade
from sekisho.engine.scanning.recognisers import RECOGNISERS
from sekisho.registers.findings import actions, queries
from sekisho.registers.findings.queries import Proposal, Waiting
from sekisho.registers.findings.rules.standing import Place, Standing
from sekisho.registers.policies import queries as policies
from sekisho.web.roles import Role, require_role, roles_of

ANSWERING = (Role.OFFICER, Role.DEPUTY)
READING = (*ANSWERING, Role.ENGINEER, Role.AUDITOR)
LABELS = {one.type: one.label for one in RECOGNISERS}
GRAVE = {Grade.BLOCKED.name.lower(), Grade.SECRET.name.lower(), Grade.SENSITIVE.name.lower()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind found in a place, in the language of the page."""

    label: str
    why: str
    score: str
    is_grave: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A place as the page shows it."""

    place: Place
    kinds: tuple[Kind, ...]
    proposal: Proposal
    answered_by: str
    mark: str


@require_GET
@require_role(*READING)
def findings(request: HttpRequest) -> HttpResponse:
    """Everything found, alarms first, and what is proposed for the map."""
    at = timezone.now()
    lines = [_line(one, at) for one in queries.places()]
    alarms = [one for one in lines if one.place.is_alarm]
    context = {
        "open": [one for one in alarms if one.place.standing is Standing.OPEN],
        "accepted": [one for one in alarms if one.place.standing is Standing.ACCEPTED],
        "dismissed": [one for one in lines if one.place.standing is Standing.DISMISSED],
        "declared": sum(one.place.standing is Standing.DECLARED for one in lines),
        "run": queries.last_run(),
        "outdated": len(queries.outdated()),
        "items": list(queries.items_of(policies.in_force(at), _language()).items()),
        "may_answer": bool(roles_of(request.user) & frozenset(ANSWERING)),
        "trail": [(_("データ"), ""), (_("見つかった個人情報"), "")],
    }
    return render(request, "findings/console/findings.html", context)


@require_POST
@require_role(*ANSWERING)
def look(request: HttpRequest) -> HttpResponseBase:
    """Look over all systems now, or judge anew what older rules judged."""
    by, at = request.user.get_username(), timezone.now()
    looked = (
        actions.look_again(at=at, acting_user=by) if "again" in request.POST else actions.look(at=at, acting_user=by)
    )
    messages.success(
        request,
        _("表%(tables)s件、列%(columns)s件を調べました。前と変わったものは%(changes)s件です。")
        % {"tables": looked.tables, "columns": looked.columns, "changes": len(looked.changes)},
    )
    return redirect("console:findings")


@require_POST
@require_role(*ANSWERING)
def answer(request: HttpRequest) -> HttpResponseBase:
    """Take the proposal, or say why it is nothing."""
    by, at, place = request.user.get_username(), timezone.now(), request.POST.get("place", "")
    if "dismiss" in request.POST:
        actions.dismiss(place=place, reason=request.POST.get("reason", ""), at=at, acting_user=by)
        messages.success(request, _("退けました。見つけ方の規則が変わると、もう一度ここに出ます。"))
    else:
        actions.accept(place=place, item=request.POST.get("item", ""), at=at, acting_user=by)
        messages.success(request, _("提案を採りました。データマップの変更を受け取って、文書に入れてください。"))
    return redirect("console:findings")


@require_GET
@require_role(*READING)
def patch(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """The change of the map's document, to be put in where it is kept."""
    response = HttpResponse(queries.patch(timezone.now()), content_type="text/x-diff; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="datamap.diff"'
    return response


@require_GET
@require_role(*READING)
def unsorted(request: HttpRequest) -> HttpResponse:
    """Rows left in a catch-all class: where, how many, since when. Never what they say."""
    at = timezone.now()
    queue = queries.queue(at)
    classes = policies.in_force(at).classes
    rows = [(one, _classes(one, classes), parse(one.within).text(_language())) for one in queue.tables]
    context = {
        "queue": queue,
        "rows": rows,
        "worst": next((one for one in queue.tables if one.overdue), None),
        "trail": [(_("データ"), ""), (_("見つかった個人情報"), reverse("console:findings")), (_("未分類の行"), "")],
    }
    return render(request, "findings/console/unsorted.html", context)


def _line(place: Place, at: datetime) -> Line:
    said = place.answer
    english = _language() == "en"
    return Line(
        place=place,
        kinds=tuple(
            Kind(
                label=LABELS[one.type].said(_language()) if one.type in LABELS else one.type,
                why=one.why_en if english else one.why,
                score=f"{one.score:.2f}",
                is_grave=one.grade in GRAVE,
            )
            for one in place.found
        ),
        proposal=queries.proposal(place, at, item=said.item if said and said.is_accepted else ""),
        answered_by=said.by if said else "",
        mark="broken" if place.standing is Standing.OPEN else "open",
    )


def _classes(one: Waiting, classes: Mapping[str, DataClass]) -> str:
    names = [classes[name].label for name in one.classes]
    return "、".join((label.en or label.ja) if _language() == "en" else label.ja for label in names)


def _language() -> str:
    return "en" if (get_language() or "ja").startswith("en") else "ja"


urlpatterns = [
    path("findings/", findings, name="findings"),
    path("findings/look/", look, name="findings_look"),
    path("findings/answer/", answer, name="findings_answer"),
    path("findings/patch/", patch, name="findings_patch"),
    path("findings/unsorted/", unsorted, name="unsorted"),
]
