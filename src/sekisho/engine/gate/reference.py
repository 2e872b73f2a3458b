"""The reference page of the slots, made from the list itself."""

from sekisho.engine.errors import text
from sekisho.engine.gate.rules import Asks, rules
from sekisho.engine.gate.saying import ROOM, articles_of
from sekisho.engine.gate.slots import SLOTS, Slot
from sekisho.engine.law.pack import Law

HEAD = """# Slots: the facts a decision may rest on

Made from `src/sekisho/engine/gate/slots.toml` and `rules.toml`; `pytest --update-golden tests/engine/gate` rewrites it.

A slot is one bit in two words, `known` and `value`, relative to the ask. A permit needs the value under *wants*; where it
is known to be otherwise, *cure* says what would mend it (nothing: the ask is refused). Unknown is refused too, with
`gate.unknown-fact` and the slot's name. A *derived* slot is worked out by the gate from attributes: gatherers leave it.
*Told by* are the keys of the ask that tell it where it is unknown; {after} stands for the event that the field's retention is
counted from, {settled} for `settled` where an open claim keeps it. Where there is none only a register can tell.

| bit | slot | of the | true when | wants | cure | asked for | told by | law |
|---:|---|---|---|---|---|---|---|---|
"""


def slots_page(law: Law) -> str:
    """The page in Markdown."""
    rows = (
        f"| {slot.bit} | `{slot.name}`{' (derived)' if slot.derived else ''}<br>{text(ROOM, slot.code, 'ja_label', {})} "
        f"| {slot.scope.value} | {slot.says} | {str(slot.want).lower()} | {slot.cure.value} | {_when(slot)} "
        f"| {', '.join(f'`{key}`' for key in slot.tells) or '–'} | {articles_of(law, None, slot.cites)} |\n"
        for slot in SLOTS
    )
    return HEAD + "".join(rows)


def _when(slot: Slot) -> str:
    found = rules()
    said = ["always"] if slot.name in found.every.asks else []
    said += ["things"] if slot.name in found.things.asks else []
    said += [f"duty {duty}" for duty, name in found.duties.items() if name == slot.name]
    tables: tuple[tuple[str, dict[str, Asks]], ...] = (
        ("act", dict(found.acts)),
        ("data", dict(found.kinds)),
        ("nature flag", dict(found.flags)),
        ("nature", dict(found.natures)),
    )
    said += [f"{kind} {name}" for kind, table in tables for name, asks in table.items() if slot.name in asks.asks]
    said = said or ["where the policy or the second lock asks"]
    said += [f"not for {name}" for _, table in tables for name, asks in table.items() if slot.name in asks.ignores]
    if slot.name in found.exception_slots:
        said.append("opened by an approved exception")
    if slot.name in found.held_slots:
        said.append("not where the law holds the data")
    return ", ".join(said)
