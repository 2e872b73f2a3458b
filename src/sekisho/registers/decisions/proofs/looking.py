"""Look at sealed decisions one by one, against the version each cites, and say what was seen."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime

from sekisho.engine.gate.ask import Act
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.pack import law
from sekisho.engine.policy.model import Clause, Policy, WayOut
from sekisho.evidence.proof import FRESH_FOR, Proof, Verdict
from sekisho.evidence.saying import Said, said
from sekisho.registers.decisions.queries import Sealed, claims_of, sealed
from sekisho.registers.decisions.rules import ClaimFacts, ClaimKind
from sekisho.registers.policies import queries as policies

PERMIT = "permit"


class Versions:
    """Every version of the policy by its era, read once for one look."""

    def __init__(self) -> None:
        self.by_era = {policy.era: policy for policy in policies.history()}

    def of(self, decision: Sealed) -> Policy | None:
        """The version that a decision cites."""
        return self.by_era.get(decision.text("policy"))


def judge(
    *,
    at: datetime,
    clause: Clause,
    noun: str,
    decisions: Iterable[Sealed],
    holds: Callable[[Sealed], bool],
    fault: str,
) -> Proof:
    """Kept if every decision holds; broken with the first that does not; unproven if there was none to look at."""
    looked, bad = 0, []
    for decision in decisions:
        looked += 1
        if not holds(decision):
            bad.append(decision.evidence)
    if bad:
        verdict, why = Verdict.BROKEN, said("{fault}（{n:,}件）", fault=fault, n=len(bad))
    elif looked or clause.never:
        verdict, why = Verdict.KEPT, Said("")
    else:
        verdict, why = Verdict.UNPROVEN, said("確かめる対象の判断が、まだありません")
    return Proof(
        verdict=verdict,
        looked_at=looked,
        figure=said("{noun} {n:,}件、外れたもの {bad:,}件", noun=noun, n=looked, bad=len(bad)),
        evidence=bad[0] if bad else "decisions",
        why=why,
        fresh_until=at + FRESH_FOR,
    )


def permits(*, acts: Iterable[Act] = (), purposes: Iterable[str] = ()) -> Iterator[Sealed]:
    """Decisions answered Permit, of these acts and purposes if any are named. Of things that are nobody's data none count."""
    found = sealed(answers=[PERMIT], acts=[act.value for act in acts], purposes=purposes)
    return (decision for decision in found if decision.texts("data_subjects"))


def purposes_of(clause: Clause, at: datetime) -> list[str]:
    """Purposes whose purpose, use or way out rests on this clause, in the version in force."""
    policy = policies.in_force(at)
    named = [purpose.id for purpose in policy.purposes.values() if purpose.clause == clause.id]
    named += [use.purpose for use in policy.uses if use.clause == clause.id]
    named += [way.purpose for way in policy.ways_out.values() if way.clause == clause.id]
    return list(dict.fromkeys(named))


def covers(items: Iterable[str], item: str) -> bool:
    """Whether a list of classes and fields names this item or its class."""
    listed = set(items)
    return item in listed or item.partition(".")[0] in listed


def day_of(decision: Sealed) -> date:
    """The Tokyo date of a decision."""
    return tokyo_date(decision.at)


def nature_of(policy: Policy, decision: Sealed) -> str:
    """The nature of the purpose asked for; empty where the version does not publish it."""
    purpose = policy.purposes.get(decision.text("purpose"))
    return purpose.nature if purpose else ""


def ways_of(policy: Policy, decision: Sealed) -> list[WayOut]:
    """The ways out of the version that this decision's act, purpose and recipient fit."""
    to = {decision.text("recipient"), decision.text("recipient_kind")}
    return [
        way
        for way in policy.ways_out.values()
        if way.kind.value == decision.text("act") and way.purpose == decision.text("purpose") and to & set(way.to)
    ]


def exceptions_of(decision: Sealed) -> list[ClaimFacts]:
    """The exceptions that the decision's claims invoke."""
    if not set(decision.texts("grounds")) & law().exceptions.keys():
        return []
    return [claim for claim in claims_of(decision.texts("claims")) if claim.kind is ClaimKind.EXCEPTION]


def rests_on_exception(decision: Sealed) -> bool:
    """Whether an exception that a second person approved opened the first lock."""
    return any(claim.approved_by and claim.approved_by != claim.requested_by for claim in exceptions_of(decision))
