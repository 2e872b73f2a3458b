"""The gate's facts about actor, recipient and the ask itself. None = nobody knows, and the gate refuses."""

from collections.abc import Mapping

from sekisho.engine.gate.ask import Act
from sekisho.evidence.body import instant
from sekisho.registers.decisions.queries.scene import OPENS_A_LOCK, Scene
from sekisho.registers.decisions.rules import ClaimKind
from sekisho.registers.identities import queries as identities

OF_REGISTERS = ("actor", "recipient", "ticket")
Slots = Mapping[str, bool | None]


def actor_slots(scene: Scene, shop: str | None) -> Slots:
    """Facts about who asks; `shop` is the agency shop whose customer the person is, None where nobody knows."""
    actor = scene.actor
    if not actor.known:
        return {"actor_known": False}
    return {
        "actor_known": True,
        "actor_active": actor.active,
        "actor_trained": actor.trained,
        "actor_pledged": actor.pledged,
        "actor_acknowledged": actor.acknowledged,
        "own_customer": True if not actor.shop else None if shop is None else actor.shop == shop,
    }


def recipient_slots(scene: Scene) -> Slots:
    """Facts about who is to receive."""
    recipient = scene.recipient
    if recipient is None:
        return {}
    if not recipient.known:
        return {"recipient_known": False}
    wanted = frozenset(scene.policy.entrustment_clauses) if scene.ask.act is Act.ENTRUSTMENT else frozenset()
    wanted |= {clause for way in scene.ways for clause in way.contract_clauses}
    return {
        "recipient_known": True,
        "recipient_verified": recipient.verified,
        "recipient_member": recipient.member,
        "contract_in_force": recipient.contract,
        "contract_clauses_complete": recipient.contract and wanted <= recipient.clauses,
        "selection_checked": recipient.selection_checked,
        "transfer_stopped": recipient.stopped,
    }


def ask_slots(scene: Scene, person: str) -> Slots:
    """Facts about the ask, as far as they concern this person."""
    ask, at = scene.ask, scene.ask.at
    opening = [claim for claim in scene.claims if claim.kind in OPENS_A_LOCK]
    grounds = [claim for claim in opening if claim.kind is ClaimKind.GROUND]
    return {
        "claim_approved": all(claim.stands(person, ask.purpose, at) for claim in opening) if opening else None,
        "secrecy_ground_shown": all(claim.document for claim in grounds) if grounds else None,
        "ticket_open": bool(open_tickets(scene)),
        "case_open": any(
            claim.kind is ClaimKind.CASE and person in claim.persons and ask.actor in claim.actors and claim.is_live(at)
            for claim in scene.claims
        ),
        "second_approval": is_approved(scene, person),
        "advertising_inside": scene.rows.flag("advertising"),
    }


def is_approved(scene: Scene, person: str) -> bool:
    """Whether an officer decided, for this person and purpose, that it may be done all the same."""
    return any(
        claim.kind is ClaimKind.APPROVAL and claim.stands(person, scene.ask.purpose, scene.ask.at)
        for claim in scene.claims
    )


def open_tickets(scene: Scene) -> tuple[str, ...]:
    """When each ticket ends that names this line and all of these hours; none without line and hours."""
    line, hours = scene.rows.line, scene.rows.hours
    purpose = scene.policy.purposes.get(scene.ask.purpose)
    if line is None or hours is None or purpose is None:
        return ()
    return tuple(
        instant(ticket.expires_at)
        for ticket in scene.tickets
        if ticket.opens(
            line=identities.digest("number", line),
            since=hours[0],
            until=hours[1],
            nature=purpose.nature,
            at=scene.ask.at,
        )
    )


def attributes(scene: Scene) -> dict[str, object]:
    """Values for conditions of the policy: what the ask says of the rows, and what registers say of both sides.

    What a register knows is never taken from the caller; what the policy declares of the actor besides is.
    """
    told, declared = scene.rows.attributes(), scene.policy.attributes
    found = {
        name: value for name, value in told.items() if name.partition(".")[0] not in OF_REGISTERS or name in declared
    }
    found |= {
        "actor.id": scene.ask.actor,
        "actor.role": scene.actor.role,
        "actor.roles": (scene.actor.role,) if scene.actor.role else (),
        "actor.shop": scene.actor.shop,
        "actor.employment": scene.actor.employment,
        "actor.trained": scene.actor.trained,
        "actor.pledged": scene.actor.pledged,
        "actor.active": scene.actor.active,
    }
    if scene.recipient is not None and scene.recipient.known:
        found |= {f"recipient.{name}": value for name, value in scene.recipient.attributes.items()}
        found |= {"recipient.foreign": scene.recipient.foreign}
    ends = open_tickets(scene)
    return found | ({"ticket.expires_at": min(ends)} if ends else {})
