"""Findings about who publishes the policy and since when."""

from collections.abc import Iterator

from sekisho.engine.errors import Fault, Severity
from sekisho.engine.law.pack import Law
from sekisho.engine.policy.lint.finding import finding
from sekisho.engine.policy.model import Policy


def effective_date_is_unknown(policy: Policy, law: Law) -> Iterator[Fault]:
    """Nobody can say which text governed on a day. Source: APPI 21(3), a changed purpose is published; LAW.md 9.17."""
    if policy.effective_on is None:
        path = "policy.effective_on"
        assumed = policy.assumed_effective_on or "—"
        yield finding(
            policy, law, "lint.effective-date-unknown", path, source="appi.purpose_change_notice", assumed=assumed
        )


def operator_facts_are_published(policy: Policy, law: Law) -> Iterator[Fault]:
    """Name, address and representative must be knowable. Source: APPI 32(1)1."""
    for fact in law.public_notice.values():
        if getattr(policy.operator, fact.id) is None:
            path = f"operator.{fact.id}"
            clause = policy.operator.clause
            yield finding(
                policy, law, "lint.operator-unpublished", path, source=fact.cites[0], clause=clause, fact=fact.ja
            )


def operator_is_spelled_one_way(policy: Policy, law: Law) -> Iterator[Fault]:
    """Two spellings leave open who promises. Source: APPI 32(1)1; LAW.md 8.4."""
    for spelling in policy.operator.also_written:
        yield finding(
            policy,
            law,
            "lint.operator-spelling",
            "operator.also_written",
            source="appi.public_notice_operator",
            clause=policy.operator.clause,
            name=policy.operator.name.ja,
            found=spelling,
        )


def revision_is_regulated(policy: Policy, law: Law) -> Iterator[Fault]:
    """A policy that says nothing about its own revision. Source: APPI 21(3)."""
    if not policy.revisions:
        path, note = "revisions", Severity.NOTE
        yield finding(policy, law, "lint.no-revision-rule", path, source="appi.purpose_change_notice", severity=note)


OPERATOR_RULES = (
    effective_date_is_unknown,
    operator_facts_are_published,
    operator_is_spelled_one_way,
    revision_is_regulated,
)
