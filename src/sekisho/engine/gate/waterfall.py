"""How many rows were lost at each rule, in the order of looking."""

from collections.abc import Iterable
from dataclasses import dataclass

from sekisho.engine.gate.ask import Decision, Permit, Reason
from sekisho.engine.gate.saying import _order
from sekisho.engine.gate.slots import CONDITION_BIT, SLOT

OF_CONDITIONS = ("gate.condition-not-met", "gate.condition-unknown")


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
    """The rules in the order of looking; all counts together are the rows that were not permitted."""
    first: dict[tuple[str, ...], int] = {}
    failing: dict[tuple[str, ...], int] = {}
    reasons: dict[tuple[str, ...], Reason] = {}
    for decision, count in counted:
        for place, reason in enumerate(() if isinstance(decision, Permit) else decision.reasons):
            rule = (reason.code, reason.clause, reason.article, reason.message, reason.item, reason.slot)
            reasons.setdefault(rule, reason)
            first[rule] = first.get(rule, 0) + (count if place == 0 else 0)
            failing[rule] = failing.get(rule, 0) + count
    return tuple(
        Lost(
            code=reasons[rule].code,
            clause=reasons[rule].clause,
            article=reasons[rule].article,
            message=reasons[rule].message,
            item=reasons[rule].item,
            slot=reasons[rule].slot,
            count=first[rule],
            failing=failing[rule],
        )
        for rule in sorted(reasons, key=lambda rule: _place(reasons[rule]))
    )


def _place(reason: Reason) -> int:
    """A reason's place in the order of looking."""
    bit = SLOT[reason.slot].bit if reason.slot else CONDITION_BIT if reason.code in OF_CONDITIONS else -1
    return _order(reason.code, bit, reason.slot)
