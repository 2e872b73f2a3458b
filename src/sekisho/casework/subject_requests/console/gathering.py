"""What was gathered for a case: how each system answered, its rows, and what in them is somebody else's."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from sekisho.casework.subject_requests import actions, queries
from sekisho.casework.subject_requests.console.accounts import DESK, account_of, is_officer
from sekisho.casework.subject_requests.console.gathering_cells import (
    Cell,
    RedactionLine,
    cell_of,
    places_of,
    redaction_line,
)
from sekisho.casework.subject_requests.console.opened import closing
from sekisho.casework.subject_requests.console.wording import kind_name, language, said
from sekisho.casework.subject_requests.queries import Gathered
from sekisho.casework.subject_requests.rules import Case
from sekisho.casework.subject_requests.rules.gathering import (
    AskedSystem,
    GatheredSection,
    RedactionState,
    SystemState,
    gathering_words,
    words_of,
)
from sekisho.engine.errors import SekishoError
from sekisho.web.roles import require_role

STATES: dict[SystemState, tuple[str, Promise]] = {
    SystemState.ANSWERED: ("kept", gettext_lazy("答えた")),
    SystemState.EMPTY: ("idle", gettext_lazy("何もない")),
    SystemState.FAILED: ("broken", gettext_lazy("答えない")),
}
MOST_DIGITS = 9  # of a number in an address


@dataclass(frozen=True, slots=True)
class SystemLine:
    """How one system answered."""

    label: str
    mark: str
    state: str
    rows: int
    code: str


@dataclass(frozen=True, slots=True)
class SectionLine:
    """One table: its rows, and how many places in it are still to be looked at."""

    number: int
    place: str
    label: str
    rows: int
    waiting: int
    is_shown: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """The rows of one table that the page shows."""

    label: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    first: int
    last: int
    count: int
    before: int | None
    after: int | None


@require_http_methods(["GET", "POST"])
@require_role(*DESK)
def gathering(request: HttpRequest, reference: str) -> HttpResponseBase:
    """What was gathered; POST gathers. It shows values, so it opens as the person's page does, and every look is recorded."""
    at, account, found = timezone.now(), account_of(request), queries.case(reference)
    if queries.open_until(reference, account, at) is None:
        return redirect("console:person", reference)
    if request.method == "POST":
        in_full = request.POST.get("in_full") == "yes"
        actions.gather(reference=reference, at=at, acting_user=account, in_full=in_full)
        return redirect("console:gathering", reference)
    actions.record_view(reference=reference, account=account, at=at)
    context = _context(request, found)
    response = render(request, "subject_requests/console/gathering.html", context)
    return closing(response, queries.open_until(reference, account, at), at)


@require_POST
@require_role(*DESK)
def decide(request: HttpRequest, reference: str, number: int) -> HttpResponseBase:
    """Keep one redaction, or lift it; then to the next one that waits."""
    at, account = timezone.now(), account_of(request)
    ref = _newest(reference, account, at)
    if not ref:
        return redirect("console:person", reference)
    seen = request.POST.get("seen", "")
    actions.decide_redaction(
        ref=ref,
        number=number,
        keep=request.POST.get("decision") != "lift",
        reason=request.POST.get("reason", ""),
        seen=RedactionState(seen) if seen in set(RedactionState) else None,
        is_officer=is_officer(request),
        at=at,
        acting_user=account,
    )
    waiting = [one.number for one in queries.redaction_states(ref) if one.state is RedactionState.PROPOSED]
    following = next((one for one in waiting if one > number), waiting[0] if waiting else None)
    return _back(request, reference, f"#r-{following}" if following else "")


@require_POST
@require_role(*DESK)
def mark(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Black out words of one text, wherever they stand in it."""
    at, account = timezone.now(), account_of(request)
    ref = _newest(reference, account, at)
    if not ref:
        return redirect("console:person", reference)
    found, column, words = queries.gathered(ref), request.POST.get("column", ""), request.POST.get("words", "")
    section, row = _whole(request.POST.get("section", "")), _whole(request.POST.get("row", ""))
    for start in places_of(found, section, row, column, words):
        actions.add_redaction(
            ref=ref,
            section=section,
            row=row,
            column=column,
            start=start,
            end=start + len(words),
            at=at,
            acting_user=account,
        )
    return _back(request, reference, "#rows")


def _newest(reference: str, account: str, at: datetime) -> str:
    """The newest gathering, as long as the page is open to this account."""
    if queries.open_until(reference, account, at) is None:
        return ""
    ref = queries.gathering_of(reference)
    if not ref:
        raise SekishoError("requests.unknown-gathering", room="sekisho.casework.subject_requests", ref=reference)
    return ref


def _back(request: HttpRequest, reference: str, place: str) -> HttpResponse:
    asked = {key: request.POST[key] for key in ("s", "p") if request.POST.get(key, "").isdigit()}
    query = "&".join(f"{key}={value}" for key, value in asked.items())
    return redirect(reverse("console:gathering", args=[reference]) + (f"?{query}" if query else "") + place)


def _context(request: HttpRequest, case: Case) -> dict[str, object]:
    ref = queries.gathering_of(case.reference)
    found = queries.gathered(ref) if ref else None
    trail = [(_("窓口"), ""), (case.reference, reverse("console:case", args=[case.reference])), (_("集めた情報"), "")]
    context: dict[str, object] = {"case": case, "kind": kind_name(case.kind), "trail": trail, "found": found}
    if found is None:
        return context
    size: int = gathering_words()["portions"]["page"]
    waiting = found.waiting
    number = _whole(request.GET.get("s", ""))
    section = next((one for one in found.sections if one.number == number), None)
    decided = [one for one in found.redactions if one.state is not RedactionState.PROPOSED]
    return context | {
        "statement": found.statement(language()),
        "systems": [_system(one) for one in found.systems],
        "failed": [one for one in found.systems if one.state is SystemState.FAILED],
        "waiting": [redaction_line(found, one) for one in waiting[:size]],
        "waiting_count": len(waiting),
        "decided": [redaction_line(found, one) for one in decided[-size:]],
        "decided_count": len(decided),
        "reasons": [(key, said(words_of("lifting", key))) for key in gathering_words()["lifting"]],
        "sections": [_line(found, one, section) for one in found.sections],
        "shown": _shown(found, section, _whole(request.GET.get("p", "")), size) if section else None,
        "section": section,
        "is_officer": is_officer(request),
        "page": _whole(request.GET.get("p", "")),
    }


def _system(one: AskedSystem) -> SystemLine:
    mark, word = STATES[one.state]
    return SystemLine(said(one.label), mark, str(word), one.rows, one.code)


def _line(found: Gathered, one: GatheredSection, shown: GatheredSection | None) -> SectionLine:
    waiting = sum(redaction.section == one.number for redaction in found.waiting)
    return SectionLine(one.number, said(one.system_label), said(one.label), len(one.rows), waiting, one is shown)


def _shown(found: Gathered, section: GatheredSection, page: int, size: int) -> Shown:
    count = len(section.rows)
    page = min(max(page, 0), max(count - 1, 0) // size)
    first, last = page * size, min((page + 1) * size, count)
    redactions = [one for one in found.redactions if one.section == section.number]
    rows = tuple(
        tuple(
            cell_of(section, index, place, [one for one in redactions if one.row == index])
            for place in range(len(section.columns))
        )
        for index in range(first, last)
    )
    return Shown(
        label=f"{said(section.system_label)}　{said(section.label)}",
        heads=tuple(said(column.label) for column in section.columns),
        rows=rows,
        first=first + 1,
        last=last,
        count=count,
        before=page - 1 if page else None,
        after=page + 1 if last < count else None,
    )


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and text.isascii() and len(text) <= MOST_DIGITS else -1


__all__ = ["RedactionLine", "decide", "gathering", "mark"]
