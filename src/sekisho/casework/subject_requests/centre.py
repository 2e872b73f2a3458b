"""Public pages of the request desk: how to ask, and the form of each kind."""

from dataclasses import dataclass
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from sekisho.casework.subject_requests import queries
from sekisho.casework.subject_requests.rules import fee_of
from sekisho.casework.subject_requests.rules.papers import accepted, combinations
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.model import Dated
from sekisho.engine.law.pack import Law, law
from sekisho.engine.policy.model import Combination, Right, Text
from sekisho.registers.policies import queries as policies


@dataclass(frozen=True, slots=True)
class Offer:
    """One right with the words of its terms."""

    name: str
    right: Right
    yen: int
    forbidden_yen: int  # published, though the law lets nobody take it
    instruments: tuple[str, ...]
    not_alone: tuple[str, ...]  # instruments that cannot make up the exact fee by themselves


@dataclass(frozen=True, slots=True)
class PapersWay:
    """One combination of papers in words."""

    papers: tuple[str, ...]
    how_many: int
    added: tuple[str, ...]


@require_GET
def requests(request: HttpRequest) -> HttpResponse:
    """How to ask for disclosure, correction or suspension: forms, papers, fee, desk."""
    at = timezone.now()
    policy, today = policies.in_force(at), tokyo_date(at)
    known = law(today)
    evidence = policy.identity_evidence
    _, dead = accepted(evidence, known, today) if evidence else ((), ())
    ways = combinations(evidence, known, today) if evidence else ()
    return render(
        request,
        "subject_requests/centre/requests.html",
        {
            "policy": policy,
            "offers": [_offer(known, right) for right in policy.rights.values()],
            "fee_law": known.cite("appi.fee").text(_language()),
            "ways": [_way(known, one) for one in ways],
            "expired": [_named(known.paper(key)) for key, _ in dead],
            "agent": [_named(known.paper(key)) for key in (evidence.agent_papers if evidence else ())],
            "desks": [(desk, _said(desk.label), _said(desk.address)) for desk in policy.desks.values()],
            "other_ways": evidence.other_ways if evidence else False,
        },
    )


@require_GET
def form(request: HttpRequest, kind: str) -> HttpResponse:  # noqa: ARG001  Django gives it
    """The form of one kind of request as a PDF."""
    at = timezone.now()
    policy = policies.in_force(at)
    if kind not in policy.rights:
        raise Http404
    pdf = queries.blank_form(policy, kind, at=at, language=_language())
    name = quote(f"{law(tokyo_date(at)).request(kind).name(_language())}.pdf")
    return HttpResponse(
        pdf, content_type="application/pdf", headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    )


def _offer(known: Law, right: Right) -> Offer:
    kind = known.request(right.id)
    yen = max((fee_of(kind, right, reply).yen for reply in right.reply), default=0)
    instruments = [known.instrument(key) for key in right.instruments]
    return Offer(
        name=_named(kind),
        right=right,
        yen=yen,
        forbidden_yen=right.fee_yen or 0 if not kind.fee else 0,
        instruments=tuple(_named(one) for one in instruments),
        not_alone=tuple(_named(one) for one in instruments if yen and not one.can_make(yen)),
    )


def _way(known: Law, one: Combination) -> PapersWay:
    return PapersWay(
        tuple(_named(known.paper(key)) for key in one.one_of),
        one.how_many,
        tuple(_named(known.paper(key)) for key in one.and_all_of),
    )


def _named(row: Dated) -> str:
    return row.name(_language())


def _said(text: Text | None) -> str:
    if text is None:
        return ""
    return text.en or text.ja if _language() == "en" else text.ja


def _language() -> str:
    return "en" if (get_language() or "ja").startswith("en") else "ja"


urlpatterns = [
    path("requests/", requests, name="requests"),
    path("requests/forms/<slug:kind>.pdf", form, name="request-form"),
]
