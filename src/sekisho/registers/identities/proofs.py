"""What the identities register can show the promise board."""

from datetime import UTC, datetime

from sekisho.engine.policy.model import Clause
from sekisho.evidence.proof import FRESH_FOR, Proof, Verdict
from sekisho.evidence.saying import said
from sekisho.registers.identities import queries
from sekisho.registers.identities.rules import CONTRACTED, IdentifierInterval

ALWAYS = datetime.min.replace(tzinfo=UTC)


def intervals_consistent(*, at: datetime, clause: Clause) -> Proof:  # noqa: ARG001  the same for every clause
    """No line belongs to two people at one instant, no interval ends before it starts, and all events fit each other."""
    looked_at = wrong = 0
    for kind in ("number", CONTRACTED):
        previous: IdentifierInterval | None = None
        for interval in queries.all_intervals(kind):
            looked_at += 1
            wrong += _ends_before_it_starts(interval)
            if previous and previous.value == interval.value and previous.person != interval.person:
                wrong += previous.until is None or (interval.since or ALWAYS) < previous.until
            previous = interval
    unclear = sum(1 for _ in queries.all_unclear())
    return Proof(
        verdict=Verdict.BROKEN if wrong else Verdict.UNPROVEN if unclear else Verdict.KEPT,
        looked_at=looked_at,
        figure=said(
            "番号の期間 {n:,}件、食い違い {wrong:,}件、出来事が合わない期間 {unclear:,}件",
            n=looked_at,
            wrong=wrong,
            unclear=unclear,
        ),
        evidence="identities",
        why=_why(wrong, unclear),
        fresh_until=at + FRESH_FOR,
    )


def _why(wrong: int, unclear: int) -> str:
    if wrong:
        return said("{wrong:,}件の番号が、同じ時に2人のものになっているか、始まりより前に終わっています", wrong=wrong)
    if unclear:
        return said("{unclear:,}件の期間は、届いていない出来事があり、だれの回線か分かりません", unclear=unclear)
    return ""


def _ends_before_it_starts(interval: IdentifierInterval) -> bool:
    return interval.since is not None and interval.until is not None and interval.until < interval.since
