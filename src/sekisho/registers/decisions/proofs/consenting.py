"""Whether those whom a permit was about had agreed, and had not refused, at that instant."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from sekisho.engine.gate.ask import Act
from sekisho.engine.law.pack import law
from sekisho.engine.policy.model import Clause, Policy, UseBasis
from sekisho.evidence.proof import Proof
from sekisho.evidence.saying import said
from sekisho.registers.consents import queries as consents
from sekisho.registers.consents.queries import ConsentKind
from sekisho.registers.decisions.proofs.looking import (
    Versions,
    judge,
    nature_of,
    permits,
    rests_on_exception,
    ways_of,
)
from sekisho.registers.decisions.queries import Sealed
from sekisho.registers.identities import queries as identities
from sekisho.registers.policies import queries as policies

CUSTOMER = "customer"
THE_PERSON_ASKS = "subject_request"  # the request itself is the person's word


def marketing_respects_refusals(*, at: datetime, clause: Clause) -> Proof:
    """Nobody was offered anything for a purpose they had objected to, as far as was known when it was decided."""
    versions = Versions()

    def offers(decision: Sealed) -> bool:
        policy = versions.of(decision)
        nature = law().natures.get(nature_of(policy, decision)) if policy else None
        return nature is not None and nature.id == "marketing"

    def holds(decision: Sealed) -> bool:
        epoch = decision.record.get("epoch")
        return not any(
            consents.standing_of(
                person, decision.at, up_to_epoch=epoch if isinstance(epoch, int) else None
            ).has(ConsentKind.OBJECTION, decision.text("purpose"))
            for person in decision.texts("data_subjects")
        )  # fmt: skip

    return judge(
        at=at, clause=clause, noun=said("案内の許可"), decisions=filter(offers, _still_known(permits())), holds=holds,
        fault=said("断った方への案内の許可があります"),
    )  # fmt: skip


def permits_had_consent(*, at: datetime, clause: Clause) -> Proof:
    """Every customer whose data was permitted for use had agreed to that purpose, or an approved exception stood."""
    versions = Versions()

    def about_customers(decision: Sealed) -> bool:
        policy = versions.of(decision)
        return (
            policy is not None
            and policy.use_basis is UseBasis.CONSENTED_PURPOSE
            and nature_of(policy, decision) not in ("", THE_PERSON_ASKS)
            and any(row.get("kind") == CUSTOMER for row in decision.maps("rows"))
        )

    def holds(decision: Sealed) -> bool:
        people = {row["person"] for row in decision.maps("rows") if row.get("kind") == CUSTOMER}
        wanted = (ConsentKind.ACCEPTED_PURPOSE, ConsentKind.SPECIFIC)
        purpose = [decision.text("purpose")]
        return rests_on_exception(decision) or all(_has(p, decision.at, wanted, purpose) for p in people)

    return judge(
        at=at, clause=clause, noun=said("契約者の情報の許可"),
        decisions=filter(about_customers, _still_known(permits(acts=[Act.USE]))), holds=holds,
        fault=said("本人が同意していない目的での許可があります"),
    )  # fmt: skip


def transfers_had_prior_consent(*, at: datetime, clause: Clause) -> Proof:
    """Whoever's data went to a third party (or, where the policy promises it, a contractor) had agreed before."""
    versions = Versions()
    acts = [Act.THIRD_PARTY_PROVISION]
    if policies.in_force(at).entrustment_needs_consent:
        acts.append(Act.ENTRUSTMENT)

    def holds(decision: Sealed) -> bool:
        policy = versions.of(decision)
        if policy is None:
            return False
        kind = ConsentKind.ENTRUSTMENT if decision.text("act") == Act.ENTRUSTMENT else ConsentKind.PROVISION
        scopes = _scopes(policy, decision)
        return rests_on_exception(decision) or all(
            _has(person, decision.at, (kind,), scopes) for person in decision.texts("data_subjects")
        )

    return judge(
        at=at, clause=clause, noun=said("外へ渡す許可"), decisions=_still_known(permits(acts=acts)), holds=holds,
        fault=said("事前の同意のない提供の許可があります"),
    )  # fmt: skip


def _still_known(decisions: Iterable[Sealed]) -> Iterator[Sealed]:
    """Those whose people's consents can still be read: an erasure takes them along, and nothing is left to judge by."""
    for decision in decisions:
        if not any(identities.is_erased(person) for person in decision.texts("data_subjects")):
            yield decision


def _scopes(policy: Policy, decision: Sealed) -> list[str]:
    named = [decision.text(field) for field in ("purpose", "recipient", "recipient_kind")]
    return [*filter(None, named), *(way.id for way in ways_of(policy, decision))]


def _has(person: str, at: datetime, kinds: Iterable[ConsentKind], scopes: Iterable[str]) -> bool:
    standing, wanted = consents.standing_of(person, at), list(scopes)
    return any(standing.has(kind, scope) for kind in kinds for scope in wanted)
