"""What a claim, a ticket or a case opens, as pure decisions; and the shape of an answer."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from sekisho.engine.errors import SekishoError
from sekisho.engine.gate import saying
from sekisho.engine.gate.ask import Decision, NeedsApproval, NeedsConsent, Permit, Reason, Refuse
from sekisho.engine.law.pack import law
from sekisho.engine.policy.periods import parse

ROOM = "sekisho.registers.decisions"
SEARCHED = "searched"  # the answer of the one record that a search leaves: it decides nothing by itself
UNAVAILABLE = "evidence.unavailable"
FINGERPRINT = 12  # how much of a policy's hash an answer shows; the sealed record and the ledger hold all of it
BULK = "bulk"  # the answer of a record that speaks of many: its counts say how many got which
WORDS = {Permit: "permit", Refuse: "refuse", NeedsConsent: "needs_consent", NeedsApproval: "needs_approval"}


class ClaimKind(StrEnum):
    """What a claim is."""

    EXCEPTION = "exception"  # E1-E6: opens the first lock
    GROUND = "ground"  # warrant, necessity, …: opens the second
    APPROVAL = "approval"  # an officer's decision for one person and purpose
    CASE = "case"  # a case of the person's own, and who works on it


class TicketKind(StrEnum):
    """What 通信履歴 may be looked at for."""

    FAULT = "fault"
    MISUSE = "misuse"
    SUPPORT = "support"


class KeyScope(StrEnum):
    """What a key opens."""

    EVALUATE = "evaluate"  # may this actor do this? one by one
    SEARCH = "search"  # who may, on whom, what: answers tell of people, so few keys have it


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimFacts:
    """A claim as far as a decision needs it."""

    ref: str
    kind: ClaimKind
    name: str  # key of the law pack: E2, warrant; empty for an approval or a case
    persons: frozenset[str]  # empty = whoever the ask is about, as with a warrant naming lines
    actors: frozenset[str]
    purpose: str
    document: str
    requested_by: str
    approved_by: str
    expires_at: datetime | None
    closed_at: datetime | None

    def is_live(self, at: datetime) -> bool:
        """Whether it is neither closed nor expired."""
        return (self.closed_at is None or at < self.closed_at) and (self.expires_at is None or at < self.expires_at)

    def stands(self, person: str, purpose: str, at: datetime) -> bool:
        """Whether a second person approved it, it is in date, and it covers this person and purpose."""
        return (
            bool(self.approved_by)
            and self.approved_by != self.requested_by
            and self.is_live(at)
            and (not self.persons or person in self.persons)
            and self.purpose in ("", purpose)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketFacts:
    """A ticket as far as a decision needs it."""

    ref: str
    kind: TicketKind
    lines: frozenset[str]
    since: datetime
    until: datetime
    opened_by: str
    approved_by: str
    expires_at: datetime
    closed_at: datetime | None

    def opens(self, *, line: str, since: datetime, until: datetime, nature: str, at: datetime) -> bool:
        """Whether the ticket is open and names this line and all of these hours, for this nature of purpose."""
        return (
            self.kind.value == nature
            and self.approved_by not in ("", self.opened_by)
            and at < self.expires_at
            and (self.closed_at is None or at < self.closed_at)
            and line in self.lines
            and self.since <= since <= until <= self.until
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A decision with the place of its evidence: the entry that seals the batch, and the decision's place in it."""

    decision: Decision
    entry: str
    position: int
    policy_sha256: str = ""  # of the document that decided: a demo may edit a version in place

    @property
    def evidence(self) -> str:
        """`entry/position`, or empty where nothing could be sealed."""
        return f"{self.entry}/{self.position}" if self.entry else ""

    def as_json(self, language: str = "ja") -> dict[str, object]:
        """The shape `sekisho decide` prints."""
        sha256 = self.policy_sha256[:FINGERPRINT]
        return {**decision_json(self.decision, language), "policy_sha256": sha256, "evidence": self.evidence}


def decision_json(decision: Decision, language: str = "ja") -> dict[str, object]:
    """Decision, reasons, obligations, policy, as DESIGN.md section 8 has them; sentences in Japanese or English."""
    reasons = () if isinstance(decision, Permit) else decision.reasons
    obligations = decision.obligations if isinstance(decision, Permit) else ()
    return {
        "decision": WORDS[type(decision)],
        "reasons": [
            {
                "code": reason.code,
                "clause": reason.clause,
                "article": reason.article,
                **_sentences(reason, language),
                "item": reason.item,
                "slot": reason.slot,
                "tell": list(reason.tell),
            }
            for reason in reasons
        ],
        "obligations": [
            {"id": o.id, "type": o.type, "properties": {key: plain(value) for key, value in o.properties.items()}}
            for o in obligations
        ],
        "policy": decision.policy,
    }


def _sentences(reason: Reason, language: str) -> dict[str, str]:
    if reason.code == UNAVAILABLE:
        error = SekishoError(UNAVAILABLE, room=ROOM)
        return {"message": error.message(language), "remedy": error.remedy(language)}
    return {"message": saying.message(reason, language), "remedy": saying.remedy(reason, language)}


def plain(value: object) -> object:
    """A value that JSON can hold."""
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(inner) for inner in value]
    return value if value is None or isinstance(value, str | int) else str(value)


def unavailable(policy: str) -> Refuse:
    """The refusal where the answer could not be sealed in time."""
    error = SekishoError(UNAVAILABLE, room=ROOM)
    reason = Reason(code=UNAVAILABLE, clause="", article="", message=error.message(), remedy=error.remedy())
    return Refuse(policy=policy, reasons=(reason,))


def require_other_person(requested_by: str, approved_by: str) -> None:
    """Two people. Raises: decisions.same-person."""
    if not approved_by or approved_by == requested_by:
        raise SekishoError("decisions.same-person", room=ROOM)


def require_facts(facts: Mapping[str, object], required: tuple[str, ...]) -> None:
    """Every fact that the law wants recorded. Raises: decisions.facts-missing."""
    missing = [name for name in required if not facts.get(name)]
    if missing:
        raise SekishoError("decisions.facts-missing", room=ROOM, missing=", ".join(missing))


def require_short_ticket(since: datetime, until: datetime, expires_at: datetime, at: datetime) -> None:
    """Lines and hours that are bounded. Raises: decisions.ticket-unbounded."""
    longest = timedelta(hours=limits()["tickets"]["longest_hours"])
    if not since < until or expires_at - at > longest or expires_at <= at:
        raise SekishoError("decisions.ticket-unbounded", room=ROOM, hours=limits()["tickets"]["longest_hours"])


def require_short_claim(expires_at: datetime, at: datetime) -> None:
    """An approval has an end. Raises: decisions.claim-unbounded."""
    longest = timedelta(days=limits()["claims"]["longest_days"])
    if not at < expires_at <= at + longest:
        raise SekishoError("decisions.claim-unbounded", room=ROOM, days=limits()["claims"]["longest_days"])


@lru_cache(maxsize=64)
def majority(on: date) -> int:
    """The age of majority on a Tokyo day, in years. Source: Civil Code art. 4, dated in the law pack."""
    return parse(law(on).age("majority").period).years


def bodies_kept(on: date) -> str:
    """How long the body of a decision is kept: the period of the floor that `limits.toml` names."""
    return law(on).floor(limits()["bodies"]["keep"]).period


@cache
def limits() -> Mapping[str, Any]:
    """limits.toml."""
    return tomllib.loads(resources.files(ROOM).joinpath("limits.toml").read_text(encoding="utf-8"))
