"""From what was found to a cell: words, reasons in words, conditions as tests, the permit made beforehand."""

from dataclasses import dataclass
from datetime import date

from sekisho.engine.errors import SekishoError
from sekisho.engine.gate.ask import Obligation, Permit
from sekisho.engine.gate.conditions import test_of
from sekisho.engine.gate.parts import Part
from sekisho.engine.gate.saying import ROOM, say
from sekisho.engine.gate.slots import CONDITION_BIT, MOST_CONDITIONS, SLOT
from sekisho.engine.gate.table import Cell, Condition, Ranked
from sekisho.engine.law.pack import Law


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Names of the ask that the policy declares; what it doesn't is left out of reasons: it may hold anything."""

    policy: str
    purpose: str
    item: str
    recipient: str


def make_cell(part: Part, named: Named, law: Law, on: date) -> Cell:
    """A cell from one finished part. Raises gate.too-many-conditions where the word has no bit left."""
    if len(part.conditions) > MOST_CONDITIONS:
        raise SekishoError("gate.too-many-conditions", room=ROOM, item=named.item, most=MOST_CONDITIONS)
    values = {"purpose": named.purpose, "recipient": named.recipient}
    need = want = 0
    rules: dict[int, Ranked] = {}
    unknown: dict[int, Ranked] = {}
    for requirement in part.requirements.values():
        slot = SLOT[requirement.slot]
        need |= slot.mask
        want |= slot.mask if slot.want else 0
        place = {"clause": requirement.clause, "item": named.item, "slot": slot.name, "bit": slot.bit, "values": values}
        rules[slot.bit] = say(
            law,
            on,
            requirement.code or slot.code,
            cure=requirement.cure,
            cites=requirement.cites,
            **place,  # type: ignore[arg-type]
        )
        unknown[slot.bit] = say(law, on, "gate.unknown-fact", **place)  # type: ignore[arg-type]
    conditions = []
    for bit, (source, clause) in enumerate(sorted(part.conditions.items()), start=CONDITION_BIT):
        need |= 1 << bit
        want |= 1 << bit
        told = {"clause": clause, "item": named.item, "bit": bit, "values": {**values, "condition": source}}
        conditions.append(
            Condition(
                bit=bit,
                source=source,
                test=test_of(source),
                not_met=say(law, on, "gate.condition-not-met", **told),  # type: ignore[arg-type]
                unknown=say(law, on, "gate.condition-unknown", **told),  # type: ignore[arg-type]
            )
        )
    rules |= {condition.bit: condition.not_met for condition in conditions}
    unknown |= {condition.bit: condition.unknown for condition in conditions}
    obligations = tuple(part.obligations[name] for name in sorted(part.obligations))
    abroad = Obligation(
        id="record:provision", type="record", properties={"abroad": True, "holds": sorted(law.record_items)}
    )
    channel = part.requirements.get("channel_consent")
    channel_clause = channel.clause if channel else ""
    return Cell(
        need=need,
        want=want,
        failures=tuple(
            say(
                law,
                on,
                failure.code,
                clause=failure.clause,
                item=failure.item,
                values={**values, **dict(failure.values)},
            )
            for failure in part.failures
        ),
        rules=rules,
        unknown=unknown,
        conditions=tuple(conditions),
        roles=part.roles,
        needs_channel=channel is not None,
        channel_missing=say(law, on, "gate.channel-missing", clause=channel_clause, values=values),
        channel_unknown=say(law, on, "gate.unknown-channel", clause=channel_clause, values=values),
        by_ticket=part.by_ticket,
        records_foreign=part.records_foreign,
        secrecy_ground=part.secrecy_ground,
        permit=Permit(policy=named.policy, obligations=obligations),
        permit_abroad=Permit(policy=named.policy, obligations=(*obligations, abroad)),
        is_slow=bool(conditions or part.roles is not None or channel or part.by_ticket or part.records_foreign),
    )
