"""How many rows were lost at each rule, in the order of looking."""

from collections.abc import Iterable
from dataclasses import dataclass

from sekisho.engine.gate.ask import Decision, Permit, Reason
from sekisho.engine.gate.saying import _order
from sekisho.engine.gate.slots import CONDITION_BIT, SLOT

OF_CONDITIONS = ("gate.condition-not-met", "gate.condition-unknown")
Rule = tuple[str, str, str, str, str, str]  # what tells one rule from another, and its order among equals


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """One rule: `count` rows failed it first, `failing` rows fail it at all."""

    code: str
    clause: str
    article: str
    message: str
    item: str
    slot: str
    count: int
    failing: int


def waterfall(counted: Iterable[tuple[Decision, int]]) -> tuple[Lost, ...]:
    """What was lost by answers, each given so many times. All counts together are the rows that were not permitted."""
    first: dict[Rule, int] = {}
    failing: dict[Rule, int] = {}
    reasons: dict[Rule, Reason] = {}
    for decision, count in counted:
        for place, reason in enumerate(() if isinstance(decision, Permit) or not count else decision.reasons):
            rule = rule_of(reason)
            reasons.setdefault(rule, reason)
            first[rule] = first.get(rule, 0) + (count if place == 0 else 0)
            failing[rule] = failing.get(rule, 0) + count
    return lost_at((reason, first[rule], failing[rule]) for rule, reason in reasons.items())


def lost_at(counted: Iterable[tuple[Reason, int, int]]) -> tuple[Lost, ...]:
    """The rules in the order of looking, each with how many failed it first and at all."""
    ordered = sorted(counted, key=lambda entry: (_place(entry[0]), rule_of(entry[0])))
    return tuple(
        Lost(
            code=reason.code,
            clause=reason.clause,
            article=reason.article,
            message=reason.message,
            item=reason.item,
            slot=reason.slot,
            count=count,
            failing=failing,
        )
        for reason, count, failing in ordered
    )


def together(*waterfalls: Iterable[Lost]) -> tuple[Lost, ...]:
    """Several waterfalls over different people as one."""
    counted: dict[Rule, tuple[Reason, int, int]] = {}
    for lost in (lost for one in waterfalls for lost in one):
        reason = Reason(
            code=lost.code,
            clause=lost.clause,
            article=lost.article,
            message=lost.message,
            remedy="",
            item=lost.item,
            slot=lost.slot,
        )
        rule = rule_of(reason)
        _, first, failing = counted.get(rule, (reason, 0, 0))
        counted[rule] = (reason, first + lost.count, failing + lost.failing)
    return lost_at(counted.values())


def rule_of(reason: Reason) -> Rule:
    """What makes two reasons the same rule: all but the remedy."""
    return reason.item, reason.slot, reason.code, reason.clause, reason.article, reason.message


def _place(reason: Reason) -> int:
    """A reason's place in the order of looking."""
    bit = SLOT[reason.slot].bit if reason.slot else CONDITION_BIT if reason.code in OF_CONDITIONS else -1
    return _order(reason.code, bit, reason.slot)
