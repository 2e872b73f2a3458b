"""What the permits oblige to, and which of it a list can carry out itself."""

from collections.abc import Iterator, Mapping

from sekisho.engine.errors import SekishoError
from sekisho.engine.gate.ask import Obligation, Permit
from sekisho.registers.decisions.actions import BulkAnswer
from sekisho.registers.lists.rules import COARSE, ROOM

CARRIED_OUT = frozenset({"transform", "mask"})
PASSED_ON = frozenset({"notify"})  # told in the manifest to whoever sends


def transforms_of(answer: BulkAnswer) -> Mapping[str, str]:
    """Item -> how it is coarsened. Raises: lists.obligation-not-carried-out, lists.only-groups."""
    found: dict[str, str] = {}
    for one in _all(answer):
        how, item = str(one.properties.get("to", "")), str(one.properties.get("item", ""))
        if one.type == "minimum_group":
            raise SekishoError("lists.only-groups", room=ROOM, size=one.properties.get("size", ""))
        if one.type not in CARRIED_OUT | PASSED_ON or (one.type in CARRIED_OUT and how not in COARSE):
            raise SekishoError("lists.obligation-not-carried-out", room=ROOM, obligation=one.id)
        if one.type in CARRIED_OUT and found.setdefault(item, how) != how:
            raise SekishoError("lists.obligation-not-carried-out", room=ROOM, obligation=one.id)
    return found


def obligations_of(answer: BulkAnswer) -> list[object]:
    """What whoever uses the list must do."""
    return [
        {"id": one.id, "type": one.type, "properties": {key: _plain(value) for key, value in one.properties.items()}}
        for one in _all(answer)
    ]


def _all(answer: BulkAnswer) -> Iterator[Obligation]:
    seen = set()
    for outcome in answer.decision.outcomes:
        if outcome.count and isinstance(outcome.decision, Permit):
            for one in outcome.decision.obligations:
                if (one.id, repr(one.properties)) not in seen:
                    seen.add((one.id, repr(one.properties)))
                    yield one


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple | frozenset | set) else value
