"""The board, and the policy read with the state of every sentence beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sekisho.assurance.promises import queries, rules
from sekisho.assurance.promises.rules import Doubt, Row, Verdict
from sekisho.evidence import queries as evidence
from sekisho.registers.batch_jobs import actions as batch_jobs
from sekisho.registers.policies import queries as policies
from sekisho.web.roles import EVERYBODY, Role, require_role, roles_of

CHECKERS = (Role.OFFICER, Role.DEPUTY, Role.AUDITOR)
WHY_UNPROVEN = {
    Doubt.NO_PROOF: (
        gettext_lazy("まだ確かめる手段がありません。"),
        gettext_lazy("確かめる手段を仕組みに加えるまで、未確認のままにします。"),
    ),
    Doubt.NOT_LOOKED: (
        gettext_lazy("この版になってから、まだ確かめていません。"),
        gettext_lazy("個人情報保護管理者か内部監査が「すべて点検し直す」を押すか、次の定時の点検を待ちます。"),
    ),
    Doubt.NOTHING_SEEN: (
        gettext_lazy("見る対象が0件でした。何も見ていないものを、守れているとは言えません。"),
        gettext_lazy("対象ができたら、次の点検で自動で確かめます。"),
    ),
    Doubt.STALE: (
        gettext_lazy("確かめてから時間がたち、証拠の有効期限が過ぎました。"),
        gettext_lazy("個人情報保護管理者か内部監査が「すべて点検し直す」を押すと、また確かめられます。"),
    ),
    Doubt.FAILED: (
        gettext_lazy("確かめる途中で止まりました。"),
        gettext_lazy("止まったわけを直してから、点検し直してください。"),
    ),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table: the promise, why it is not kept, and what to do."""

    row: Row
    why: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Section:
    """The promises under one heading of the published page."""

    heading: str
    lines: tuple[Line, ...]


@require_GET
@require_role(*EVERYBODY)
def board(request: HttpRequest) -> HttpResponse:
    """Every promise with its state, and the next step."""
    at = timezone.now()
    rows = queries.board(at, language=_language())
    state, words = request.GET.get("state", ""), request.GET.get("q", "").strip()
    shown = [row for row in rows if (not state or row.verdict == state) and _found(row, words)]
    tally = rules.tally(rows)
    worst = rules.worst(rows)
    return render(
        request,
        "promises/console/board.html",
        {
            "policy": policies.in_force(at),
            "rows": rows,
            "headings": [list(group) for _heading, group in groupby(rows, key=lambda row: row.heading)],
            "sections": _sections(shown),
            "shown": len(shown),
            "counts": {verdict.value: count for verdict, count in tally.items()},
            "filters": [
                (verdict.value, tally[verdict]) for verdict in (Verdict.BROKEN, Verdict.UNPROVEN, Verdict.KEPT)
            ],
            "state": state,
            "q": words,
            "worst": _line(worst) if worst else None,
            "may_check": bool(roles_of(request.user) & frozenset(CHECKERS)),
            "checked_at": max((row.checked_at for row in rows if row.checked_at), default=None),
            "next_check": min((row.fresh_until for row in rows if row.fresh_until), default=None),
            "ledger": evidence.state(),
            "trail": [(_("約束"), ""), (_("履行台帳"), "")],
        },
    )


@require_POST
@require_role(*CHECKERS)
def check_again(request: HttpRequest) -> HttpResponseBase:
    """Ask for a look at every promise, and show how far it is."""
    account = f"account:{request.user.pk}"
    job = batch_jobs.ask_job(kind="promises.look", arguments={}, at=timezone.now(), acting_user=account)
    messages.success(request, _("すべての約束の点検を依頼しました。終わると履行台帳に出ます。"))
    return redirect("console:job", job)


@require_GET
@require_role(*EVERYBODY)
def policy(request: HttpRequest) -> HttpResponse:
    """The policy in force as published, each sentence with its state and what watches it."""
    at = timezone.now()
    in_force = policies.in_force(at)
    rows = queries.board_of(in_force, at, language=_language())
    worst = rules.worst(rows)
    return render(
        request,
        "promises/console/policy.html",
        {
            "policy": in_force,
            "sections": _sections(rows),
            "counts": {verdict.value: count for verdict, count in rules.tally(rows).items()},
            "total": len(rows),
            "worst": _line(worst) if worst else None,
            "may_check": bool(roles_of(request.user) & frozenset(CHECKERS)),
            "trail": [(_("約束"), reverse("console:board")), (_("方針の文"), "")],
        },
    )


def _sections(rows: Sequence[Row]) -> list[Section]:
    return [
        Section(heading, tuple(_line(row) for row in group))
        for heading, group in groupby(rows, key=lambda row: row.heading)
    ]


def _line(row: Row) -> Line:
    if row.verdict is Verdict.BROKEN or row.doubt not in WHY_UNPROVEN:
        return Line(row, row.why, "")
    why, remedy = WHY_UNPROVEN[row.doubt]
    return Line(row, row.why or str(why), str(remedy))


def _found(row: Row, words: str) -> bool:
    text = f"{row.id} {row.heading} {row.statement} {row.proof} {row.figure} {row.why}".casefold()
    return all(word in text for word in words.casefold().split())


def _language() -> str:
    return "en" if (get_language() or "ja").startswith("en") else "ja"


urlpatterns = [
    path("promises/", board, name="board"),
    path("promises/check/", check_again, name="promises_check"),
    path("policy/", policy, name="policy"),
]
