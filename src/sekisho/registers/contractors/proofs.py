"""What the contractors' register can show the promise board."""

from datetime import datetime

from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.policy.model import Clause
from sekisho.evidence.proof import FRESH_FOR, Proof, Verdict
from sekisho.evidence.saying import said
from sekisho.registers.contractors import queries


def receipts_in_time(*, at: datetime, clause: Clause) -> Proof:  # noqa: ARG001
    """Every contractor that was ordered to erase has answered by its last day. Source: APPI 25."""
    orders, late = queries.orders(), queries.overdue(tokyo_date(at))
    return Proof(
        verdict=Verdict.BROKEN if late else Verdict.KEPT if orders else Verdict.UNPROVEN,
        looked_at=len(orders),
        figure=said("委託先への消去依頼 {n:,}件、期限を過ぎたもの {late:,}件", n=len(orders), late=len(late)),
        evidence=late[0].ref if late else "erase orders",
        why=late_words(len(late)) if late else "",
        fresh_until=at + FRESH_FOR,
    )


def late_words(late: int) -> str:
    """Said wherever it is shown."""
    return said("委託先の消去の受領書が{n:,}件、期限を過ぎても届いていません（sekisho erase orders）", n=late)
