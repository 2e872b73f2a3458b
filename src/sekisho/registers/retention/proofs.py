"""What the retention room can show the promise board."""

from datetime import datetime

from sekisho.engine.erasure.due import personal_items
from sekisho.engine.erasure.floors import grounds_in_force
from sekisho.engine.erasure.rules import governing
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.policy.model import Clause
from sekisho.evidence.proof import FRESH_FOR, Proof, Verdict
from sekisho.evidence.saying import said
from sekisho.registers.contractors import queries as contractors
from sekisho.registers.contractors.proofs import late_words
from sekisho.registers.datamap import queries as datamap_queries
from sekisho.registers.policies import queries as policies
from sekisho.registers.retention import queries
from sekisho.registers.retention.queries.asking import law_on


def every_class_has_period(*, at: datetime, clause: Clause) -> Proof:  # noqa: ARG001
    """Every item of every table has a retention rule for that kind of person. Source: telecom guideline 11(1); APPI 22."""
    policy, law = policies.in_force(at), law_on(tokyo_date(at))
    looked: set[tuple[str, str]] = set()
    without: set[tuple[str, str]] = set()
    for system in datamap_queries.current().systems.values():
        for table in system.tables.values():
            for item in personal_items(table):
                looked.add((table.subject, item))
                if not governing(policy, law, item, table.subject).periods:
                    without.add((table.subject, item))
    return Proof(
        verdict=Verdict.BROKEN if without else Verdict.KEPT,
        looked_at=len(looked),
        figure=said(
            "データマップの区分 {n:,}件、保存期間のないもの {without:,}件", n=len(looked), without=len(without)
        ),
        evidence="datamap",
        why=said("保存期間のない区分があります（{items}）", items=sorted(item for _, item in without)[:5])
        if without
        else "",
        fresh_until=at + FRESH_FOR,
    )


def nothing_overdue(*, at: datetime, clause: Clause) -> Proof:  # noqa: ARG001
    """No row in any system is past its period without a floor, a claim or a hold, and no contractor owes a receipt.

    Counted in the systems now.
    """
    found = queries.overdue(tokyo_date(at), at=at)
    unread = [one for one in found.unswept if one.rows is None]
    unknown = sum(one.rows or 0 for one in found.unswept)
    late = len(contractors.overdue(tokyo_date(at)))
    verdict = Verdict.BROKEN if found.rows or late else Verdict.UNPROVEN if unread or unknown else Verdict.KEPT
    why = ""
    if found.rows:
        why = said(
            "保存期間を過ぎた行が{n:,}件あります。消去の一斉点検（sekisho retention sweep）で消えます", n=found.rows
        )
    elif late:
        why = late_words(late)
    elif unread:
        why = said("読めないシステムがあります（{systems}）", systems=sorted({one.system for one in unread}))
    elif unknown:
        why = said("誰のものか、またはいつからの期間か分からない行が{n:,}件あります", n=unknown)
    last = queries.last_sweep()
    return Proof(
        verdict=verdict,
        looked_at=found.examined,
        figure=said("{n:,}行のうち期間を過ぎたもの {over:,}件", n=found.examined, over=found.rows),
        evidence=last.ref if last else "retention due",
        why=why,
        fresh_until=at + FRESH_FOR,
    )


def kept_longer_only_on_grounds(*, at: datetime, clause: Clause) -> Proof:  # noqa: ARG001
    """Rows past the policy's period stay only on law, a living claim, or a hold whose ground the policy promises."""
    on = tokyo_date(at)
    allowed = grounds_in_force(policies.in_force(at), law_on(on))
    found = queries.overdue(on, at=at)
    kept = sum(one.rows for one in found.kept)
    groundless = [hold for hold in queries.standing_holds(on) if hold.ground not in allowed]
    return Proof(
        verdict=Verdict.BROKEN if groundless or found.rows else Verdict.KEPT,
        looked_at=kept + found.rows,
        figure=said(
            "期間を過ぎて残る行 {n:,}件、うち法令・債権・保留によるもの {kept:,}件", n=kept + found.rows, kept=kept
        ),
        evidence="retention due",
        why=_why(len(groundless), found.rows),
        fresh_until=at + FRESH_FOR,
    )


def _why(groundless: int, overdue: int) -> str:
    if groundless:
        return said("方針が約束していない根拠の保留が{n:,}件あります", n=groundless)
    return said("根拠なく残っている行が{n:,}件あります", n=overdue) if overdue else ""
