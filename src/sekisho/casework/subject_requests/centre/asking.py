"""How to ask, and the form of each kind."""

from dataclasses import dataclass
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from sekisho.casework.subject_requests import queries
from sekisho.casework.subject_requests.centre.wording import language, named, said
from sekisho.casework.subject_requests.rules import fee_of
from sekisho.casework.subject_requests.rules.papers import accepted, combinations, heir_papers
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.pack import Law, law
from sekisho.engine.policy.model import Combination, Right
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
            "fee_law": known.cite("appi.fee").text(language()),
            "ways": [_way(known, one) for one in ways],
            "expired": [named(known.paper(key)) for key, _ in dead],
            "agent": [named(known.paper(key)) for key in (evidence.agent_papers if evidence else ())],
            "heir": [named(known.paper(key)) for key in heir_papers(known, today, policy.heirs)],
            "desks": [(desk, said(desk.label), said(desk.address)) for desk in policy.desks.values()],
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
    pdf = queries.blank_form(policy, kind, at=at, language=language())
    name = quote(f"{law(tokyo_date(at)).request(kind).name(language())}.pdf")
    return HttpResponse(
        pdf, content_type="application/pdf", headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    )


def _offer(known: Law, right: Right) -> Offer:
    kind = known.request(right.id)
    yen = max((fee_of(kind, right, reply).yen for reply in right.reply), default=0)
    instruments = [known.instrument(key) for key in right.instruments]
    return Offer(
        name=named(kind),
        right=right,
        yen=yen,
        forbidden_yen=right.fee_yen or 0 if not kind.fee else 0,
        instruments=tuple(named(one) for one in instruments),
        not_alone=tuple(named(one) for one in instruments if yen and not one.can_make(yen)),
    )


def _way(known: Law, one: Combination) -> PapersWay:
    return PapersWay(
        tuple(named(known.paper(key)) for key in one.one_of),
        one.how_many,
        tuple(named(known.paper(key)) for key in one.and_all_of),
    )
