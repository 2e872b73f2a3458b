"""The promise board: every clause of the policy in force, with what is known of it at an instant."""

from collections.abc import Mapping
from datetime import datetime

from sekisho.assurance.promises import rules
from sekisho.assurance.promises.models import PromiseCheck
from sekisho.assurance.promises.rules import Doubt, Row, Verdict
from sekisho.engine.law.pack import law
from sekisho.engine.policy.model import Clause, Policy
from sekisho.engine.policy.render import Sentence, sentences
from sekisho.registers.policies import queries as policies


def board(at: datetime, *, language: str = "ja") -> tuple[Row, ...]:
    """Every clause of the policy in force at `at`, in published order.

    Raises: policies.none-in-force.
    """
    return board_of(policies.in_force(at), at, language=language)


def board_of(policy: Policy, at: datetime, *, language: str = "ja") -> tuple[Row, ...]:
    """Every clause of one version."""
    checks = {check.clause: check for check in PromiseCheck.objects.filter(era=policy.era)}
    texts = published(policy, language)
    return tuple(_row(clause, texts[clause.id].text, checks.get(clause.id), at) for clause in policy.clauses.values())


def published(policy: Policy, language: str) -> Mapping[str, Sentence]:
    """The published sentences, by clause."""
    return {sentence.clause: sentence for sentence in sentences(policy, law(), language)}


def _row(clause: Clause, statement: str, check: PromiseCheck | None, at: datetime) -> Row:
    if check is None or check.proof != (clause.proof or ""):
        doubt = Doubt.NOT_LOOKED if clause.proof else Doubt.NO_PROOF
        return Row(
            id=clause.id,
            heading=clause.heading,
            statement=statement,
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
    verdict, doubt = rules.aged(Verdict(check.verdict), Doubt(check.doubt), fresh_until=check.fresh_until, at=at)
    return Row(
        id=clause.id,
        heading=clause.heading,
        statement=statement,
        verdict=verdict,
        doubt=doubt,
        looked_at=check.looked_at,
        figure=check.figure,
        evidence=check.evidence,
        why=check.why,
        proof=check.proof,
        checked_at=check.checked_at,
        fresh_until=check.fresh_until,
        since=check.since,
    )
