"""How a request stands, for whoever holds its number and secret: steps, what is missing, clocks, the answer, who looked.

Number and secret travel in the body of a POST only. The session that follows holds the number, lasts minutes, and ends
where a new secret was given out.
"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from sekisho.casework.subject_requests import queries, rules
from sekisho.casework.subject_requests.actions.access import record_use, use_access
from sekisho.casework.subject_requests.centre.limiting import Window
from sekisho.casework.subject_requests.centre.wording import language, named
from sekisho.casework.subject_requests.queries import answers
from sekisho.casework.subject_requests.queries.access import (
    Stage,
    access_issued_at,
    answer_sent_on,
    looks_at,
    progress_of,
)
from sekisho.casework.subject_requests.rules import Outcome
from sekisho.casework.subject_requests.rules.access import Use
from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.pack import law
from sekisho.engine.policy.words import label
from sekisho.registers.policies import queries as policies
from sekisho.web.addresses import address_of

KEY = "request_access"  # of the session: number, until when, which secret
LIMITS = rules.limits()["access"]
WINDOW = Window(minutes=LIMITS["within_minutes"], each=LIMITS["address_tries"], all_together=LIMITS["all_tries"])
STAGES = tuple(Stage)
CHANNELS = {
    "mail": gettext_lazy("郵便で届きました"),
    "fax": gettext_lazy("ファクスで届きました"),
    "web": gettext_lazy("ウェブから届きました"),
    "e_mail": gettext_lazy("メールで届きました"),
    "shop": gettext_lazy("店頭で承りました"),
    "phone": gettext_lazy("電話で承りました"),
}
STEPS = {
    Stage.RECEIVED: gettext_lazy("受け付けました"),
    Stage.IDENTITY: gettext_lazy("ご本人であることを確かめています"),
    Stage.GATHERING: gettext_lazy("情報を集めています"),
    Stage.ANSWERING: gettext_lazy("ほかの方の情報を伏せ、お答えをつくっています"),
    Stage.ANSWERED: gettext_lazy("お答えしました"),
}
DONE = {
    Stage.IDENTITY: gettext_lazy("ご本人であることを確かめました"),
    Stage.GATHERING: gettext_lazy("情報を集めました"),
    Stage.ANSWERING: gettext_lazy("お答えをつくりました"),
}
ENDED = {
    Outcome.WITHDRAWN.value: gettext_lazy("お答えせずに終えました（取り下げなど）"),
    Outcome.UNPAID.value: gettext_lazy("手数料が届かなかったため、お答えせずに終えました"),
}
TO_COME = {
    Stage.IDENTITY: gettext_lazy("ご本人であることを確かめます"),
    Stage.GATHERING: gettext_lazy("情報を集めます"),
    Stage.ANSWERING: gettext_lazy("ほかの方の情報を伏せ、お答えをつくります"),
    Stage.ANSWERED: gettext_lazy("お答えします"),
}
USES = {
    Use.STATUS: gettext_lazy("この画面を開きました"),
    Use.PACKAGE: gettext_lazy("お答えを受け取りました"),
    Use.RECEIPT: gettext_lazy("控えを保存しました"),
    Use.SLIP: gettext_lazy("受付票を保存しました"),
    Use.REPLY: gettext_lazy("お答えの方法を変えました"),
    Use.WITHDRAWAL: gettext_lazy("ご請求を取り下げました"),
    Use.REFUSED: gettext_lazy("合言葉が合わず、開きませんでした"),
}

View = Callable[..., HttpResponseBase]


class AccessForm(forms.Form):
    """Number and secret, as they stand in the letter."""

    number = forms.CharField(
        label=gettext_lazy("受付番号"),
        max_length=24,
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "K-2026-0001", "spellcheck": "false"}),
    )
    secret = forms.CharField(
        label=gettext_lazy("合言葉"),
        max_length=64,
        help_text=gettext_lazy("受付のお知らせの手紙にある16文字です。大文字と小文字、線のあるなしは問いません。"),
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


def private(view: View) -> View:
    """What nobody keeps a copy of: no cache, no address of it to other sites."""

    @wraps(view)
    def answered(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex"
        return response

    return answered


@private
def status(request: HttpRequest) -> HttpResponseBase:
    """The request the session was opened for; without one, the two fields that open it."""
    at = timezone.now()
    if request.method == "POST":
        return _enter(request, at)
    reference = opened(request, at)
    if not reference:
        return render(request, "subject_requests/centre/enter.html", {"form": AccessForm()})
    found = progress_of(reference, at, language())
    policy = policies.in_force(at)
    here = STAGES.index(found.stage)
    return render(
        request,
        "subject_requests/centre/status.html",
        {
            "found": found,
            "case": found.case,
            "kind": named(law(tokyo_date(at)).request(found.case.kind)),
            "came_by": CHANNELS.get(found.channel, ""),
            "done": [DONE[one] for one in STAGES[1:here]] if found.case.outcome not in ENDED else [],
            "here": ENDED.get(found.case.outcome, STEPS[found.stage]),
            "to_come": [TO_COME[one] for one in STAGES[here + 1 :]],
            "is_first": here == 0,
            "clock": found.stands.clock if found.stands else None,
            "chosen": label("channels", found.stands.reply, language()) if found.stands and found.stands.reply else "",
            "lacking": found.stands.payment.lacking if found.stands else 0,
            "desk": queries.request_desk(policy),
            "answered_on": answer_sent_on(reference) or found.case.answered_on or found.case.closed_at,
            "looks": [(look.at, _told_look(look.what)) for look in looks_at(reference)[:20]],
        },
    )


@private
@require_POST
def leave(request: HttpRequest) -> HttpResponseBase:
    """End the session at once."""
    request.session.pop(KEY, None)
    return redirect("centre:requests")


@private
@require_POST
def package(request: HttpRequest) -> HttpResponseBase:
    """The electronic answer, as it was approved. Every time is noted."""
    return _taken(request, Use.PACKAGE)


@private
@require_POST
def receipt(request: HttpRequest) -> HttpResponseBase:
    """The receipt of the answer, which anybody can check without us."""
    return _taken(request, Use.RECEIPT)


def opened(request: HttpRequest, at: datetime) -> str:
    """The case this session was opened for; empty once it is over or another secret was given out."""
    held = request.session.get(KEY)
    if not held:
        return ""
    issued_at = access_issued_at(held["reference"])
    if issued_at is None or issued_at.isoformat() != held["issued_at"] or at.isoformat() >= held["until"]:
        request.session.pop(KEY, None)
        return ""
    return str(held["reference"])


def _enter(request: HttpRequest, at: datetime) -> HttpResponseBase:
    form, tried = AccessForm(request.POST), False
    if not WINDOW.admits(address_of(request), at):
        refused = _("ただいま受け付けられません。10分ほどおいて、もう一度お試しください。")
        return render(request, "subject_requests/centre/enter.html", {"form": form, "refused": refused}, status=429)
    if form.is_valid():
        tried = True
        try:
            reference = use_access(
                receipt_no=form.cleaned_data["number"], secret=form.cleaned_data["secret"], what=Use.STATUS, at=at
            )
        except SekishoError as error:
            if error.code != "requests.access-refused":
                raise
        else:
            issued_at = access_issued_at(reference)
            request.session.cycle_key()
            request.session[KEY] = {
                "reference": reference,
                "issued_at": issued_at.isoformat() if issued_at else "",
                "until": (at + timedelta(minutes=LIMITS["session_minutes"])).isoformat(),
            }
            return redirect("centre:request-status")
    refused = (
        _(
            "受付番号と合言葉の組み合わせでは、開けませんでした。手紙をもう一度ごらんください。続けて間違えると、しばらく開きません。"
        )
        if tried
        else _("受付番号と合言葉を入れてください。")
    )
    # the secret is not sent back: what is shown again is the number only
    again = AccessForm(initial={"number": request.POST.get("number", "")[:24]})
    return render(
        request, "subject_requests/centre/enter.html", {"form": again, "refused": refused}, status=403 if tried else 400
    )


def _taken(request: HttpRequest, what: Use) -> HttpResponseBase:
    at = timezone.now()
    reference = opened(request, at)
    found = progress_of(reference, at, language()) if reference else None
    if found is None or not found.pickup:
        return redirect("centre:request-status")
    if what is Use.PACKAGE:
        content, kind, name = answers.package(found.pickup), "application/zip", f"{found.pickup}.zip"
    else:
        told = json.dumps(answers.receipt(found.pickup), ensure_ascii=False, indent=1)
        content, kind, name = told.encode(), "application/json", f"{found.pickup}-receipt.json"
    record_use(reference=reference, what=what, at=at)
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _told_look(what: Use | None) -> str:
    return str(USES[what]) if what is not None else _("窓口の担当者が、ご本人の情報を開きました")
