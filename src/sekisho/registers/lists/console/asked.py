"""The page of a list that a job builds: how far it is; given up before the file is whole, nothing is left."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sekisho.engine.errors import SekishoError, text, texts
from sekisho.registers.batch_jobs import actions as jobs
from sekisho.registers.batch_jobs.queries import JobRecord, State
from sekisho.registers.lists import queries
from sekisho.registers.lists.console.reading import APPROVING, BUILDING, READING
from sekisho.registers.lists.console.wording import language, purpose_of
from sekisho.registers.policies import queries as policies
from sekisho.web.roles import require_role, roles_of

WIDTH = 1000  # of the bar, in its own units
STEPS = ("数える", "判定する", "値を集める", "書き出す")


@require_GET
@require_role(*READING)
def asked(request: HttpRequest, ref: str) -> HttpResponseBase:
    """How far it is. Once it stands, the list itself."""
    row, job = queries.request_of(ref), queries.job_of(ref)
    if row.list_ref and (job is None or job.has_ended):
        return redirect("console:list", row.list_ref)
    context = {
        "row": row,
        "job": job,
        "purpose": purpose_of(row.wanted["purpose"], policies.in_force(timezone.now())),
        "bar": round((job.share or 0) * WIDTH) if job else 0,
        "share": round((job.share or 0) * 100) if job else 0,
        "step": _step(job),
        "waits": job is not None and job.state is State.REQUESTED,
        "cancelled": job is not None and job.state is State.CANCELLED,
        "why": _why(job),
        "at": timezone.now(),
        "may_cancel": job is not None and not job.has_ended and not job.cancel_by and _may(request, row.asked_by),
        "trail": [(_("利用"), ""), (_("名簿"), reverse("console:lists")), (_("作成中の名簿"), "")],
    }
    return render(request, "lists/console/asked.html", context)


@require_POST
@require_role(*BUILDING)
def cancel(request: HttpRequest, ref: str) -> HttpResponse:
    """Give it up: who asked for it may, and whoever approves lists."""
    row, job = queries.request_of(ref), queries.job_of(ref)
    if job is not None and _may(request, row.asked_by):
        try:
            jobs.cancel_job(job=job.ref, at=timezone.now(), acting_user=request.user.get_username())
        except SekishoError as error:  # it ended in the meantime
            messages.error(request, f"{error.message(language())} → {error.remedy(language())}（{error.code}）")
        else:
            messages.success(request, _("取りやめます。名簿はできません。"))
    return redirect("console:list_asked", ref)


def _step(job: JobRecord | None) -> str:
    return _(STEPS[min(job.done, len(STEPS) - 1)]) if job is not None and job.state is State.RUNNING else ""


def _why(job: JobRecord | None) -> tuple[str, str]:
    """What a failed job says, and what to do."""
    if job is None or "." not in job.why:
        return "", ""
    area = job.why.split(".", 1)[0]
    room = {"connector": "sekisho.connectors", "evidence": "sekisho.evidence"}.get(area, f"sekisho.registers.{area}")
    if job.why not in texts(room):
        return job.why, ""
    told = [text(room, job.why, key, job.why_values) for key in (language(), f"{language()}_remedy")]
    return f"{told[0]}（{job.why}）", told[1]


def _may(request: HttpRequest, asked_by: str) -> bool:
    return request.user.get_username() == asked_by or bool(roles_of(request.user) & frozenset(APPROVING))
