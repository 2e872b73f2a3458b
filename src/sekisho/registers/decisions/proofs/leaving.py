"""Whether what left the house left by a declared way, to a recipient in order, and no more than the way's items."""

from datetime import datetime

from sekisho.engine.gate.ask import Act
from sekisho.engine.law.pack import law
from sekisho.engine.policy.model import Clause, Policy
from sekisho.evidence.proof import Proof
from sekisho.evidence.saying import said
from sekisho.registers.decisions.proofs.looking import (
    PERMIT,
    Versions,
    covers,
    day_of,
    judge,
    permits,
    rests_on_exception,
    ways_of,
)
from sekisho.registers.decisions.queries import Sealed, sealed
from sekisho.registers.policies import queries as policies
from sekisho.registers.recipients import queries as recipients


def entrustment_within_scope(*, at: datetime, clause: Clause) -> Proof:
    """Every permit to entrust went to a contractor under contract, within the items of the way out."""
    versions = Versions()

    def holds(decision: Sealed) -> bool:
        recipient = recipients.standing_of(decision.text("recipient"), day_of(decision))
        return recipient.known and recipient.contract and _is_within_way(versions.of(decision), decision)

    return judge(
        at=at, clause=clause, noun=said("委託の許可"), decisions=permits(acts=[Act.ENTRUSTMENT]), holds=holds,
        fault=said("契約のない、または範囲の外の委託の許可があります"),
    )  # fmt: skip


def provisions_only_declared(*, at: datetime, clause: Clause) -> Proof:
    """Every permit to provide to a third party went by a way out that the version declares, or an approved exception."""
    versions = Versions()

    def holds(decision: Sealed) -> bool:
        policy = versions.of(decision)
        return policy is not None and (bool(ways_of(policy, decision)) or rests_on_exception(decision))

    return judge(
        at=at, clause=clause, noun=said("第三者提供の許可"), decisions=permits(acts=[Act.THIRD_PARTY_PROVISION]), holds=holds,
        fault=said("定めのない第三者提供の許可があります"),
    )  # fmt: skip


def way_out_within_whitelist(*, at: datetime, clause: Clause) -> Proof:
    """Every permit through the ways out of this clause stayed within their items and recipients."""
    versions = Versions()
    ways = [way for way in policies.in_force(at).ways_out.values() if way.clause == clause.id]
    decisions = (
        permits(acts={Act(way.kind.value) for way in ways}, purposes={way.purpose for way in ways}) if ways else ()
    )
    return judge(
        at=at, clause=clause, noun=said("この提供の許可"), decisions=decisions,
        holds=lambda decision: rests_on_exception(decision) or _is_within_way(versions.of(decision), decision),
        fault=said("定めた項目か提供先の外の許可があります"),
    )  # fmt: skip


def joint_use_only_with_notice(*, at: datetime, clause: Clause) -> Proof:
    """No joint use was permitted while its notice lacked an element; refusals count as looked at."""
    versions = Versions()

    def holds(decision: Sealed) -> bool:
        policy = versions.of(decision)
        if decision.answer != PERMIT:
            return True
        return policy is not None and _is_noticed(policy, decision)

    return judge(
        at=at, clause=clause, noun=said("共同利用の判断"), decisions=sealed(acts=[Act.JOINT_USE.value]), holds=holds,
        fault=said("公表事項のそろわない共同利用の許可があります"),
    )  # fmt: skip


def _is_within_way(policy: Policy | None, decision: Sealed) -> bool:
    if policy is None:
        return False
    listed = [item for way in ways_of(policy, decision) for item in way.items]
    return all(covers(listed, item) for item in decision.texts("items"))


def _is_noticed(policy: Policy, decision: Sealed) -> bool:
    wanted = [e.id for e in law().joint_use_elements.values() if e.holds_on(day_of(decision))]
    ways = ways_of(policy, decision)
    return bool(ways) and all(
        way.notice is not None
        and all(getattr(way.notice, element, None) for element in wanted)
        and all(covers(way.notice.items, item) for item in decision.texts("items"))
        for way in ways
    )
