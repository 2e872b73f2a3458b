"""Decide asks: gather their facts at one instant, ask the gate, seal, answer. And let go of bodies whose time is over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sekisho.engine.gate.ask import Ask, Decision, Facts
from sekisho.engine.gate.decide import decide as ask_gate
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.policy.periods import add
from sekisho.evidence.actions import append
from sekisho.evidence.body import instant
from sekisho.evidence.writing import writing
from sekisho.registers.decisions import rules
from sekisho.registers.decisions.actions.sealing import Ticket, seal, ticket_of
from sekisho.registers.decisions.models import SealedDecision
from sekisho.registers.decisions.queries.facts import facts_from
from sekisho.registers.decisions.queries.scene import scene_of
from sekisho.registers.decisions.queries.snapshot import Snapshot, snapshot_of
from sekisho.registers.decisions.rules import Answer, decision_json


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A decision on its way to the ledger."""

    decision: Decision
    ticket: Ticket
    policy_sha256: str

    def answer(self) -> Answer:
        """The answer, once sealed; a refusal where it could not be sealed within the limit."""
        if not self.ticket.entry:
            refusal = rules.unavailable(self.decision.policy)
            return Answer(decision=refusal, entry="", position=0, policy_sha256=self.policy_sha256)
        return Answer(
            decision=self.decision,
            entry=self.ticket.entry,
            position=self.ticket.position,
            policy_sha256=self.policy_sha256,
        )


def decide(ask: Ask) -> Answer:
    """May this be done? The answer is durable before it leaves.

    Where it cannot be sealed within the limit the answer is a refusal with `evidence.unavailable`.

    Raises: decisions.inside-transaction, decisions.malformed-ask, canonical.not-allowed, policies.none-in-force.
    """
    decided = decide_from(ask, snapshot_of([ask]))
    seal([decided.ticket])
    return decided.answer()


def decide_all(asks: Sequence[Ask]) -> tuple[Answer, ...]:
    """Decide several asks at one instant of the registers and seal them together. Raises as `decide`."""
    registers = snapshot_of(asks)
    decided = [decide_from(ask, registers) for ask in asks]
    seal([one.ticket for one in decided])
    return tuple(one.answer() for one in decided)


def decide_from(ask: Ask, registers: Snapshot) -> Decided:
    """Decide from registers already read; nothing is sealed yet, and nobody may be told before it is.

    Raises: decisions.malformed-ask, canonical.not-allowed, policies.none-in-force.
    """
    facts = facts_from(scene_of(ask, registers))
    table = registers.table()
    decision = ask_gate(table, ask, facts)
    sha256 = table.sha256.get(decision.policy, "")
    record = record_of(ask, facts, decision) | {"policy_sha256": sha256}
    return Decided(
        decision=decision, ticket=ticket_of(record=record, private=_said(ask), at=ask.at), policy_sha256=sha256
    )


def record_of(ask: Ask, facts: Facts, decision: Decision) -> dict[str, object]:
    """What is sealed of a decision: references and codes, enough to check it again without the table."""
    answer = decision_json(decision)
    return {
        "actor": ask.actor,
        "act": str(ask.act),
        "at": instant(ask.at),
        "answer": answer["decision"],
        "channel": ask.channel,
        "claims": list(ask.claims),
        "data_subjects": list(ask.data_subjects),
        "epoch": facts.people_epoch,
        "grounds": list(facts.grounds),
        "items": list(ask.items),
        "obligations": answer["obligations"],
        "policy": facts.in_force,
        "purpose": ask.purpose,
        "reasons": [
            {key: reason[key] for key in ("code", "clause", "article", "item")} for reason in _dicts(answer["reasons"])
        ],
        "recipient": ask.recipient,
        "recipient_kind": facts.recipient_kind,
        "rows": [
            {"person": row.data_subject, "kind": row.subject_kind, "item": row.item, "era": row.era}
            for row in facts.rows
        ],
    }


def expire_bodies(*, at: datetime, acting_user: str) -> int:
    """Let go of records and salts whose time is over; hashes and batches stay. Evidence: `decisions.bodies-expired`."""
    keep = rules.bodies_kept(tokyo_date(at))
    with writing():
        oldest = SealedDecision.objects.filter(record__isnull=False).order_by("at").first()
        due = [
            row.pk
            for row in (SealedDecision.objects.filter(record__isnull=False, at__lte=at).only("at") if oldest else ())
            if add(tokyo_date(row.at), keep) < tokyo_date(at)
        ]
        for start in range(0, len(due), 500):
            SealedDecision.objects.filter(pk__in=due[start : start + 500]).update(record=None, salt=None)
        if due:
            append(kind="decisions.bodies-expired", body={"decisions": len(due), "by": acting_user}, at=at)
    return len(due)


def _said(ask: Ask) -> dict[str, object]:
    return {key: rules.plain(value) for key, value in ask.resource.items()}


def _dicts(value: object) -> list[dict[str, object]]:
    return value if isinstance(value, list) else []
