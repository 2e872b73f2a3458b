"""Console: what falls due and when, what is overdue, which holds are to be looked at, how the last sweeps ended."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.policy.model import Policy
from sekisho.registers.batch_jobs import queries as batch_jobs
from sekisho.registers.datamap import queries as datamap
from sekisho.registers.policies import queries as policies
from sekisho.registers.retention import queries
from sekisho.registers.retention.queries import By, Falling, HoldRecord
from sekisho.web.roles import Role, require_role

READING = (Role.OFFICER, Role.DEPUTY, Role.ENGINEER, Role.AUDITOR)
AHEAD = timedelta(days=91)
MANY = 6
SWEEP = "retention.sweep"
STATES = {
    "stands": (gettext_lazy("有効"), "kept"),
    "to-review": (gettext_lazy("見直しの日"), "late"),
}
ENDS = {
    "done": (gettext_lazy("完了"), "kept"),
    "partly": (gettext_lazy("一部未了"), "open"),
    "running": (gettext_lazy("実行中"), "open"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """The lines of the calendar that share their days."""

    since: date
    until: date
    rows: int
    lines: tuple[Falling, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldLine:
    """A hold as the page shows it."""

    hold: HoldRecord
    label: str
    article: str
    over: str
    reaches: tuple[str, ...]  # the items, as the policy calls them
    word: str
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecided:
    """Something the last sweep had to leave. `rows`: how many; None where that could not be asked."""

    place: str
    rows: int | None
    code: str
    says: str
    remedy: str


@require_GET
@require_role(*READING)
def schedule(request: HttpRequest) -> HttpResponse:
    """The page. It counts in the stores, each time it is opened."""
    at = timezone.now()
    on = tokyo_date(at)
    found = queries.calendar(on, on + AHEAD, by=By.MONTH, at=at, language=_language())
    policy = policies.in_force(at)
    holds = [_hold(one, on, policy) for one in queries.holds(on)]
    context = {
        "months": _months(found.lines),
        "rows": found.rows,
        "until": found.until,
        "overdue": found.overdue,
        "overdue_rows": sum(one.rows for one in found.overdue),
        "unread": found.unread,
        "holds": holds,
        "to_review": [line for line in holds if line.hold.state(on) == "to-review"],
        "sweeps": [(run, *ENDS[run.status.value]) for run in queries.last_sweeps(MANY)],
        "next_sweep": _next_sweep(at),
        "undecided": _undecided(at),
        "policy": policy.era,
        "trail": [(_("データ"), ""), (_("保存と消去の予定"), "")],
    }
    return render(request, "retention/console/schedule.html", context)


def _undecided(at: datetime) -> list[Undecided]:
    """What the last sweep had to leave: rows nobody could judge, steps that a store refused."""
    last = queries.last_sweep()
    if last is None:
        return []
    words = queries.wording(at, _language())
    places = [(one["system"], one["table"], one["rows"], one["code"], dict(one["values"])) for one in last.unswept]
    places += [(one.system, one.table, one.after, one.why, {}) for one in last.steps if one.why]
    return [
        Undecided(
            place=words.place(system, table),
            rows=rows,
            code=code,
            says=words.code(code, {"system": system, "table": table, **values}),
            remedy=words.remedy(code, {"system": system, "table": table, **values}),
        )
        for system, table, rows, code, values in places
    ]


def _months(lines: tuple[Falling, ...]) -> list[Month]:
    found: dict[tuple[date, date], list[Falling]] = {}
    for line in lines:
        found.setdefault((line.since, line.until), []).append(line)
    return [
        Month(since=since, until=until, rows=sum(one.rows for one in some), lines=tuple(some))
        for (since, until), some in sorted(found.items())
    ]


def _hold(one: HoldRecord, on: date, policy: Policy) -> HoldLine:
    word, mark = STATES[one.state(on)]
    is_ja = _language() == "ja"
    return HoldLine(
        hold=one,
        label=one.label if is_ja else one.label_en,
        article=one.article if is_ja else one.article_en,
        over=_("1人（本人台帳の参照 %(ref)s）") % {"ref": one.person} if one.person else _over(one) or _("すべて"),
        reaches=tuple(queries.item_label(policy, item, _language()) for item in one.items),
        word=str(word),
        mark=mark,
    )


def _over(one: HoldRecord) -> str:
    system = datamap.current().systems.get(one.system)
    if system is None:
        return one.system
    return f"{system.label}　{system.tables[one.table].label}" if one.table in system.tables else system.label


def _language() -> str:
    return "en" if (get_language() or "ja").startswith("en") else "ja"


def _next_sweep(at: datetime) -> datetime | None:
    """When the next sweep runs by itself; None where none is set."""
    hours = (hour for hour in batch_jobs.next_hours(at) if hour.kind.id == SWEEP and not hour.paused_by)
    return min((hour.next_at for hour in hours), default=None)


urlpatterns = [path("retention/", schedule, name="retention")]
