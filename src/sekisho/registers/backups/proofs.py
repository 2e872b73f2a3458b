"""What the backups room can show the promise board."""

from dataclasses import replace
from datetime import datetime, timedelta

from sekisho.engine.errors import SekishoError
from sekisho.engine.policy.model import Clause
from sekisho.evidence.proof import Proof, Verdict
from sekisho.evidence.saying import Said, of_error, said, together
from sekisho.registers.backups.queries.standing import backups, drill, kept_apart, quarantined
from sekisho.registers.backups.rules.limits import limits
from sekisho.registers.retention import proofs as retention


def erased_stays_erased(*, at: datetime, clause: Clause) -> Proof:
    """Nothing is past its period, and no backup, import or store brings anybody back who was erased.

    Where there is a backup it takes more: tombstones without a gap, and a drill not long ago that brought nobody back.
    Source: APPI 22; DESIGN.md section 6.
    """
    proof = retention.nothing_overdue(at=at, clause=clause)
    if proof.verdict is Verdict.BROKEN:
        return proof
    last = drill()
    verdict, why = of_restores(at)
    if last is not None:
        told = said("復元の訓練で消去した{n:,}人のうち戻った方 {back:,}人", n=last.people, back=last.resurrected)
        proof = replace(proof, figure=together(_said(proof.figure), told), looked_at=proof.looked_at + last.looked_at)
    if verdict is Verdict.KEPT:
        return proof
    return replace(proof, verdict=verdict, why=why, evidence=last.ref if last else "backup apart")


def of_restores(at: datetime) -> tuple[Verdict, Said | str]:
    """Whether anybody erased came back, or could: and why."""
    last, back = drill(), quarantined()
    if back:
        return Verdict.BROKEN, said("消去した方の情報が{n:,}件戻っています（sekisho backup returned）", n=len(back))
    if not any(one.destroyed_at is None for one in backups()):
        return Verdict.KEPT, ""
    try:
        apart = kept_apart()
    except SekishoError as error:
        return Verdict.BROKEN, of_error(error)
    if apart.missing:
        return Verdict.BROKEN, said("別に保管した墓標に抜けが{n:,}件あります", n=apart.missing)
    if last is not None and not last.passed:
        return Verdict.BROKEN, said("前回の訓練で、消去した方の情報が復元で戻りました")
    days = limits().drill_days
    if last is None or at - last.at > timedelta(days=days):
        return Verdict.UNPROVEN, said("復元の訓練を{n:,}日以内に行っていません（sekisho backup drill）", n=days)
    if last.undrilled:
        names = ", ".join(one["system"] for one in last.undrilled)
        return Verdict.UNPROVEN, said(
            "訓練で復元を試していない系があります: {names}（sekisho backup drill）", names=names
        )
    return Verdict.KEPT, ""


def _said(text: str) -> Said:
    return text if isinstance(text, Said) else Said(text)
