"""Console: how the long work stands, one job with what giving it up would leave, and what runs by itself."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sekisho.engine.errors import SekishoError, text, texts
from sekisho.registers.batch_jobs import actions, queries
from sekisho.registers.batch_jobs.queries import Hour, JobRecord, State, Still
from sekisho.web.roles import Role, require_role, roles_of

GIVING_UP = (Role.OFFICER, Role.DEPUTY, Role.ENGINEER)
READING = (*GIVING_UP, Role.AUDITOR)
MANY = 30
WIDTH = 1000  # of a bar, in its own units
WORDS = {
    "requested": (gettext_lazy("順番待ち"), "idle"),
    "running": (gettext_lazy("実行中"), "open"),
    "cancelling": (gettext_lazy("取りやめ待ち"), "open"),
    "done": (gettext_lazy("完了"), "kept"),
    "partly": (gettext_lazy("一部未了"), "open"),
    "failed": (gettext_lazy("失敗"), "broken"),
    "cancelled": (gettext_lazy("取りやめ"), "idle"),
}
STILL = {
    "unclaimed": gettext_lazy("依頼してから、だれも取りかかっていません。"),
    "silent": gettext_lazy("進めていたプロセスの応答がありません。"),
    "quiet": gettext_lazy("長いあいだ進んでいません。"),
}
REMEDIES = {
    "unclaimed": gettext_lazy("sekisho serve か sekisho work が動いているかを確かめてください。"),
    "silent": gettext_lazy("sekisho serve か sekisho work を起動すると、止まった工程から続きます。"),
    "quiet": gettext_lazy("つながり先のシステムの空き容量と応答を確かめてください。"),
}
ROOMS = {"connector": "sekisho.connectors", "erasure": "sekisho.engine.erasure", "catalog": "sekisho.engine.catalog"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A job as the page shows it."""

    job: JobRecord
    label: str
    unit: str
    word: str
    mark: str
    bar: int | None  # of 1,000; None while nobody knows
    why: str
    remedy: str
    may_cancel: bool
    may_acknowledge: bool
    left: str  # what giving it up leaves


@require_GET
@require_role(*READING)
def jobs(request: HttpRequest) -> HttpResponse:
    """What runs, waits and stands still, what runs by itself next, and how the last ones ended."""
    at = timezone.now()
    still = {one.job.ref: one for one in queries.standing_still(at)}
    found = [_line(job, still.get(job.ref), request) for job in queries.jobs(most=MANY)]
    live = [_line(job, still.get(job.ref), request) for job in queries.jobs(live=True)]
    hours = queries.next_hours(at)
    context = {
        "live": sorted(live, key=lambda line: (line.job.state is not State.RUNNING, line.job.asked_at)),
        "unseen": [_line(job, None, request) for job in queries.unseen()],
        "stopped": [line for line in live if line.job.ref in still],
        "ended": [line for line in found if line.job.has_ended],
        "kept_days": queries.limits().ended_life.days,
        "hours": [(hour, _label(hour), _line(hour.last, None, request) if hour.last else None) for hour in hours],
        "following": min((hour for hour in hours if not hour.paused_by), key=lambda hour: hour.next_at, default=None),
        "at": at,
        "trail": [(_("運用"), ""), (_("処理の状況"), "")],
    }
    return render(request, "batch_jobs/console/jobs.html", context)


@require_GET
@require_role(*READING)
def job(request: HttpRequest, ref: str) -> HttpResponse:
    """One job."""
    at = timezone.now()
    still = {one.job.ref: one for one in queries.standing_still(at)}
    line = _line(queries.job(ref), still.get(ref), request)
    context = {
        "line": line,
        "at": at,
        "still": still.get(ref),
        "trail": [(_("運用"), ""), (_("処理の状況"), reverse("console:jobs")), (ref, "")],
    }
    return render(request, "batch_jobs/console/job.html", context)


@require_POST
@require_role(*GIVING_UP)
def cancel(request: HttpRequest, ref: str) -> HttpResponseBase:
    """Give a job up; it stops before its next step."""
    try:
        state = actions.cancel_job(job=ref, at=timezone.now(), acting_user=_account(request))
    except SekishoError as error:
        messages.error(request, f"{error.message(_language())} → {error.remedy(_language())}（{error.code}）")
    else:
        done = _("取りやめました。") if state is State.CANCELLED else _("次の工程の前で止まります。")
        messages.success(request, done)
    return redirect("console:job", ref)


@require_POST
@require_role(*GIVING_UP)
def acknowledge(request: HttpRequest, ref: str) -> HttpResponseBase:
    """Write down that somebody has seen why a job failed: its row may go with its time."""
    try:
        actions.acknowledge_job(job=ref, at=timezone.now(), acting_user=_account(request))
    except SekishoError as error:
        messages.error(request, f"{error.message(_language())} → {error.remedy(_language())}（{error.code}）")
    else:
        messages.success(request, _("確かめたと記録しました。"))
    return redirect("console:job", ref)


def _line(job: JobRecord, still: Still | None, request: HttpRequest) -> Line:
    word, mark = WORDS["cancelling" if job.is_being_cancelled else job.state.value]
    why, remedy = _why(job, still)
    may = roles_of(request.user) & frozenset(GIVING_UP)
    return Line(
        job=job,
        label=job.kind.label[_language()],
        unit=job.kind.unit[_language()],
        word=str(word),
        mark="late" if still else mark,
        bar=None if job.share is None else round(job.share * WIDTH),
        why=why,
        remedy=remedy,
        may_cancel=bool(may) and job.kind.is_cancellable and not job.has_ended and not job.cancel_by,
        may_acknowledge=bool(may) and job.is_unseen,
        left=job.kind.cancelled[_language()],
    )


def _why(job: JobRecord, still: Still | None) -> tuple[str, str]:
    if still is not None:
        return str(STILL[still.how]), str(REMEDIES[still.how])
    area = job.why.split(".", 1)[0]
    room = ROOMS.get(area, f"sekisho.registers.{area}")
    if "." not in job.why:
        return (_("%(error)s のため、少し待ってもう一度試しています。") % {"error": job.why} if job.why else ""), ""
    if job.why not in texts(room):
        return job.why, ""
    told = [text(room, job.why, key, job.why_values) for key in (_language(), f"{_language()}_remedy")]
    return f"{told[0]}（{job.why}）", told[1]


def _label(hour: Hour) -> str:
    return hour.kind.label[_language()]


def _account(request: HttpRequest) -> str:
    return request.user.username if isinstance(request.user, User) else ""


def _language() -> str:
    return "en" if (get_language() or "ja").startswith("en") else "ja"


urlpatterns = [
    path("jobs/", jobs, name="jobs"),
    path("jobs/<slug:ref>/", job, name="job"),
    path("jobs/<slug:ref>/acknowledge/", acknowledge, name="job_acknowledge"),
    path("jobs/<slug:ref>/cancel/", cancel, name="job_cancel"),
]
