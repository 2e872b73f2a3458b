"""The second lock, in series with the first: 通信の秘密 opens only on a ground of its own. Source: TBA on secrecy; LAW.md 3.

Location opens the same way (telecom guideline), with consent to use of the location in place of consent to secrecy.
"""

from sekisho.engine.gate.ask import Act
from sekisho.engine.gate.parts import Part, Scene
from sekisho.engine.gate.slots import Cure
from sekisho.engine.law.model import Ground
from sekisho.engine.policy.model import DataKind

OPENED_BY = {DataKind.COMMUNICATIONS_SECRECY: "secrecy_consent", DataKind.LOCATION: "location_consent"}
JUSTIFIED = "justified_business"
SPECIFIC = "specific_consent"
BY_FACT = (JUSTIFIED, SPECIFIC)  # opened by the purpose or the person, not by a claim


def look_at_secrecy(part: Part, scene: Scene) -> None:
    """Ask for the ground that opens this field: a claimed one, the carrier's justified business, else specific consent."""
    kind = scene.field.kind if scene.field else scene.data_class.kind
    consent = OPENED_BY.get(kind)
    if consent is None:
        return
    clause = scene.data_class.clause
    claimed = _claimed(part, scene)
    if claimed is not None:
        part.secrecy_ground = claimed.id
        part.ask_for("claim_approved", clause, cites=claimed.cites)
        part.ask_for("secrecy_ground_shown", clause, cites=claimed.cites)
        return
    justified = scene.law.grounds.get(JUSTIFIED)
    if justified is not None and _is_justified(part, scene, justified):
        part.secrecy_ground = justified.id
        if _nature(scene) in justified.ticket_natures:
            part.ask_for("ticket_open", clause)
            part.by_ticket = True
        if _nature(scene) in justified.own_side_natures:
            part.oblige("mask", scene.item, {"item": scene.item, "show": "own_side"})
        if _nature(scene) in justified.masked_natures:
            part.oblige("mask", scene.item, {"item": scene.item, "show": "masked"})
        return
    part.secrecy_ground = SPECIFIC
    if any(name in scene.law.exceptions for name in scene.grounds):
        # An exception is no ground here, and asking the person would tell them somebody inquired (LAW.md 9.1).
        part.ask_for(consent, clause, cure=Cure.NONE, code="gate.secrecy-ground-missing")
        return
    part.ask_for(consent, clause)


def _claimed(part: Part, scene: Scene) -> Ground | None:
    """The first claimed ground that the law knows on that day; one that may not be claimed is a failure."""
    for name in scene.grounds:
        ground = scene.law.grounds.get(name)
        if ground is None:
            continue
        if ground.id in BY_FACT or not ground.holds_on(scene.on):
            part.fail("gate.ground-not-for-this-purpose", scene.data_class.clause, scene.item)
            continue
        return ground
    return None


def _is_justified(part: Part, scene: Scene, ground: Ground) -> bool:
    """The use says so, the law allows it for this nature, and the data stays with the carrier or its contractor."""
    return (
        scene.act in (Act.USE, Act.ENTRUSTMENT)
        and scene.nature is not None
        and ground.id in scene.nature.secrecy
        and ground.holds_on(scene.on)
        and (not ground.natures or scene.nature.id in ground.natures)
        and any(use.secrecy_ground == ground.id for use in part.uses)
    )


def _nature(scene: Scene) -> str:
    return scene.nature.id if scene.nature else ""
