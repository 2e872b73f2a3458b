"""AuthZEN's shapes, read from JSON objects: subject, action, resource, context, page. Unknown members are ignored."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sekisho.registers.decisions.api.exchange import BadRequest
from sekisho.registers.decisions.rules import limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A subject or a resource. A search leaves the id of what it looks for away."""

    type: str
    id: str
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """An action."""

    name: str
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """One access evaluation request."""

    subject: Entity
    action: Action
    resource: Entity
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Which part of the results is wanted. `limit` is None where the caller leaves it to us."""

    token: str = ""
    limit: int | None = None


def evaluation_of(said: Mapping[str, Any], defaults: Mapping[str, Any] | None = None) -> Evaluation:
    """An access evaluation request.

    A key of `said` replaces the whole object of that name in `defaults`; only a missing type, id or name is taken from
    there. Raises: BadRequest naming every wrong place.
    """
    defaults = defaults or {}
    wrong: list[str] = []
    evaluation = Evaluation(
        subject=_entity(said, "subject", wrong, defaults),
        action=_action(said, wrong, defaults),
        resource=_entity(said, "resource", wrong, defaults),
        context=_object(said if "context" in said else defaults, "context", wrong),
    )
    if wrong:
        raise BadRequest(*sorted(wrong))
    return evaluation


def search_of(said: Mapping[str, Any], wanted: str) -> Evaluation:
    """A search request as the evaluation it repeats; what is looked for has no id, or no action, yet.

    Raises: BadRequest naming every wrong place.
    """
    wrong: list[str] = []
    nothing: dict[str, Any] = {}
    evaluation = Evaluation(
        subject=_entity(said, "subject", wrong, nothing, has_id=wanted != "subject"),
        action=Action(name="") if wanted == "action" else _action(said, wrong, nothing),
        resource=_entity(said, "resource", wrong, nothing, has_id=wanted != "resource"),
        context=_object(said, "context", wrong),
    )
    if wrong:
        raise BadRequest(*sorted(wrong))
    return evaluation


def page_of(said: Mapping[str, Any]) -> Page:
    """Which page is wanted. Raises: BadRequest."""
    wrong: list[str] = []
    page = _object(said, "page", wrong)
    token, limit = page.get("token", ""), page.get("limit")
    if not isinstance(token, str):
        wrong.append("page.token")
    if limit is not None and (not isinstance(limit, int) or isinstance(limit, bool) or limit < 0):
        wrong.append("page.limit")
    if wrong:
        raise BadRequest(*wrong)
    return Page(token=token, limit=limit or None)  # 0 asks for nothing: taken as no wish


def _entity(
    said: Mapping[str, Any], name: str, wrong: list[str], defaults: Mapping[str, Any], *, has_id: bool = True
) -> Entity:
    entity, default = _object(said if name in said else defaults, name, wrong, required=True), defaults.get(name)
    return Entity(
        type=_text(entity, default, name, "type", wrong),
        id=_text(entity, default, name, "id", wrong) if has_id else "",
        properties=_object(entity, "properties", wrong, within=name),
    )


def _action(said: Mapping[str, Any], wrong: list[str], defaults: Mapping[str, Any]) -> Action:
    action = _object(said if "action" in said else defaults, "action", wrong, required=True)
    return Action(
        name=_text(action, defaults.get("action"), "action", "name", wrong),
        properties=_object(action, "properties", wrong, within="action"),
    )


def _object(
    said: Mapping[str, Any], name: str, wrong: list[str], *, within: str = "", required: bool = False
) -> Mapping[str, Any]:
    value = said.get(name, None if required else {})
    if isinstance(value, dict):
        return value
    wrong.append(f"{within}.{name}" if within else name)
    return {}


def _text(entity: Mapping[str, Any], default: object, within: str, name: str, wrong: list[str]) -> str:
    value = entity.get(name)
    if name not in entity and isinstance(default, dict):
        value = default.get(name)
    if isinstance(value, str) and 0 < len(value) <= limits()["api"]["longest_name"] and value.isprintable():
        return value
    if within not in wrong:  # the whole object is wrong: its parts need not be named
        wrong.append(f"{within}.{name}")
    return ""
