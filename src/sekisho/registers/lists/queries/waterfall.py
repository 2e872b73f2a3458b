"""How many were lost at each rule, as a list keeps it: one row per rule, in the order of looking, in both languages."""

from sekisho.engine.gate.ask import Permit
from sekisho.engine.gate.saying import message
from sekisho.registers.decisions.actions import BulkAnswer


def told(answer: BulkAnswer) -> list[dict[str, object]]:
    """The rules at which somebody was lost first. The counts together are everybody who was not permitted."""
    english = {
        (reason.code, reason.item, reason.slot, reason.clause, reason.message): message(reason, "en")
        for outcome in answer.decision.outcomes
        if outcome.count and not isinstance(outcome.decision, Permit)
        for reason in outcome.decision.reasons
    }
    return [
        {
            "code": lost.code,
            "clause": lost.clause,
            "article": lost.article,
            "item": lost.item,
            "slot": lost.slot,
            "message": lost.message,
            "message_en": english.get((lost.code, lost.item, lost.slot, lost.clause, lost.message), ""),
            "count": lost.count,
        }
        for lost in answer.waterfall
        if lost.count
    ]
