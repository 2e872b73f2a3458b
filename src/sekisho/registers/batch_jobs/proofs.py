"""What the queue of jobs can show the promise board: the controls that run by themselves are alive."""

from datetime import datetime

from sekisho.engine.policy.model import Clause
from sekisho.evidence.proof import Proof, Verdict
from sekisho.evidence.saying import Said, said, together
from sekisho.registers.batch_jobs import queries
from sekisho.registers.batch_jobs.rules import limits


def nothing_stands_still(*, at: datetime, clause: Clause) -> Proof:  # noqa: ARG001
    """Every schedule ran when it was due, and no job stands still. Source: DESIGN.md section 3, PROMISES B-06."""
    hours = [hour for hour in queries.next_hours(at) if not hour.paused_by]
    late = [(name, slot) for name, slot in queries.missed_hours(at) if at - slot > limits().late]
    still = queries.standing_still(at)
    ran = [hour for hour in hours if hour.last is not None]
    live = queries.jobs(live=True)
    verdict = Verdict.BROKEN if late or still else Verdict.KEPT if ran and len(ran) == len(hours) else Verdict.UNPROVEN
    return Proof(
        verdict=verdict,
        looked_at=len(ran) + len(live),
        figure=said(
            "定時の処理{ran:,}/{hours:,}件が動いたことがあり、依頼{live:,}件のうち止まっているもの{still:,}件",
            ran=len(ran),
            hours=len(hours),
            live=len(live),
            still=len(still),
        ),
        evidence="jobs",
        why=_why(verdict, late, still),
        fresh_until=at + limits().late,
    )


def _why(verdict: Verdict, late: list[tuple[str, datetime]], still: tuple[queries.Still, ...]) -> str:
    if verdict is Verdict.KEPT:
        return ""
    if verdict is Verdict.UNPROVEN:
        return said("まだ動いたことのない定時の処理があります。sekisho serve か sekisho work が動かします")
    sentences: list[Said] = []
    if late:
        sentences.append(
            said("時刻を過ぎても動いていない定時の処理: {names}", names=", ".join(name for name, _ in late))
        )
    if still:
        sentences.append(
            said("止まっている処理: {names}", names=", ".join(f"{one.job.ref} ({one.how})" for one in still))
        )
    return together(*sentences)
