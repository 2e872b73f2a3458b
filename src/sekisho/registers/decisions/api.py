"""OpenID AuthZEN Authorization API 1.0: may this subject do this action on this resource?

AuthZEN's subject is our actor. action.name is the act (use, third_party_provision, joint_use, entrustment, succession);
resource is the person (type `person`, or a kind of identifier such as `number`, with the instant in properties.at);
resource.properties.items are the classes and fields, its other properties say what is known of the rows; context holds
purpose, recipient, channel and claims. A permit whose obligations the caller does not understand is a refusal.
"""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

from django.http import HttpRequest, JsonResponse
from ninja import Router, Schema
from ninja.security import HttpBearer

from sekisho.engine.errors import SekishoError
from sekisho.engine.gate.ask import Act, Ask
from sekisho.registers.decisions.actions import decide
from sekisho.registers.decisions.queries import is_api_key
from sekisho.registers.decisions.queries.asks import ask_from
from sekisho.registers.decisions.rules import ROOM

PERSON = "person"
LONGEST_ACT = 32
ACTORS = frozenset({"staff", "user", "system", "client"})


class Entity(Schema):
    """AuthZEN's subject and resource."""

    type: str
    id: str
    properties: dict[str, Any] = {}


class Action(Schema):
    """AuthZEN's action."""

    name: str
    properties: dict[str, Any] = {}


class Evaluation(Schema):
    """AuthZEN's Access Evaluation request; unknown members are ignored."""

    subject: Entity
    action: Action
    resource: Entity
    context: dict[str, Any] = {}


class ApiKeyAuth(HttpBearer):
    """`Authorization: Bearer` with a key made by `decisions.actions.create_api_key`."""

    def authenticate(self, request: HttpRequest, token: str) -> str | None:
        """The key itself where it may ask, None where not."""
        return token if token.isprintable() and is_api_key(token, datetime.now(UTC)) else None


router = Router(auth=ApiKeyAuth(), tags=["AuthZEN"])


@router.post("/evaluation", summary="Access Evaluation")
def evaluation(request: HttpRequest, asked: Evaluation) -> JsonResponse:  # noqa: ARG001  ninja wants it by this name
    """Decide one request. Reasons and obligations stand in `context`."""
    answer = decide(_ask(asked)).as_json()
    return JsonResponse({"decision": answer["decision"] == "permit", "context": answer})


def _ask(asked: Evaluation) -> Ask:
    """The ask behind a request. What merely names nothing known is asked all the same, and refused with its reason."""
    resource, context = asked.resource, asked.context
    rows = {key: value for key, value in resource.properties.items() if key not in ("items", "at")}
    if resource.type == PERSON:
        address: object = resource.id
    else:
        at = resource.properties.get("at")
        address = {resource.type: resource.id} | ({"at": at} if at is not None else {})
    actor = asked.subject.id if asked.subject.type in ACTORS else f"{asked.subject.type}:{asked.subject.id}"
    purpose = context.get("purpose", asked.action.properties.get("purpose"))
    ask = ask_from(
        {
            "actor": actor,
            "data_subjects": [address],
            "items": resource.properties.get("items") or ["nothing"],
            "purpose": "nothing" if purpose is None else purpose,
            "recipient": context.get("recipient"),
            "channel": context.get("channel"),
            "claims": context.get("claims", []),
            "resource": rows,
        },
        now=datetime.now(UTC),
    )
    name = asked.action.name
    if name not in set(Act) and (not name.isprintable() or len(name) > LONGEST_ACT):
        raise SekishoError("decisions.malformed-ask", room=ROOM, field="action.name")
    # An act that nobody knows goes to the gate as it is: the gate says so.
    return replace(ask, act=Act(name) if name in set(Act) else cast("Act", name))
