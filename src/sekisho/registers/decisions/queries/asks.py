"""Read an ask from JSON: the one shape of `sekisho decide` and of the HTTP API behind it."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from sekisho.engine.errors import SekishoError
from sekisho.engine.gate.ask import Act, Ask
from sekisho.registers.decisions.queries.addresses import person_at
from sekisho.registers.decisions.queries.resource import instant_of
from sekisho.registers.decisions.rules import ROOM

LONGEST_NAME = 256
FIELDS = frozenset(
    {"actor", "act", "data_subjects", "items", "purpose", "at", "recipient", "channel", "claims", "resource"}
)
INSTANTS = ("since", "until", "started_at", "ended_at")  # of `resource`: the hours the rows tell of
LIKE_A_FIELD = re.compile(r"[a-z_][a-z0-9_]{0,31}", re.IGNORECASE)
ACTS = frozenset(act.value for act in Act)


def ask_from(said: object, *, now: datetime, find: Callable[[object], str] = person_at) -> Ask:
    """An ask from a JSON object: actor, act, data_subjects, items, purpose; at, recipient, channel, claims, resource.

    A data subject is a reference, or an identifier with the instant it tells of; a number so told is the line of the ask.
    Nothing said is passed over: a key that no ask has may be one misspelt, an instant without a zone may mean another day.

    Things that are nobody's data are asked about without data_subjects, and then without a purpose too. An act may be one
    that the policy names; the gate says where it is none. `find` is who stands behind an address, where many were looked
    up together.

    Raises: decisions.malformed-ask naming the field.
    """
    if not isinstance(said, Mapping):
        raise _malformed("ask")
    for key in said:
        if key not in FIELDS:
            raise _malformed(key if LIKE_A_FIELD.fullmatch(key) else "?")  # it may hold anything, even a name
    of_things = "data_subjects" not in said
    addresses = [] if of_things else _list(said, "data_subjects")
    resource = said.get("resource", {})
    if not isinstance(resource, Mapping):
        raise _malformed("resource")
    for place, address in enumerate(addresses):
        if isinstance(address, Mapping) and "at" in address and instant_of(address["at"]) is None:
            raise _malformed(f"data_subjects[{place}].at")
    for key in INSTANTS:
        if _lacks_zone(resource.get(key)):
            raise _malformed(f"resource.{key}")
    return Ask(
        actor=_text(said, "actor"),
        act=_act(said),
        data_subjects=tuple(dict.fromkeys(_person(address, find) for address in addresses)),
        items=tuple(dict.fromkeys(_texts(said, "items"))),
        purpose="" if of_things and "purpose" not in said else _text(said, "purpose"),
        at=_at(said, now),
        recipient=_optional(said, "recipient"),
        channel=_optional(said, "channel"),
        claims=tuple(_texts(said, "claims", [])),
        resource={**_line_of(addresses), **resource},
    )


def _line_of(addresses: list[object]) -> dict[str, object]:
    """A single person told by number and instant: those are the line and the time of the rows."""
    if len(addresses) == 1 and isinstance(addresses[0], Mapping) and "number" in addresses[0]:
        return {"line": addresses[0]["number"], "started_at": addresses[0].get("at")}
    return {}


def _lacks_zone(value: object) -> bool:
    """Whether it is an instant that could be any of several: a day alone is none, and says so."""
    if not isinstance(value, str) or len(value) <= len("2026-01-01"):
        return False
    try:
        return datetime.fromisoformat(value).tzinfo is None
    except ValueError:
        return False


def _person(address: object, find: Callable[[object], str]) -> str:
    values = address.values() if isinstance(address, Mapping) else (address,)
    if not values or not all(is_name(value) for value in values):
        raise _malformed("data_subjects")
    return find(address)


def _act(said: Mapping[str, object]) -> str:
    act = said.get("act", Act.USE.value)
    if not isinstance(act, str) or not LIKE_A_FIELD.fullmatch(act):
        raise _malformed("act")
    return Act(act) if act in ACTS else act


def _at(said: Mapping[str, object], now: datetime) -> datetime:
    if "at" not in said:
        return now
    try:
        at = datetime.fromisoformat(_text(said, "at"))
    except ValueError:
        raise _malformed("at") from None
    if at.tzinfo is None:
        raise _malformed("at")
    return at.astimezone(UTC)


def _text(said: Mapping[str, object], field: str) -> str:
    value = said.get(field)
    if not is_name(value):
        raise _malformed(field)
    return str(value)


def is_name(value: object) -> bool:
    """Whether a value can name something: printable text of reasonable length."""
    return isinstance(value, str) and 0 < len(value) <= LONGEST_NAME and value.isprintable()


def _optional(said: Mapping[str, object], field: str) -> str | None:
    return None if said.get(field) is None else _text(said, field)


def _list(said: Mapping[str, object], field: str, default: list[object] | None = None) -> list[object]:
    value = said.get(field, default)
    if not isinstance(value, list) or (default is None and not value):
        raise _malformed(field)
    return value


def _texts(said: Mapping[str, object], field: str, default: list[object] | None = None) -> list[str]:
    texts = [str(value) for value in _list(said, field, default) if is_name(value)]
    if len(texts) != len(_list(said, field, default)):
        raise _malformed(field)
    return texts


def _malformed(field: str) -> SekishoError:
    return SekishoError("decisions.malformed-ask", room=ROOM, field=field)
