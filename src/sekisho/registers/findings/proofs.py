"""What discovery can show the promise board."""

from datetime import datetime, timedelta

from sekisho.engine.errors import SekishoError
from sekisho.engine.policy.model import Clause
from sekisho.evidence.proof import FRESH_FOR, Proof, Verdict
from sekisho.evidence.saying import Said, of_error, said, together
from sekisho.registers.datamap import proofs as datamap_proofs
from sekisho.registers.findings import queries
from sekisho.registers.findings.rules.limits import limits

WORST = (Verdict.BROKEN, Verdict.UNPROVEN, Verdict.KEPT)


def only_listed_data(*, at: datetime, clause: Clause) -> Proof:
    """What stands in the systems is what the map says, by names (schema) and by values (discovery).

    Personal data where the map declares none breaks the promise; without a look of the last days it is unproven.
    """
    schema = datamap_proofs.schema_matches_map(at=at, clause=clause)
    try:
        alarms, run = queries.alarms(), queries.last_run()
    except SekishoError as error:
        return _joined(schema, Verdict.UNPROVEN, of_error(error), said("まだ調べていません"), 0, at)
    if run is None:
        why = said("個人情報がないかを、まだ値で調べていません")
        return _joined(schema, Verdict.UNPROVEN, why, said("まだ調べていません"), 0, at)
    figure = said("調べた列 {n:,}、データマップにない個人情報 {wrong:,}か所", n=run.columns, wrong=len(alarms))
    unseen = queries.unseen(at - timedelta(days=limits().fresh_days))
    verdict, why = Verdict.KEPT, Said("")
    if alarms:
        verdict = Verdict.BROKEN
        why = said("データマップにない個人情報が見つかりました: {places}", places=[one.name for one in alarms])
    elif unseen:
        verdict = Verdict.UNPROVEN
        why = said(
            "この{days}日のあいだに値で調べていない所があります: {systems}", days=limits().fresh_days, systems=unseen
        )
    elif queries.outdated():
        verdict, why = Verdict.UNPROVEN, said("見つけ方の規則が変わってから、まだ判定し直していません")
    return _joined(schema, verdict, why, figure, run.columns, at)


def catch_all_sorted(*, at: datetime, clause: Clause) -> Proof:
    """No row stays in the catch-all class longer than the policy allows, and the class itself is located."""
    located = datamap_proofs.class_located(at=at, clause=clause)
    try:
        queue = queries.queue(at)
    except SekishoError as error:
        return _joined(located, Verdict.UNPROVEN, of_error(error), said("まだ数えていません"), 0, at)
    verdict, why = Verdict.KEPT, Said("")
    if queue.overdue:
        places = [f"{one.system}.{one.table}" for one in queue.tables if one.overdue]
        verdict, why = Verdict.BROKEN, said("区分を決めないまま期限を過ぎた行があります: {places}", places=places)
    elif queue.unread:
        verdict, why = Verdict.UNPROVEN, said("開けないシステムがあります: {systems}", systems=sorted(queue.unread))
    elif not queue.has_class:
        verdict, why = Verdict.UNPROVEN, said("どの区分が受け皿かを、方針が決めていません")
    figure = said("受け皿の行 {n:,}、期限を過ぎて未分類 {wrong:,}", n=queue.rows, wrong=queue.overdue)
    return _joined(located, verdict, why, figure, queue.rows, at)


def _joined(first: Proof, verdict: Verdict, why: Said, figure: Said, looked_at: int, at: datetime) -> Proof:
    """Both proofs as one: the worse verdict, both reasons."""
    reasons = [one for one in (first.why, why) if one]
    return Proof(
        verdict=min(first.verdict, verdict, key=WORST.index),
        looked_at=looked_at or first.looked_at,
        figure=together(*(one if isinstance(one, Said) else Said(one) for one in (figure, first.figure))),
        evidence="findings",
        why=together(*(one if isinstance(one, Said) else Said(one) for one in reasons)) if reasons else "",
        fresh_until=min(first.fresh_until, at + FRESH_FOR),
    )
