"""Looking through many candidates for one search, and the one record that is sealed of it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from sekisho.engine.errors import SekishoError
from sekisho.engine.gate.ask import Ask, Permit
from sekisho.engine.gate.decide import decide as ask_gate
from sekisho.engine.merkle.canonical import canonical
from sekisho.evidence.body import instant
from sekisho.registers.decisions.actions.sealing import seal, ticket_of
from sekisho.registers.decisions.queries.facts import facts_from
from sekisho.registers.decisions.queries.scene import scene_of
from sekisho.registers.decisions.queries.snapshot import snapshot_of
from sekisho.registers.decisions.rules import ROOM, SEARCHED, UNAVAILABLE


@dataclass(kw_only=True)
class Looked:
    """What a search has looked through so far."""

    key: str
    searched: str
    at: datetime
    first: Ask | None = None
    examined: int = 0
    permitted: int = 0
    lost: Counter[str] = field(default_factory=Counter)
    epochs: set[int] = field(default_factory=set)
    policy: str = ""
    policy_sha256: str = ""

    def seal(self, *, said: Mapping[str, object], results: Sequence[Mapping[str, str]]) -> str:
        """Seal one record of the search; returns its evidence. Raises: evidence.unavailable."""
        first = self.first
        record: dict[str, object] = {
            "answer": SEARCHED,
            "searched": self.searched,
            "key": self.key,
            "act": "" if first is None or self.searched == "action" else str(first.act),
            "actor": "" if first is None or self.searched == "subject" else first.actor,
            "at": instant(self.at),
            "epoch": min(self.epochs, default=0),
            "items": [] if first is None else list(first.items),
            "policy": self.policy,
            "policy_sha256": self.policy_sha256,
            "purpose": "" if first is None else first.purpose,
            "examined": self.examined,
            "permitted": self.permitted,
            "told": len(results),
            "reasons": dict(sorted(self.lost.items())),
            "results_sha256": sha256(canonical([dict(one) for one in results])).hexdigest(),
        }
        ticket = ticket_of(record=record, private=said, at=self.at)
        seal([ticket])
        if not ticket.entry:
            raise SekishoError(UNAVAILABLE, room=ROOM)
        return f"{ticket.entry}/{ticket.position}"


def look(asks: Sequence[Ask], looked: Looked) -> list[bool]:
    """Which of these would be permitted; counted, told to nobody before the search is sealed.

    Raises: policies.none-in-force.
    """
    registers = snapshot_of(asks)
    table = registers.table()
    looked.epochs.add(registers.epoch)
    found: list[bool] = []
    for ask in asks:
        facts = facts_from(scene_of(ask, registers))
        decision = ask_gate(table, ask, facts)
        looked.first = looked.first or ask
        looked.policy, looked.policy_sha256 = facts.in_force, table.sha256.get(facts.in_force, "")
        found.append(isinstance(decision, Permit))
        if not isinstance(decision, Permit):
            for code in {reason.code for reason in decision.reasons}:
                looked.lost[code] += 1
    looked.examined += len(asks)
    looked.permitted += sum(found)
    return found
