"""Whether 通信の秘密 opened only on a ground, and exceptions only when a second person approved them."""

from datetime import datetime

from sekisho.engine.law.pack import law
from sekisho.engine.policy.model import Clause, DataKind, Policy
from sekisho.evidence.proof import Proof
from sekisho.evidence.saying import said
from sekisho.registers.consents import queries as consents
from sekisho.registers.consents.queries import ConsentKind
from sekisho.registers.decisions.proofs.looking import (
    Versions,
    covers,
    exceptions_of,
    judge,
    nature_of,
    permits,
    purposes_of,
)
from sekisho.registers.decisions.queries import Sealed, claims_of, tickets
from sekisho.registers.decisions.rules import ClaimKind
from sekisho.registers.policies import queries as policies


def secrecy_grounds_held(*, at: datetime, clause: Clause) -> Proof:
    """Every permit that touched 通信の秘密 had a ground; faults and misuse each a ticket of that kind, open then."""
    versions, named = Versions(), purposes_of(clause, at)

    def touches(decision: Sealed) -> bool:
        policy = versions.of(decision)
        return policy is None or any(_is_secret(policy, item) for item in decision.texts("items"))

    def holds(decision: Sealed) -> bool:
        policy = versions.of(decision)
        return policy is not None and all(
            _is_opened(policy, decision, item) for item in decision.texts("items") if _is_secret(policy, item)
        )

    return judge(
        at=at, clause=clause, noun=said("通信の秘密に触れる許可"),
        decisions=filter(touches, permits(purposes=named)), holds=holds,
        fault=said("根拠のない、またはチケットのない許可があります"),
    )  # fmt: skip


def exceptions_approved(*, at: datetime, clause: Clause) -> Proof:
    """Every permit that rests on an exception of this clause was approved by a second person and promised."""
    versions = Versions()
    in_force = policies.in_force(at)
    of_clause = {e.id for e in in_force.exceptions if e.clause == clause.id}
    # A clause on use beyond purpose in general speaks for every exception the policy allows itself.
    wanted = of_clause or {e.id for e in in_force.exceptions}

    def holds(decision: Sealed) -> bool:
        policy = versions.of(decision)
        promised = {e.id for e in policy.exceptions} if policy else set()
        claims = exceptions_of(decision)
        return bool(claims) and all(
            claim.name in promised and claim.approved_by not in ("", claim.requested_by) for claim in claims
        )

    resting = (decision for decision in permits() if wanted & set(decision.texts("grounds")))
    return judge(
        at=at, clause=clause, noun=said("例外による許可"), decisions=resting, holds=holds,
        fault=said("二人目の承認のない例外があります"),
    )  # fmt: skip


def _is_secret(policy: Policy, item: str) -> bool:
    class_id, _, field_id = item.partition(".")
    data_class = policy.classes.get(class_id)
    if data_class is None:
        return False
    kind = data_class.fields[field_id].kind if field_id in data_class.fields else data_class.kind
    return kind is DataKind.COMMUNICATIONS_SECRECY


def _is_opened(policy: Policy, decision: Sealed, item: str) -> bool:
    """By a claimed ground with its paper, by a ground the law gives the purpose (with a ticket where one is due), or by consent."""
    claims = [claim for claim in claims_of(decision.texts("claims")) if claim.kind is ClaimKind.GROUND]
    if claims:
        return all(claim.document and claim.approved_by not in ("", claim.requested_by) for claim in claims)
    purpose, nature = decision.text("purpose"), nature_of(policy, decision)
    uses = [use for use in policy.uses if use.purpose == purpose and covers(use.items, item)]
    given = {use.secrecy_ground for use in uses} | set(law().natures[nature].secrecy if uses and nature else ())
    grounds = [ground for name, ground in law().grounds.items() if name in given and nature in ground.natures]
    if any(nature not in ground.ticket_natures for ground in grounds):
        return True
    if grounds:
        return any(
            ticket.kind.value == nature
            and ticket.approved_by != ticket.opened_by
            and decision.at < ticket.expires_at
            and (ticket.closed_at is None or decision.at < ticket.closed_at)
            for ticket in tickets(decision.texts("claims"))
        )
    return all(
        (ConsentKind.SECRECY, purpose) in consents.standing_of(person, decision.at).holds
        for person in decision.texts("data_subjects")
    )
