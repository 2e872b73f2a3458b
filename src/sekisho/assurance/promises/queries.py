"""The promise board: every clause of the policy in force, with what is known of it at an instant."""

from datetime import datetime

from sekisho.assurance.promises import rules
from sekisho.assurance.promises.models import PromiseCheck
from sekisho.assurance.promises.rules import Doubt, Row, Verdict
from sekisho.engine.law.pack import law
from sekisho.engine.policy.model import Clause, Policy
from sekisho.engine.policy.render import RenderedClause, Section, render
from sekisho.registers.policies import queries as policies


def board(at: datetime, *, language: str = "ja") -> tuple[Row, ...]:
    """Every clause of the policy in force at `at`, in published order.

    Raises: policies.none-in-force.
    """
    return board_of(policies.in_force(at), at, language=language)


def board_of(policy: Policy, at: datetime, *, language: str = "ja") -> tuple[Row, ...]:
    """Every clause of one version."""
    checks = {check.clause: check for check in PromiseCheck.objects.filter(era=policy.era)}
    sections = published(policy, language)
    return tuple(
        _row(policy.clauses[rendered.id], section.heading, rendered, checks.get(rendered.id), at, language)
        for section in sections
        for rendered in section.clauses
    )


def published(policy: Policy, language: str) -> tuple[Section, ...]:
    """The published text, by heading."""
    return render(policy, law(), language)


def _row(
    clause: Clause, heading: str, rendered: RenderedClause, check: PromiseCheck | None, at: datetime, language: str
) -> Row:
    if check is None or check.proof != (clause.proof or ""):
        doubt = Doubt.NOT_LOOKED if clause.proof else Doubt.NO_PROOF
        return Row(
            id=clause.id,
            heading=heading,
            statement=rendered.sentence,
            details=rendered.details,
            verdict=Verdict.UNPROVEN,
            doubt=doubt,
            looked_at=0,
            figure="",
            evidence="",
            why="",
            proof=clause.proof or "",
            checked_at=None,
            fresh_until=None,
            since=None,
        )
    in_english = (
        language == "en" and (bool(check.figure_en) or not check.figure) and (bool(check.why_en) or not check.why)
    )
    verdict, doubt = rules.aged(Verdict(check.verdict), Doubt(check.doubt), fresh_until=check.fresh_until, at=at)
    return Row(
        id=clause.id,
        heading=heading,
        statement=rendered.sentence,
        details=rendered.details,
        verdict=verdict,
        doubt=doubt,
        looked_at=check.looked_at,
        figure=check.figure_en if in_english else check.figure,
        evidence=check.evidence,
        why=check.why_en if in_english else check.why,
        proof=check.proof,
        checked_at=check.checked_at,
        fresh_until=check.fresh_until,
        since=check.since,
        language="en" if in_english else "ja",
    )
