"""What law and promise say to a request, side by side, for every class of data that is held."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from sekisho.casework.subject_requests import actions, queries
from sekisho.casework.subject_requests.console.accounts import DESK, account_of
from sekisho.casework.subject_requests.console.wording import kind_name, language, said
from sekisho.casework.subject_requests.queries import Weighing
from sekisho.casework.subject_requests.rules.deciding import Answer, Decides
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.model import RequestGround
from sekisho.engine.law.pack import law
from sekisho.registers.policies import queries as policies
from sekisho.web.roles import require_role

DECIDES: dict[Decides, Promise] = {
    Decides.LAW: gettext_lazy("法律"),
    Decides.PROMISE: gettext_lazy("方針の約束"),
    Decides.KEEPING: gettext_lazy("保存の理由"),
}


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One class in one place: what law and promise say, what is answered, and why."""

    label: str
    place: str
    law: bool
    promise: bool | None
    answer: bool
    decides: str
    clause: str
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GroundLine:
    """A ground of law with its articles."""

    label: str
    articles: str


@require_GET
@require_role(*DESK)
def answer(request: HttpRequest, reference: str) -> HttpResponseBase:
    """The table of answers. It shows what is held, so it opens as the person's page does, and every look is recorded."""
    at, account, found = timezone.now(), account_of(request), queries.case(reference)
    if queries.open_until(reference, account, at) is None:
        return redirect("console:person", reference)
    actions.record_view(reference=reference, account=account, at=at)
    accepted = request.GET.get("ground", "") in {one.id for one in queries.grounds_of(found.kind, at)}
    lines = [_line(one) for one in queries.weighings(reference, at, ground_accepted=accepted)]
    right = policies.in_force(at).rights.get(found.kind)
    response = render(
        request,
        "subject_requests/console/answer.html",
        {
            "case": found,
            "kind": kind_name(found.kind),
            "lines": lines,
            "granted": sum(line.answer for line in lines),
            "grounds": [(one.id, _ground(one, at)) for one in queries.grounds_of(found.kind, at)],
            "refusals": [_ground(one, at) for one in queries.refusals_of(found.kind, at)],
            "ground": request.GET.get("ground", "") if accepted else "",
            "is_broader": right.broader_than_law if right else False,
            "trail": [(_("窓口"), ""), (reference, reverse("console:case", args=[reference])), (_("答えを決める"), "")],
        },
    )
    response["Cache-Control"] = "no-store"
    return response


def _line(one: Weighing) -> AnswerLine:
    found = one.weighed
    return AnswerLine(
        label=said(one.holding.label),
        place=said(one.holding.place),
        law=found.law is Answer.GRANT,
        promise=None if found.promise is None else found.promise is Answer.GRANT,
        answer=found.answer is Answer.GRANT,
        decides=str(DECIDES[found.decides]),
        clause=found.clause,
        why=tuple(f"{reason.told(language())} {reason.article}".strip() for reason in found.because),
    )


def _ground(one: RequestGround, at: datetime) -> GroundLine:
    known = law(tokyo_date(at))
    return GroundLine(one.name(language()), _("、").join(known.cite(key).text(language()) for key in one.cites))
