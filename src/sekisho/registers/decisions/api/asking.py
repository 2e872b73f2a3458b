"""From AuthZEN's words to ours.

AuthZEN's subject is our actor; action.name is the act (use, third_party_provision, joint_use, entrustment, succession);
the resource is a person (type `person`, or a kind of identifier such as `number`, with the instant in properties.at).
resource.properties.items are the classes and fields, its other properties say what is known of the rows; context holds
purpose, recipient, channel and claims. What a register knows is never taken from the caller. A resource of another type,
without items, is a kind of thing that is nobody's data: properties of subject and resource are what the policy's attributes read.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sekisho.engine.catalog.vocabulary import IDENTIFIER_KINDS
from sekisho.engine.gate.ask import Act, Ask
from sekisho.registers.decisions.api.shapes import Evaluation
from sekisho.registers.decisions.queries.asks import ask_from
from sekisho.registers.decisions.queries.malformed import MalformedAsk

PERSON = "person"
LONGEST_ACT = 32
ACTORS = frozenset({"staff", "user", "system", "client"})  # types of subject that the people register knows
MACHINES = frozenset({"system", "client"})
OF_ADDRESS = ("items", "at")
PLACES = {  # where a request says what an ask calls by another name
    "actor": "subject.id",
    "act": "action.name",
    "items": "resource.properties.items",
    "purpose": "context.purpose",
    "data_subjects": "resource.id",
    "recipient": "context.recipient",
    "channel": "context.channel",
    "claims": "context.claims",
    "resource": "resource.properties",
}


def ask_of(asked: Evaluation, now: datetime, find: Callable[[object], str]) -> Ask:
    """The ask behind a request; `find` tells who stands behind an address.

    What merely names nothing known is asked all the same, and refused with its reason.

    Raises: decisions.malformed-ask.
    """
    resource, context = asked.resource, asked.context
    purpose = context.get("purpose", asked.action.properties.get("purpose"))
    items = resource.properties.get("items", [])
    told = {key: value for key, value in resource.properties.items() if key not in OF_ADDRESS}
    told |= {f"actor.{key}": value for key, value in asked.subject.properties.items()}  # the policy says which count
    said = {
        "actor": actor_of(asked),
        "recipient": context.get("recipient"),
        "channel": context.get("channel"),
        "claims": context.get("claims", []),
    }
    if is_of_thing(asked):
        said |= {"items": [resource.type], "resource": told | {"id": resource.id}}
        said |= {} if purpose is None else {"purpose": purpose}
    else:
        said |= {
            "data_subjects": [address_of(asked)],
            "items": ["nothing"] if items == [] else items,
            "purpose": "nothing" if purpose is None else purpose,
            "resource": told,
        }
    try:
        ask = ask_from(said, now=now, find=find)
    except MalformedAsk as malformed:
        raise MalformedAsk(*map(_place, malformed.fields)) from None
    name = asked.action.name
    if name not in _ACTS and len(name) > LONGEST_ACT:
        raise MalformedAsk("action.name")
    # An act that nobody knows goes to the gate as it is: the gate says so.
    return replace(ask, act=Act(name) if name in _ACTS else name)


def is_of_thing(asked: Evaluation) -> bool:
    """Whether the resource is of a kind that stands for no person: nobody's data, if the policy declares it."""
    resource = asked.resource
    return resource.type != PERSON and resource.type not in IDENTIFIER_KINDS and "items" not in resource.properties


def actor_of(asked: Evaluation) -> str:
    """The reference of whoever asks."""
    subject = asked.subject
    return subject.id if subject.type in ACTORS else f"{subject.type}:{subject.id}"


def address_of(asked: Evaluation) -> str | Mapping[str, Any]:
    """Whom the request is about, as `people_at` reads it."""
    resource = asked.resource
    if resource.type == PERSON:
        return resource.id
    at = resource.properties.get("at")
    return {resource.type: resource.id} | ({"at": at} if at is not None else {})


def _place(field: str) -> str:
    """The member of the request that a field of the ask was read from."""
    if field.startswith("data_subjects["):
        return "resource.properties.at"
    first, _, rest = field.partition(".")
    return f"{PLACES.get(first, first)}.{rest}" if rest else PLACES.get(first, first)


_ACTS = frozenset(act.value for act in Act)
