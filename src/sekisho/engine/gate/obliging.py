"""What a permit obliges to: transform, mask, record, minimum group, show the sender. Source: APPI on provision records."""

from sekisho.engine.gate.ask import Act
from sekisho.engine.gate.parts import Part, Scene
from sekisho.engine.gate.rules import Rules

RECORD_CITES = ("appi.provision_record",)


def look_at_obligations(part: Part, scene: Scene, rules: Rules) -> None:
    """Obligations of one field under one version."""
    for use in part.uses:
        for item, transform in use.transform.items():
            if item in (scene.item, scene.data_class.id):
                kind = "mask" if transform.startswith("mask") else "transform"
                part.oblige(kind, f"{scene.item}:{transform}", {"item": scene.item, "to": transform})
        if use.minimum_group:
            part.oblige("minimum_group", "", {"size": use.minimum_group})
    if scene.nature is not None:
        for flag, shown in rules.shows.items():
            if getattr(scene.nature, flag):
                part.oblige("notify", flag, {"show": list(shown)})
    if scene.act is not Act.USE and not any(ground in scene.law.exceptions for ground in scene.grounds):
        _look_at_record(part, scene)


def _look_at_record(part: Part, scene: Scene) -> None:
    """A third party is recorded; a contractor, successor or joint user only where it is abroad. Exceptions leave no record."""
    if scene.act is Act.THIRD_PARTY_PROVISION:
        part.oblige(
            "record",
            "provision",
            {"article": str(scene.law.cite(RECORD_CITES[0])), "holds": sorted(scene.law.record_items)},
        )
        return
    kind = scene.policy.recipients.get(scene.recipient or "")
    part.records_foreign = kind is None or kind.foreign is not False
