"""Decide everybody as sets: each rule takes away those who fail it, and what is left may be used.

The same cells, words and order of looking as `decide`; a slot is a set of people here instead of a bit of a row.
Source: DESIGN.md section 5.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import TypeAlias

import numpy as np

from sekisho.engine.gate.ask import BulkAsk, Decision, Facts, RowFacts
from sekisho.engine.gate.bits import Bits, complement, count
from sekisho.engine.gate.decide import CHANNEL_CONSENT, CHANNELS, ROLE_ALLOWED, decide
from sekisho.engine.gate.slots import SLOTS, WANT, Cure
from sekisho.engine.gate.table import Cell, Ranked, Table
from sekisho.engine.gate.waterfall import Lost, Rule, lost_at, rule_of
from sekisho.engine.japanese.tokyo import tokyo_date

Part: TypeAlias = Bits | bool  # these, or everybody, or nobody
OF_SLOTS = sum(slot.mask for slot in SLOTS)
ANYBODY = "anybody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One slot for everybody: of whom it is known, and of whom it is true. True of nobody of whom it is not known."""

    known: Part
    value: Part


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemSets:
    """What is known of everybody for one item: kinds and eras part them, `facts` are slots by name."""

    kinds: Mapping[str, Bits]
    eras: Mapping[str | None, Bits]
    facts: Mapping[str, Fact]
    attributes: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetDecision:
    """Who may be used, how many got which answer (0 permit … 3 refuse), the permits, and what was lost at which rule."""

    permitted: Bits
    counts: tuple[int, int, int, int]
    permits: tuple[Decision, ...]
    waterfall: tuple[Lost, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failing:
    """One reason, and whom it is given to."""

    ranked: Ranked
    people: Bits


def decide_sets(
    table: Table,
    ask: BulkAsk,
    items: Mapping[str, ItemSets],
    everybody: Bits,
    *,
    in_force: str,
    recipient_kind: str | None = None,
    grounds: tuple[str, ...] = (),
) -> SetDecision:
    """Answer for everybody in `everybody`; all items of the ask must permit."""
    recipient = ask.recipient
    if recipient is not None and recipient not in table.named_recipients:
        recipient = recipient_kind or ""
    if ask.at.tzinfo is None or items.keys() != set(ask.items) or not items:
        code = "gate.time-unknown" if ask.at.tzinfo is None else "gate.facts-missing" if items else "gate.nothing-asked"
        return _gather([_Looked.at(everybody, [_Failing(ranked=table.say(code, "", {}), people=everybody)])], ())
    view = table.view((in_force, ask.purpose, ask.act, recipient, grounds, table.span(ask.at)))
    heads = [*view.failures, *([table.say("gate.unknown-claim", "", {})] if grounds and not ask.claims else ())]
    looked, permits = [], []
    for part, era, kinds in _parts(everybody, ask.items, items):
        failing = [_Failing(ranked=ranked, people=part) for ranked in heads]
        for item, kind in zip(ask.items, kinds, strict=True):
            failing += _failing(view.cell(era, item, kind), ask, items[item], part)
        found = _Looked.at(part, failing)
        looked.append(found)
        if found.permitted.any():
            rows = tuple(
                _row(item, kind, era, items[item].attributes) for item, kind in zip(ask.items, kinds, strict=True)
            )
            facts = Facts(in_force=in_force, rows=rows, recipient_kind=recipient_kind, grounds=grounds)
            permits.append(decide(table, ask.about(ANYBODY), facts))
    return _gather(looked, permits)


def _parts(
    everybody: Bits, names: tuple[str, ...], items: Mapping[str, ItemSets]
) -> Iterator[tuple[Bits, str | None, tuple[str, ...]]]:
    """Everybody, parted by the version that governs and by the kind of person for each item."""
    for era, of_era in items[names[0]].eras.items():
        parts: list[tuple[Bits, tuple[str, ...]]] = [(everybody & of_era, ())]
        for item in names:
            parts = [
                (part & of_kind, (*kinds, kind)) for part, kinds in parts for kind, of_kind in items[item].kinds.items()
            ]
            parts = [(part, kinds) for part, kinds in parts if part.any()]
        yield from ((part, era, kinds) for part, kinds in parts)


def _failing(cell: Cell, ask: BulkAsk, sets: ItemSets, part: Bits) -> Iterator[_Failing]:
    """Whom of the part each reason of the cell is given to."""
    wrong: dict[int, Bits] = {}
    told: list[tuple[Ranked, Bits]] = [(ranked, part) for ranked in cell.failures]
    for bit, fact in _facts(cell, ask, sets):
        unknown = _without(part, fact.known)
        known = _without(part, unknown)
        unlike = _without(known, fact.value) if cell.want >> bit & 1 else _within(known, fact.value)
        wrong[bit] = unknown | unlike
        told += [
            (cell.tell(bit, is_unknown), some) for is_unknown, some in ((False, unlike), (True, unknown)) if some.any()
        ]
    if cell.needs_channel and ask.channel not in CHANNELS:
        code = "gate.channel-missing" if ask.channel is None else "gate.unknown-channel"
        told.append((cell.tell_channel(code), part))
    for ranked, people in told:
        left = people
        for bit in (bit for bit in wrong if ranked.follows >> bit & 1):
            left = complement(wrong[bit], left)
        if left.any():
            yield _Failing(ranked=ranked, people=left)


def _facts(cell: Cell, ask: BulkAsk, sets: ItemSets) -> Iterator[tuple[int, Fact]]:
    """The facts the cell asks for, by bit."""
    nobody = Fact(known=False, value=False)
    need = cell.need & OF_SLOTS
    if cell.needs_channel and ask.channel not in CHANNELS:
        need &= ~CHANNEL_CONSENT
    for slot in SLOTS:
        if not need & slot.mask:
            continue
        if cell.roles is not None and slot.mask == ROLE_ALLOWED:
            role = sets.attributes.get("actor.role")
            yield slot.bit, Fact(known=isinstance(role, str) and bool(role), value=role in cell.roles)
        else:
            yield slot.bit, sets.facts.get(slot.name, nobody)
    for condition in cell.conditions:
        met = condition.test(sets.attributes, tokyo_date(ask.at))
        yield condition.bit, Fact(known=met is not None, value=met is True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looked:
    """One part, looked at rule by rule."""

    permitted: Bits
    counts: tuple[int, int, int, int]
    lost: Mapping[Rule, tuple[Ranked, int, int]]

    @classmethod
    def at(cls, part: Bits, failing: Iterable[_Failing]) -> "_Looked":
        """Take away, in the order of looking, who fails."""
        by_rule: dict[Rule, tuple[Ranked, Bits]] = {}
        curable = dict.fromkeys(Cure, np.zeros_like(part))
        for one in failing:
            rule = rule_of(one.ranked.reason)
            first, people = by_rule.get(rule, (one.ranked, None))
            by_rule[rule] = (first, one.people if people is None else people | one.people)
            curable[one.ranked.cure] = curable[one.ranked.cure] | one.people
        lost, left = {}, part
        for rule, (ranked, people) in sorted(by_rule.items(), key=lambda entry: entry[1][0].order):
            after = complement(people, left)
            lost[rule] = (ranked, count(left) - count(after), count(people))
            left = after
        refused = curable[Cure.NONE]
        approvable = complement(refused, curable[Cure.APPROVAL])
        consentable = complement(refused | approvable, curable[Cure.CONSENT])
        return cls(
            permitted=left, counts=(count(left), count(consentable), count(approvable), count(refused)), lost=lost
        )


def _gather(looked: list[_Looked], permits: Iterable[Decision]) -> SetDecision:
    """The parts together."""
    counted: dict[Rule, tuple[Ranked, int, int]] = {}
    for one in looked:
        for rule, (ranked, first, failing) in one.lost.items():
            before = counted.get(rule, (ranked, 0, 0))
            counted[rule] = (before[0], before[1] + first, before[2] + failing)
    counts = [sum(one.counts[effect] for one in looked) for effect in range(4)]
    return SetDecision(
        permitted=reduce(np.bitwise_or, (one.permitted for one in looked)),
        counts=(counts[0], counts[1], counts[2], counts[3]),
        permits=tuple(permits),
        waterfall=lost_at((ranked.reason, first, failing) for ranked, first, failing in counted.values()),
    )


def _row(item: str, kind: str, era: str | None, attributes: Mapping[str, object]) -> RowFacts:
    """Somebody of whom everything is as wanted: the permit is theirs."""
    return RowFacts(
        data_subject=ANYBODY, subject_kind=kind, item=item, era=era, known=OF_SLOTS, value=WANT, attributes=attributes
    )


def _within(people: Bits, part: Part) -> Bits:
    if isinstance(part, bool):
        return people if part else np.zeros_like(people)
    return people & part


def _without(people: Bits, part: Part) -> Bits:
    if isinstance(part, bool):
        return np.zeros_like(people) if part else people
    return complement(part, people)
