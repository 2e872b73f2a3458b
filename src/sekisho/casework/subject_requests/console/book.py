"""The desk's books, to be looked at and printed: what arrived (受付簿), what money came and went, which days come near."""

import csv
import io
from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from sekisho.casework.subject_requests import queries
from sekisho.casework.subject_requests.console.accounts import DESK
from sekisho.casework.subject_requests.console.inbox import CHANNELS, HOURS, STATES
from sekisho.casework.subject_requests.console.wording import kind_name, language
from sekisho.casework.subject_requests.rules.alarms import Alarm
from sekisho.casework.subject_requests.rules.clock import first_unworked_day
from sekisho.casework.subject_requests.rules.intake import balance
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.pack import law
from sekisho.registers.policies import queries as policies
from sekisho.web.roles import require_role

ALARMS = {
    Alarm.TARGET_NEAR: gettext_lazy("目標の日が近い"),
    Alarm.TARGET_OVER: gettext_lazy("目標の日を過ぎた"),
    Alarm.SUIT_NEAR: gettext_lazy("2週間が近い"),
    Alarm.SUIT_OVER: gettext_lazy("2週間を過ぎた"),
}
OVER = (Alarm.TARGET_OVER, Alarm.SUIT_OVER)
LONGEST = 31  # days on one page


@require_GET
@require_role(*DESK)
def book(request: HttpRequest) -> HttpResponse:
    """What arrived since the desk was last open, or on the days asked for, in order of arrival; whether it balances."""
    at = timezone.now()
    until = _day(request.GET.get("until", ""), tokyo_date(at))
    desk = queries.request_desk(policies.in_force(at))
    since = _day(request.GET.get("since", ""), first_unworked_day(until, desk) if desk else until)
    since = max(min(since, until), until - timedelta(days=LONGEST))
    days = [since + timedelta(days=offset) for offset in range((until - since).days + 1)]
    rows = [row for day in days for row in queries.book(day)[0]]
    found = balance([row.state for row in rows])
    return render(
        request,
        "subject_requests/console/book.html",
        {
            "since": since,
            "until": until,
            "is_span": since != until,
            "rows": [(row, CHANNELS[row.channel], HOURS.get(row.hours, ""), STATES[row.state]) for row in rows],
            "balance": found,
            "counts": [(label, found.by_state.get(state, 0)) for state, label in STATES.items()],
            "first": next((row for row in rows if row.state == "waiting"), None),
            "alarms": [(one, kind_name(one.kind), ALARMS[one.alarm], one.alarm in OVER) for one in queries.alarms(at)],
            "trail": [(_("窓口"), ""), (_("受付簿"), "")],
        },
    )


@require_GET
@require_role(*DESK)
def fees(request: HttpRequest) -> HttpResponse:
    """The money of one day by instrument, and what is owed back."""
    at = timezone.now()
    on = _day(request.GET.get("on", ""), tokyo_date(at))
    found, known = queries.money_book(on, at), law(on).instruments
    name = {one: known[one].name(language()) if one in known else one for one in known}
    return render(
        request,
        "subject_requests/console/fees.html",
        {
            "on": on,
            "book": found,
            "drawers": [(name.get(one.instrument, one.instrument), one) for one in found.drawers],
            "moves": [(name.get(one.instrument, one.instrument), one) for one in found.moves],
            "owing": queries.owing(at),
            "trail": [(_("窓口"), ""), (_("手数料の日計"), "")],
        },
    )


@require_GET
@require_role(*DESK)
def fees_csv(request: HttpRequest) -> HttpResponse:
    """The same day as CSV: every movement, then every drawer. No name stands in it."""
    at = timezone.now()
    on = _day(request.GET.get("on", ""), tokyo_date(at))
    found = queries.money_book(on, at)
    text = io.StringIO()
    out = csv.writer(text)
    out.writerow(["what", "on", "case", "instrument", "before", "came", "went", "after"])
    for one in found.moves:
        out.writerow(["move", on.isoformat(), one.reference, one.instrument, "", one.came, one.went, ""])
    for drawer in found.drawers:
        out.writerow(
            ["drawer", on.isoformat(), "", drawer.instrument, drawer.before, drawer.came, drawer.went, drawer.after]
        )
    out.writerow(["fees", on.isoformat(), "", "", "", "", "", found.fees])
    out.writerow(["owed", on.isoformat(), "", "", "", "", "", found.owed])
    headers = {"Content-Disposition": f'attachment; filename="fees-{on.isoformat()}.csv"'}
    return HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


def _day(text: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return otherwise
