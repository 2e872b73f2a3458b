"""The second lock, in series with the first: 通信の秘密 opens only on a ground of its own. Source: TBA on secrecy; LAW.md 3.

Location opens the same way (telecom guideline), with consent to use of the location in place of consent to secrecy.
"""

from sekisho.engine.gate.parts import Part, Scene
from sekisho.engine.gate.rules import Rules
from sekisho.engine.gate.slots import SLOT, Cure
from sekisho.engine.law.model import Ground
from sekisho.engine.policy.model import DataKind

OPENED_BY = {DataKind.COMMUNICATIONS_SECRECY: "secrecy_consent", DataKind.LOCATION: "location_consent"}
SPECIFIC = "specific_consent"


def look_at_secrecy(part: Part, scene: Scene, rules: Rules) -> None:
    """Ask for the ground that opens this field: a claimed one, one the purpose itself gives, else specific consent."""
    kind = scene.field.kind if scene.field else scene.data_class.kind
    consent = OPENED_BY.get(kind)
    if consent is None:
        return
    if kind is DataKind.LOCATION and scene.nature is not None and consent in rules.of_nature(scene.nature).ignores:
        return
    clause = scene.data_class.clause
    claimed = _claimed(part, scene, rules)
    if claimed is not None:
        part.secrecy_ground = claimed.id
        part.ask_for("claim_approved", clause, cites=claimed.cites)
        part.ask_for("secrecy_ground_shown", clause, cites=claimed.cites)
        return
    given = _given_by_purpose(part, scene)
    if given is not None:
        _open_by_purpose(part, scene, given)
        return
    part.secrecy_ground = SPECIFIC
    if any(name in scene.law.exceptions for name in scene.grounds):
        # An exception is no ground here, and asking the person would tell them somebody inquired (LAW.md 9.1).
        part.ask_for(consent, clause, cure=Cure.NONE, code="gate.secrecy-ground-missing")
        return
    part.ask_for(consent, clause)


def _claimed(part: Part, scene: Scene, rules: Rules) -> Ground | None:
    """The first claimed ground that the law knows on that day; one that is no claim's to make is a failure.

    A claimed ground serves an exception that is itself the purpose (a warrant under E1), or a purpose for which the law pack
    names it (necessity in a fault). For the carrier's own marketing, analysis or sharing only the party's consent does.
    """
    is_excepted = scene.purpose in scene.grounds and scene.purpose in scene.law.exceptions
    for name in scene.grounds:
        ground = scene.law.grounds.get(name)
        if ground is None:
            continue
        serves = is_excepted or (scene.nature is not None and ground.id in scene.nature.secrecy)
        is_claimable = not ground.natures and ground.id != SPECIFIC and scene.act.value in rules.exception_acts
        if not serves or not is_claimable or not ground.holds_on(scene.on):
            part.fail("gate.ground-not-for-this-purpose", scene.data_class.clause, scene.item)
            continue
        return ground
    return None


def _given_by_purpose(part: Part, scene: Scene) -> Ground | None:
    """The ground a use names, if the law allows it for this nature.

    Uses speak of the carrier's own use and of its contractor's; to others nothing secret goes on such a ground.
    """
    if scene.nature is None:
        return None
    named = {use.secrecy_ground for use in part.uses}
    if len(named) != 1:  # several uses of one field all bind: one that names another ground leaves it shut
        return None
    for name in scene.nature.secrecy:
        ground = scene.law.grounds.get(name)
        if ground and name in named and scene.nature.id in ground.natures and ground.holds_on(scene.on):
            return ground
    return None


def _open_by_purpose(part: Part, scene: Scene, ground: Ground) -> None:
    nature, clause = scene.nature.id if scene.nature else "", scene.data_class.clause
    part.secrecy_ground = ground.id
    for fact in ground.requires:
        if fact in SLOT:  # the rest of what a ground requires is not a fact of one ask
            part.ask_for(fact, clause, cites=ground.cites)
    if nature in ground.ticket_natures:
        part.ask_for("ticket_open", clause)
        part.by_ticket = True
    if nature in ground.own_side_natures:
        part.oblige("mask", scene.item, {"item": scene.item, "show": "own_side"})
    if nature in ground.masked_natures:
        part.oblige("mask", scene.item, {"item": scene.item, "show": "masked"})
