"""The public page: the policy in force, sentence by sentence, with what is known of each, bad news included."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from sekisho.assurance.promises import queries, rules
from sekisho.assurance.promises.rules import Row, Verdict
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.policy.render import RenderedClause
from sekisho.registers.policies import queries as policies


@dataclass(frozen=True, slots=True)
class Section:
    """One heading of the published page: sentences with their rows, and how many of them are kept."""

    heading: str
    lines: tuple[tuple[Row, RenderedClause], ...]

    @property
    def plain(self) -> tuple[str, ...]:
        """The section in plain words, where the author wrote them."""
        return tuple(clause.plain for _row, clause in self.lines if clause.plain)

    @property
    def kept(self) -> int:
        """How many promises of this section are kept."""
        return self._count(Verdict.KEPT)

    @property
    def unproven(self) -> int:
        """How many nobody has confirmed."""
        return self._count(Verdict.UNPROVEN)

    @property
    def broken(self) -> int:
        """How many are broken."""
        return self._count(Verdict.BROKEN)

    def _count(self, verdict: Verdict) -> int:
        return sum(row.verdict is verdict for row, _clause in self.lines)


@require_GET
def policy(request: HttpRequest) -> HttpResponse:
    """The policy in force."""
    at = timezone.now()
    language = "en" if (get_language() or "ja").startswith("en") else "ja"
    in_force = policies.in_force(at)
    rows = queries.board_of(in_force, at, language=language)
    by_clause = {row.id: row for row in rows}
    sections = [
        Section(section.heading, tuple((by_clause[clause.id], clause) for clause in section.clauses))
        for section in queries.published(in_force, language)
    ]
    upcoming = [
        version for version in policies.history() if version.in_force_from and version.in_force_from > tokyo_date(at)
    ]
    return render(
        request,
        "promises/centre/policy.html",
        {
            "policy": in_force,
            "title": in_force.title.en or in_force.title.ja if language == "en" else in_force.title.ja,
            "sections": sections,
            "counts": {verdict.value: count for verdict, count in rules.tally(rows).items()},
            "total": len(rows),
            "upcoming": upcoming,
            "checked_at": max((row.checked_at for row in rows if row.checked_at), default=None),
        },
    )


urlpatterns = [path("", policy, name="policy")]
