"""An answer of the gate, as a client holds it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

PERMIT = "permit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One rule that failed: stable code, clause of the policy, article of the law, and what would help."""

    code: str
    clause: str = ""
    article: str = ""
    message: str = ""
    remedy: str = ""
    item: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligation:
    """Something the caller must do to use a permit (mask, transform, record, notify, minimum_group, expiry)."""

    id: str
    type: str
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Permit, or every reason why not. `evidence` names the sealed record: entry and position."""

    decision: str  # permit, refuse, needs_consent, needs_approval
    reasons: tuple[Reason, ...] = ()
    obligations: tuple[Obligation, ...] = ()
    policy: str = ""
    evidence: str = ""

    @property
    def permitted(self) -> bool:
        """Whether it may be done. Obligations still bind."""
        return self.decision == PERMIT


def answer_from(said: Mapping[str, Any]) -> Answer:
    """An answer from the decision point's JSON (AuthZEN's `context`). Members it doesn't know are passed over."""
    return Answer(
        decision=str(said["decision"]),
        reasons=tuple(Reason(**_known(reason, Reason)) for reason in said.get("reasons", ())),
        obligations=tuple(Obligation(**_known(told, Obligation)) for told in said.get("obligations", ())),
        policy=str(said.get("policy", "")),
        evidence=str(said.get("evidence", "")),
    )


def _known(said: Mapping[str, Any], shape: type[Reason | Obligation]) -> dict[str, Any]:
    return {name: said[name] for name in shape.__dataclass_fields__ if name in said}
