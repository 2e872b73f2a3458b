"""From what was found to a cell: words, reasons in words, conditions as tests, the permit made beforehand."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from sekisho.engine.errors import SekishoError
from sekisho.engine.gate.ask import Obligation, Permit
from sekisho.engine.gate.conditions import keys_of, read, test_of
from sekisho.engine.gate.parts import Failure, Part, Requirement
from sekisho.engine.gate.rules import rules
from sekisho.engine.gate.saying import ROOM, say
from sekisho.engine.gate.slots import CONDITION_BIT, MOST_CONDITIONS, SLOT, Cure, Slot
from sekisho.engine.gate.table import Cell, Condition, Ranked
from sekisho.engine.law.pack import Law
from sekisho.engine.policy.expression_tree import Kind

MOST_SAID = 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Names of the ask that the policy declares; what it doesn't is left out of reasons: it may hold anything."""

    policy: str
    purpose: str
    item: str
    recipient: str
    editions: Mapping[str, str]  # norm -> edition the policy cites
    types: Mapping[str, Kind]  # of names in conditions
    said: dict[object, Ranked]  # failures put into words before: many cells fail alike


def make_cell(part: Part, named: Named, law: Law, on: date) -> Cell:
    """A cell from one finished part. Raises gate.too-many-conditions where the word has no bit left."""
    if len(part.conditions) > MOST_CONDITIONS:
        raise SekishoError("gate.too-many-conditions", room=ROOM, item=named.item, most=MOST_CONDITIONS)
    values = {"purpose": named.purpose, "recipient": named.recipient}
    speak = partial(say, law, on, editions=named.editions)
    need = want = 0
    asked: dict[int, Requirement] = {}
    for requirement in part.requirements.values():
        slot = SLOT[requirement.slot]
        need |= slot.mask
        want |= slot.mask if slot.want else 0
        asked[slot.bit] = requirement
    conditions: dict[int, tuple[str, str]] = dict(enumerate(sorted(part.conditions.items()), start=CONDITION_BIT))
    read_as = {bit: read(source, named.types) for bit, (source, _) in conditions.items()}
    for bit in conditions:
        need |= 1 << bit
        want |= 1 << bit

    def tell(bit: int, is_unknown: bool) -> Ranked:
        if bit in conditions:
            source, clause = conditions[bit]
            code = "gate.condition-unknown" if is_unknown else "gate.condition-not-met"
            told = {**values, "condition": source, "tell": " ".join(keys_of(read_as[bit])) if is_unknown else ""}
            return speak(code, clause=clause, item=named.item, bit=bit, values=told)
        requirement = asked[bit]
        slot = SLOT[requirement.slot]
        return speak(
            "gate.unknown-fact" if is_unknown else requirement.code or slot.code,
            clause=requirement.clause,
            item=named.item,
            slot=slot.name,
            bit=bit,
            cure=Cure.NONE if is_unknown else requirement.cure,
            cites=requirement.cites,
            values={**values, "tell": " ".join(_keys(slot, requirement))} if is_unknown else values,
            follows=rules().follows[slot.name] if is_unknown else 0,
        )

    channel = part.requirements.get("channel_consent")

    def tell_channel(code: str) -> Ranked:
        return speak(code, clause=channel.clause if channel else "", values={**values, "tell": "channel"})

    obligations = tuple(part.obligations[name] for name in sorted(part.obligations))
    permit = Permit(policy=named.policy, obligations=obligations)
    return Cell(
        need=need,
        want=want,
        failures=tuple(_tell_failure(failure, values, speak, (named, on)) for failure in part.failures),
        tell=tell,
        conditions=tuple(
            Condition(bit=bit, source=source, expression=read_as[bit], test=test_of(read_as[bit]))
            for bit, (source, _) in conditions.items()
        ),
        roles=part.roles,
        needs_channel=channel is not None,
        tell_channel=tell_channel,
        by_ticket=part.by_ticket,
        records_foreign=part.records_foreign,
        secrecy_ground=part.secrecy_ground,
        permit=permit,
        permit_abroad=_recorded(permit, law) if part.records_foreign else permit,
        is_slow=bool(conditions or part.roles is not None or channel or part.by_ticket or part.records_foreign),
    )


def _recorded(permit: Permit, law: Law) -> Permit:
    """The permit where the recipient is abroad: the provision is recorded."""
    record = {"abroad": True, "holds": sorted(law.record_items)}
    abroad = Obligation(id="record:provision", type="record", properties=record)
    return replace(permit, obligations=(*permit.obligations, abroad))


def _tell_failure(
    failure: Failure, values: Mapping[str, str], speak: Callable[..., Ranked], where: tuple[Named, date]
) -> Ranked:
    named, on = where
    key = (failure, named.policy, named.purpose, named.recipient, on)
    told = named.said.get(key)
    if told is None:
        if len(named.said) >= MOST_SAID:
            named.said.clear()
        told = named.said[key] = speak(
            failure.code,
            clause=failure.clause,
            item=failure.item,
            values={**values, **dict(failure.values)},
            follows=SLOT[failure.follows].mask if failure.follows else 0,
        )
    return told


def _keys(slot: Slot, requirement: Requirement) -> tuple[str, ...]:
    """Keys of the ask that would tell a slot here: placeholders filled in, or left out where nothing fills them."""
    found: list[str] = []
    for key in slot.tells:
        name = key.partition("{")[2].rstrip("}")
        words = [word for placeholder, word in requirement.told_by if placeholder == name]
        found += [key.replace(f"{{{name}}}", word) for word in words] if name else [key]
    return tuple(dict.fromkeys(found))
