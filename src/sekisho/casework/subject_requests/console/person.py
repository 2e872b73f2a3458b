"""The person's page behind a case: what is held, why, until when; open to one account for a while."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sekisho.casework.subject_requests import actions, queries, rules
from sekisho.casework.subject_requests.console.accounts import DESK, account_of
from sekisho.casework.subject_requests.console.opened import closing
from sekisho.casework.subject_requests.console.wording import IDENTIFIERS, kind_name, language, said
from sekisho.casework.subject_requests.queries import Holding
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.registers.identities import queries as identities
from sekisho.registers.identities.queries import IdentifierInterval
from sekisho.web.roles import require_role

AXIS = 1300  # units of the bars' view box


@dataclass(frozen=True, slots=True)
class Bar:
    """How long something is held, as positions on the axis."""

    start: int
    now: int
    end: int
    open_ended: bool

    @property
    def past(self) -> int:
        """Width of the time gone by."""
        return max(self.now - self.start, 8)

    @property
    def rest(self) -> int:
        """Width of the time to come."""
        return max(self.end - self.now, 8)


@dataclass(frozen=True, slots=True)
class HeldLine:
    """A row of the person's page."""

    holding: Holding
    label: str
    place: str
    fields: str
    bar: Bar
    why: str
    source: str
    until: date | None


@dataclass(frozen=True, slots=True)
class IdentifierLine:
    """An identifier with its interval; `is_others_now`: somebody else holds it today."""

    label: str
    masked: str
    interval: IdentifierInterval
    is_others_now: bool


@require_http_methods(["GET", "POST"])
@require_role(*DESK)
def person(request: HttpRequest, reference: str) -> HttpResponseBase:
    """What is held about the person of a case. Opened by POST for a while; every look is recorded."""
    at, account = timezone.now(), account_of(request)
    found = queries.case(reference)
    if request.method == "POST":
        actions.open_page(reference=reference, account=account, at=at)
        return redirect("console:person", reference)
    trail = [(_("窓口"), ""), (reference, reverse("console:case", args=[reference])), (_("本人の台帳"), "")]
    until = queries.open_until(reference, account, at)
    if until is None:
        context = {
            "case": found,
            "kind": kind_name(found.kind),
            "trail": trail,
            "minutes": rules.PAGE_OPEN_FOR.seconds // 60,
        }
        return render(
            request, "subject_requests/console/person_closed.html", context, status=200 if found.is_open else 403
        )
    actions.record_view(reference=reference, account=account, at=at)
    held, unreadable = queries.holdings(found.person, at)
    names = identities.names_of(found.person)
    response = render(
        request,
        "subject_requests/console/person.html",
        {
            "case": found,
            "kind": kind_name(found.kind),
            "name": _masked_name(names[-1].name) if names else "",
            "person": found.person,
            "until": until,
            "lines": _lines(held, tokyo_date(at)),
            "years": _years(held, tokyo_date(at)),
            "unreadable": unreadable,
            "identifiers": _identifiers(found.person, at),
            "is_erased": identities.is_erased(found.person),
            "is_suppressed": identities.suppressed(found.person, at),
            "erasures": queries.erasures(found.person),
            "trail": trail,
        },
    )
    return closing(response, until, at)


def _lines(held: Sequence[Holding], today: date) -> list[HeldLine]:
    first, last = _span(held, today)
    lines = []
    for holding in held:
        until = holding.keep.until
        governing = holding.keep.because[0] if holding.keep.because else None
        bar = Bar(
            _at(holding.since or today, first, last),
            _at(today, first, last),
            _at(until or last, first, last),
            until is None,
        )
        says = (governing.says_en if language() == "en" else governing.says) if governing else _("保つ理由がありません")
        # The English sentence names its articles itself; the article as kept is the Japanese one.
        cited = (governing.clause, "" if language() == "en" else governing.article) if governing else ()
        source = " ".join(part for part in cited if part and part not in says)
        fields = _("、").join(dict.fromkeys(said(text) for text in holding.fields))
        lines.append(HeldLine(holding, said(holding.label), said(holding.place), fields, bar, says, source, until))
    return lines


def _years(held: Sequence[Holding], today: date) -> list[int]:
    first, last = _span(held, today)
    return [first.year, (first.year + last.year) // 2, last.year]


def _span(held: Sequence[Holding], today: date) -> tuple[date, date]:
    starts = [holding.since for holding in held if holding.since]
    ends = [holding.keep.until for holding in held if holding.keep.until]
    return min([*starts, today]), max([*ends, date(today.year + 1, 12, 31)])


def _at(day: date, first: date, last: date) -> int:
    return round(AXIS * min(max((day - first).days, 0), (last - first).days) / max((last - first).days, 1))


def _identifiers(ref: str, at: datetime) -> list[IdentifierLine]:
    lines = []
    for interval in identities.intervals_of(ref):
        others = any(
            holder.person != ref and holder.holds_at(at)
            for holder in identities.holders_of(interval.kind, interval.value)
        )
        label = str(IDENTIFIERS.get(interval.kind, interval.kind))
        lines.append(
            IdentifierLine(label, rules.masked(interval.value), interval, others and not interval.holds_at(at))
        )
    return lines


def _masked_name(name: str) -> str:
    return " ".join(part[0] + "＊" for part in name.split() if part)
