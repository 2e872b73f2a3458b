"""Decide everybody at once, and seal it as one record: who asked what, how many were lost at which rule, which people.

Source: DESIGN.md section 5 (a bulk run is one record: policy hash, people's epoch, counts per reason, result hash).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from sekisho.engine.errors import SekishoError
from sekisho.engine.gate.ask import BulkAsk, Decision
from sekisho.engine.gate.columns import ColumnDecision, decide_columns
from sekisho.engine.gate.waterfall import Lost
from sekisho.evidence.body import instant
from sekisho.registers.decisions import rules
from sekisho.registers.decisions.actions.sealing import seal, ticket_of
from sekisho.registers.decisions.queries.people_words import PeopleWords, people_words
from sekisho.registers.decisions.rules import ROOM
from sekisho.registers.policies import queries as policies

EFFECTS = ("permit", "needs_consent", "needs_approval", "refuse")


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkAnswer:
    """One answer per person, and where it is sealed. `epoch` is that of the consent ledger when it was read."""

    refs: pa.Array
    decision: ColumnDecision
    policy: str
    policy_sha256: str
    epoch: int
    result_sha256: str
    evidence: str

    @property
    def permitted(self) -> pa.Array:
        """References of those who may be used, in the order of the rows."""
        return self.refs.filter(pa.array(self.decision.permitted))

    @property
    def waterfall(self) -> tuple[Lost, ...]:
        """What was lost at which rule, in the order of looking."""
        return self.decision.waterfall

    @property
    def counts(self) -> dict[str, int]:
        """How many rows got each kind of answer."""
        return counts_of(self.decision)


def decide_many(ask: BulkAsk, persons: Sequence[str] | None = None) -> BulkAnswer:
    """May this be done, for each of these people (None = everybody)? The answer is durable before it leaves.

    Raises: decisions.inside-transaction, decisions.malformed-ask, policies.none-in-force, evidence.unavailable.
    """
    words = people_words(ask, persons)
    table = policies.table()
    decision = decide_columns(
        table,
        ask,
        words.items,
        in_force=words.in_force,
        recipient_kind=words.recipient_kind,
        grounds=words.grounds,
    )
    result = result_sha256(words.refs.filter(pa.array(decision.permitted)))
    sha256 = table.sha256.get(words.in_force, "")
    record = record_of(ask, words, decision) | {"policy_sha256": sha256, "result_sha256": result}
    ticket = ticket_of(
        record=record, private={key: rules.plain(value) for key, value in ask.resource.items()}, at=ask.at
    )
    seal([ticket])
    if not ticket.entry:
        raise SekishoError(rules.UNAVAILABLE, room=ROOM)
    return BulkAnswer(
        refs=words.refs,
        decision=decision,
        policy=words.in_force,
        policy_sha256=sha256,
        epoch=words.epoch,
        result_sha256=result,
        evidence=f"{ticket.entry}/{ticket.position}",
    )


def record_of(ask: BulkAsk, words: PeopleWords, decision: ColumnDecision) -> dict[str, object]:
    """What is sealed of a bulk run: no references of people, their number and what they were lost at."""
    permits = [outcome.decision for outcome in decision.outcomes if outcome.count and not outcome.effect]
    return {
        "actor": ask.actor,
        "act": str(ask.act),
        "at": instant(ask.at),
        "answer": rules.BULK,
        "channel": ask.channel,
        "claims": list(ask.claims),
        "counts": counts_of(decision),
        "data_subjects": [],
        "epoch": words.epoch,
        "grounds": list(words.grounds),
        "items": list(ask.items),
        "obligations": obligations_of(permits),
        "people": len(words.refs),
        "policy": words.in_force,
        "purpose": ask.purpose,
        "reasons": [
            {
                "code": lost.code,
                "clause": lost.clause,
                "article": lost.article,
                "item": lost.item,
                "count": lost.count,
                "failing": lost.failing,
            }
            for lost in decision.waterfall
        ],
        "recipient": ask.recipient,
        "recipient_kind": words.recipient_kind,
        "rows": [],
    }


def counts_of(decision: ColumnDecision) -> dict[str, int]:
    """How many rows got each kind of answer."""
    found = dict.fromkeys(EFFECTS, 0)
    for outcome in decision.outcomes:
        found[EFFECTS[outcome.effect]] += outcome.count
    return found


def obligations_of(permits: Sequence[Decision]) -> list[object]:
    """Every obligation of any permit, once."""
    told: dict[str, object] = {}
    for permit in permits:
        said = rules.decision_json(permit)["obligations"]
        told |= {repr(one): one for one in (said if isinstance(said, list) else ())}
    return list(told.values())


def result_sha256(refs: pa.Array) -> str:
    """The hash of a list of references: each with a line feed after it, in UTF-8."""
    lines = pc.binary_join_element_wise(refs, pa.scalar(""), pa.scalar("\n"))
    digest = hashlib.sha256()
    for chunk in lines.chunks if isinstance(lines, pa.ChunkedArray) else [lines]:
        first, last = (int.from_bytes(chunk.buffers()[1][at : at + 4], "little") for at in (0, len(chunk) * 4))
        digest.update(memoryview(chunk.buffers()[2] or b"")[first:last])
    return digest.hexdigest()
