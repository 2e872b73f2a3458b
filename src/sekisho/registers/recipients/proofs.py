"""What the register of recipients can show the promise board."""

from datetime import datetime

from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.policy.model import Clause, Policy, WayOutKind
from sekisho.evidence.proof import FRESH_FOR, Proof, Verdict
from sekisho.evidence.saying import said
from sekisho.registers.policies.queries import in_force
from sekisho.registers.recipients import queries, rules
from sekisho.registers.recipients.rules import ContractFacts


def joint_users_are_members(*, at: datetime, clause: Clause) -> Proof:  # noqa: ARG001
    """Every joint user in the register is a member the policy names, on this day. Source: APPI 27(5)3."""
    policy, on = in_force(at), tokyo_date(at)
    named = _to(policy, WayOutKind.JOINT_USE)
    users = [r for r in queries.everyone() if r.kind in named or any(c.kind == "joint_use" for c in r.contracts)]
    wrong = [r.ref for r in users if r.kind not in named or not rules.standing(r, on).member]
    return _proof(at, len(users), wrong, said("共同利用者"), said("方針に掲げた範囲の外にある相手"))


def contracts_complete(*, at: datetime, clause: Clause) -> Proof:  # noqa: ARG001
    """Every contract of entrustment in force holds every clause the policy asks for. Source: APPI 25."""
    policy = in_force(at)
    contracts = _entrusted(at)
    asked = frozenset(policy.entrustment_clauses)
    wrong = [c.ref for c in contracts if not asked <= c.clauses]
    return _proof(at, len(contracts), wrong, said("効力のある委託契約"), said("定めるべき条項を欠く契約"))


def checked_before_transfer(*, at: datetime, clause: Clause) -> Proof:  # noqa: ARG001
    """Every contractor was checked on or before the day its contract began. Source: APPI 25."""
    contracts = _entrusted(at)
    wrong = [c.ref for c in contracts if c.selection_checked_on is None or c.selection_checked_on > c.since]
    return _proof(at, len(contracts), wrong, said("効力のある委託契約"), said("選ぶ前の確認がない契約"))


def _entrusted(at: datetime) -> list[ContractFacts]:
    on = tokyo_date(at)
    return [
        c
        for r in queries.everyone()
        for c in r.contracts
        if c.kind == "entrustment" and c.since <= on and (c.until is None or on <= c.until)
    ]


def _to(policy: Policy, kind: WayOutKind) -> frozenset[str]:
    """Recipient kinds the policy names for one kind of way out."""
    return frozenset(to for way in policy.ways_out.values() if way.kind is kind for to in way.to)


def _proof(at: datetime, looked_at: int, wrong: list[str], what: str, fault: str) -> Proof:
    return Proof(
        verdict=Verdict.BROKEN if wrong else Verdict.KEPT,
        looked_at=looked_at,
        figure=said("{what} {n:,}件、{fault} {wrong:,}件", what=what, n=looked_at, fault=fault, wrong=len(wrong)),
        evidence="recipients",
        why=said("{fault}（{which}）", fault=fault, which=sorted(wrong)) if wrong else "",
        fresh_until=at + FRESH_FOR,
    )
