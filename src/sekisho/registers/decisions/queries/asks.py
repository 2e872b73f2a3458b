"""Read an ask from JSON: the one shape of `sekisho decide` and of the HTTP API behind it."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from sekisho.engine.gate.ask import Act, Ask
from sekisho.registers.decisions.queries.addresses import person_at
from sekisho.registers.decisions.queries.malformed import FIELDS, MalformedAsk
from sekisho.registers.decisions.queries.resource import instant_of

LONGEST_NAME = 256
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

    Raises: MalformedAsk naming every field that is wrong.
    """
    if not isinstance(said, Mapping):
        raise MalformedAsk("ask")
    wrong = [key if LIKE_A_FIELD.fullmatch(key) else "?" for key in said if key not in FIELDS]  # may hold even a name
    of_things = "data_subjects" not in said
    actor, items = _text(said, "actor", wrong), _texts(said, "items", wrong)
    purpose = "" if of_things and "purpose" not in said else _text(said, "purpose", wrong)
    if "items" not in said and of_things:  # about nothing yet: more than the items is missing
        wrong += [key for key in ("purpose", "data_subjects") if key not in said]
    addresses = [] if of_things else _list(said, "data_subjects", wrong)
    for place, address in enumerate(addresses):
        if not _can_name(address):
            wrong.append("data_subjects")
        elif isinstance(address, Mapping) and "at" in address and instant_of(address["at"]) is None:
            wrong.append(f"data_subjects[{place}].at")
    act, at = _act(said, wrong), _at(said, now, wrong)
    recipient, channel = _optional(said, "recipient", wrong), _optional(said, "channel", wrong)
    claims = _texts(said, "claims", wrong, [])
    resource = said.get("resource", {})
    if not isinstance(resource, Mapping):
        wrong.append("resource")
    else:
        wrong += [f"resource.{key}" for key in INSTANTS if _lacks_zone(resource.get(key))]
    if wrong:
        raise MalformedAsk(*wrong)
    return Ask(
        actor=actor,
        act=act,
        data_subjects=tuple(dict.fromkeys(find(address) for address in addresses)),
        items=tuple(dict.fromkeys(items)),
        purpose=purpose,
        at=at,
        recipient=recipient,
        channel=channel,
        claims=tuple(claims),
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


def _can_name(address: object) -> bool:
    values = address.values() if isinstance(address, Mapping) else (address,)
    return bool(values) and all(is_name(value) for value in values)


def _act(said: Mapping[str, object], wrong: list[str]) -> str:
    act = said.get("act", Act.USE.value)
    if not isinstance(act, str) or not LIKE_A_FIELD.fullmatch(act):
        wrong.append("act")
        return ""
    return Act(act) if act in ACTS else act


def _at(said: Mapping[str, object], now: datetime, wrong: list[str]) -> datetime:
    if "at" not in said:
        return now
    told = said["at"]
    try:
        at = datetime.fromisoformat(told) if isinstance(told, str) and is_name(told) else None
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        wrong.append("at")
        return now
    return at.astimezone(UTC)


def _text(said: Mapping[str, object], field: str, wrong: list[str]) -> str:
    value = said.get(field)
    if not is_name(value):
        wrong.append(field)
    return str(value)


def is_name(value: object) -> bool:
    """Whether a value can name something: printable text of reasonable length."""
    return isinstance(value, str) and 0 < len(value) <= LONGEST_NAME and value.isprintable()


def _optional(said: Mapping[str, object], field: str, wrong: list[str]) -> str | None:
    return None if said.get(field) is None else _text(said, field, wrong)


def _list(
    said: Mapping[str, object], field: str, wrong: list[str], default: list[object] | None = None
) -> list[object]:
    value = said.get(field, default)
    if not isinstance(value, list) or (default is None and not value):
        wrong.append(field)
        return []
    return value


def _texts(said: Mapping[str, object], field: str, wrong: list[str], default: list[object] | None = None) -> list[str]:
    told = _list(said, field, wrong, default)
    if not all(is_name(value) for value in told):
        wrong.append(field)
    return [str(value) for value in told]
