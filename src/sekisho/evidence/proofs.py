"""What the ledger shows the promise board."""

from datetime import datetime

from sekisho.engine.policy.model import Clause
from sekisho.evidence import queries
from sekisho.evidence.proof import FRESH_FOR, Proof, Verdict
from sekisho.evidence.queries import WitnessState
from sekisho.evidence.saying import Said, said, together


def ledger_intact(*, at: datetime, clause: Clause) -> Proof:  # noqa: ARG001  one sentence for every clause
    """Every entry verifies against the signed checkpoints. Source: DESIGN.md section 7."""
    found = queries.verify(at=at)
    if found.problems:
        verdict, why = Verdict.BROKEN, Said(found.problems[0].message(), found.problems[0].message("en"))
    elif not found.size:
        verdict, why = Verdict.UNPROVEN, said("台帳にまだ何も記録されていません")
    else:
        verdict, why = (
            Verdict.KEPT,
            together(said("署名、根、すべての証跡が一致します"), _of_witness(queries.witness_state())),
        )
    return Proof(
        verdict=verdict,
        looked_at=found.entries,
        figure=said("{n:,}件中の問題 {wrong:,}件", n=found.entries, wrong=len(found.problems)),
        evidence=f"checkpoint:{found.size}",
        why=why,
        fresh_until=at + FRESH_FOR,
    )


def witness_present(*, at: datetime, clause: Clause) -> Proof:  # noqa: ARG001  one sentence for every clause
    """Somebody outside holds the newest checkpoint. Source: DESIGN.md section 7."""
    state, ledger = queries.witness_state(), queries.state()
    verdicts = {
        WitnessState.NONE: Verdict.BROKEN,
        WitnessState.BEHIND: Verdict.UNPROVEN,
        WitnessState.CURRENT: Verdict.KEPT,
        WitnessState.REFUSED: Verdict.BROKEN,
    }
    return Proof(
        verdict=verdicts[state],
        looked_at=ledger.size,
        figure=said("チェックポイント {n:,}件まで", n=ledger.size),
        evidence=f"checkpoint:{ledger.size}",
        why=_of_witness(state),
        fresh_until=at + FRESH_FOR,
    )


def _of_witness(state: WitnessState) -> Said:
    says = {
        WitnessState.NONE: said("証人が設定されていないため、末尾の切り詰めは外から見えません"),
        WitnessState.BEHIND: said("証人の控えが最新ではありません"),
        WitnessState.CURRENT: said("証人が最新のチェックポイントを持っています"),
        WitnessState.REFUSED: said("証人の控えと台帳がつながりません"),
    }
    return says[state]
