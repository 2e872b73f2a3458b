"""What the identities register can show the promise board."""

from datetime import UTC, datetime

from sekisho.engine.policy.model import Clause
from sekisho.evidence.proof import FRESH_FOR, Proof, Verdict
from sekisho.evidence.saying import said
from sekisho.registers.identities import queries
from sekisho.registers.identities.rules import IdentifierInterval

ALWAYS = datetime.min.replace(tzinfo=UTC)


def intervals_consistent(*, at: datetime, clause: Clause) -> Proof:  # noqa: ARG001  the same for every clause
    """No number belongs to two people at one instant, and no interval ends before it starts."""
    looked_at = wrong = 0
    previous: IdentifierInterval | None = None
    for interval in queries.all_intervals("number"):
        looked_at += 1
        wrong += _ends_before_it_starts(interval)
        if previous and previous.value == interval.value and previous.person != interval.person:
            wrong += previous.until is None or (interval.since or ALWAYS) < previous.until
        previous = interval
    return Proof(
        verdict=Verdict.BROKEN if wrong else Verdict.KEPT,
        looked_at=looked_at,
        figure=said("番号の期間 {n:,}件、食い違い {wrong:,}件", n=looked_at, wrong=wrong),
        evidence="identities",
        why=said("{wrong:,}件の番号が、同じ時に2人のものになっているか、始まりより前に終わっています", wrong=wrong)
        if wrong
        else "",
        fresh_until=at + FRESH_FOR,
    )


def _ends_before_it_starts(interval: IdentifierInterval) -> bool:
    return interval.since is not None and interval.until is not None and interval.until < interval.since
