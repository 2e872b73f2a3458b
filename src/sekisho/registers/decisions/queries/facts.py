"""Gather the facts of an ask from the registers: one row per person and item, and the other parties of a call.

Each register is asked once per ask and person. What nobody knows stays unknown. Source: DESIGN.md section 5.
"""

from collections.abc import Iterator, Mapping

from sekisho.engine.gate.ask import Ask, Facts, RowFacts
from sekisho.engine.gate.slots import facts_words
from sekisho.engine.policy.model import DataClass
from sekisho.registers.decisions.queries.addresses import person_at
from sekisho.registers.decisions.queries.persons import Person
from sekisho.registers.decisions.queries.scene import Scene, scene_of
from sekisho.registers.decisions.queries.slots import actor_slots, ask_slots, attributes, recipient_slots

SPECIFIC = "specific_consent"  # the secrecy ground that needs every party's word


def gather(ask: Ask) -> Facts:
    """Everything the gate may want to know of this ask. Raises: policies.none-in-force."""
    return facts_from(scene_of(ask))


def facts_from(scene: Scene) -> Facts:
    """The facts of a scene already read."""
    said = attributes(scene)
    rows = [row for ref in scene.ask.data_subjects for row in _rows_of(scene, ref, said)]
    rows += [row for ref in _other_parties(scene, rows) for row in _rows_of(scene, ref, said)]
    rows += _rows_of_things(scene, said)
    return Facts(
        in_force=scene.policy.era,
        rows=tuple(rows),
        people_epoch=scene.registers.epoch,
        recipient_kind=scene.recipient.kind if scene.recipient and scene.recipient.known else None,
        grounds=scene.grounds,
    )


def _rows_of(scene: Scene, ref: str, said: Mapping[str, object]) -> Iterator[RowFacts]:
    person = Person(ref=ref, scene=scene)
    known, value = facts_words(
        {
            **person.slots(),
            **actor_slots(scene, person.standing.shop if person.standing.known else None),
            **recipient_slots(scene),
            **ask_slots(scene, ref),
        }
    )
    era = person.era(scene.registers.versions) if person.standing.known else None
    for item in scene.ask.items:
        data_class = _class_of(scene, item)
        kind = person.kind_for(data_class)
        row_known, row_value = facts_words(
            person.row_slots(item, data_class, kind)
        )  # a shared one (restricted) only gains
        yield RowFacts(
            data_subject=ref,
            subject_kind=kind,
            item=item,
            era=era,
            known=known | row_known,
            value=value | row_value,
            attributes=said,
        )


def _rows_of_things(scene: Scene, said: Mapping[str, object]) -> list[RowFacts]:
    """Of an ask about nobody: a row for each kind of thing that the policy declares."""
    if scene.ask.data_subjects:
        return []
    known, value = facts_words({**actor_slots(scene, None), **ask_slots(scene, "")})
    return [
        RowFacts(
            data_subject="",
            subject_kind="",
            item=item,
            era=scene.policy.era,
            known=known,
            value=value,
            attributes=said,
        )
        for item in scene.ask.items
        if item in scene.policy.resources
    ]


def _other_parties(scene: Scene, rows: list[RowFacts]) -> tuple[str, ...]:
    """The other parties that the ask names, where only consent opens 通信の秘密: then each of them has to permit."""
    parties = scene.ask.resource.get("parties")
    if not isinstance(parties, list | tuple) or not parties:
        return ()
    table, recipient = scene.registers.table(), scene.ask.recipient
    if recipient is not None and recipient not in table.named_recipients:
        recipient = scene.recipient.kind if scene.recipient else ""
    opened_by_consent = any(
        table.cell(
            in_force=scene.policy.era,
            era=row.era,
            purpose=scene.ask.purpose,
            item=row.item,
            subject_kind=row.subject_kind,
            on=scene.on,
            act=scene.ask.act,
            recipient=recipient,
            grounds=scene.grounds,
        ).secrecy_ground
        == SPECIFIC
        for row in rows
    )
    found = {person_at(party) for party in parties} if opened_by_consent else set()
    others = tuple(sorted(found - set(scene.ask.data_subjects)))
    scene.registers.with_people(others)
    return others


def _class_of(scene: Scene, item: str) -> DataClass | None:
    return scene.policy.classes.get(item.partition(".")[0])
