"""What the consent ledger can show the promise board."""

from datetime import datetime

from sekisho.engine.policy.model import Clause
from sekisho.evidence.proof import FRESH_FOR, Proof, Verdict
from sekisho.evidence.saying import said
from sekisho.registers.consents import queries


def each_names_notice_and_channel(*, at: datetime, clause: Clause) -> Proof:  # noqa: ARG001
    """Every consent says which notice was shown and how it was given. Source: APPI 21(2)."""
    counts = queries.counts()
    wrong = counts["without_notice"] + counts["without_channel"]
    return Proof(
        verdict=Verdict.BROKEN if wrong else Verdict.KEPT,
        looked_at=counts["events"],
        figure=said(
            "同意の記録 {n:,}件、掲示した版か受けた方法を欠くもの {wrong:,}件", n=counts["events"], wrong=wrong
        ),
        evidence="consents",
        why=said("掲示した版か受けた方法のない記録が{wrong:,}件あります", wrong=wrong) if wrong else "",
        fresh_until=at + FRESH_FOR,
    )


def none_from_continued_use(*, at: datetime, clause: Clause) -> Proof:  # noqa: ARG001
    """Going on using the service was never written down as consent. Source: APPI 18(1), 27(1); TBA 4."""
    counts = queries.counts()
    wrong = counts["continued_use"]
    return Proof(
        verdict=Verdict.BROKEN if wrong else Verdict.KEPT,
        looked_at=counts["events"],
        figure=said("同意の記録 {n:,}件、利用の継続だけによるもの {wrong:,}件", n=counts["events"], wrong=wrong),
        evidence="consents",
        why=said("利用を続けたことだけを理由にした同意が{wrong:,}件あります", wrong=wrong) if wrong else "",
        fresh_until=at + FRESH_FOR,
    )
