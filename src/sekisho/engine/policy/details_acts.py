"""Generated sentences about things that are no personal data: who may do what to them."""

from collections.abc import Iterator

from sekisho.engine.policy.model import Permission
from sekisho.engine.policy.phrases import Speech
from sekisho.engine.policy.reading_aloud import aloud


def of_permissions(clause: str, speech: Speech) -> Iterator[str]:
    """For each permission of the clause: what may be done to what, and on what condition; those of one act together."""
    groups: dict[tuple[tuple[str, ...], tuple[str, ...]], list[Permission]] = {}
    for permission in speech.policy.permissions:
        if permission.clause == clause:
            groups.setdefault((permission.actions, permission.on), []).append(permission)
    for (actions, on), permissions in groups.items():
        yield _of(actions, on, permissions, speech)


def _of(actions: tuple[str, ...], on: tuple[str, ...], permissions: list[Permission], speech: Speech) -> str:
    policy = speech.policy
    acts = speech.quoted(speech.text(policy.actions[act].label) for act in actions if act in policy.actions)
    things = speech.quoted(speech.text(policy.resources[thing].label) for thing in on if thing in policy.resources)
    conditions = [_condition(permission, speech) for permission in permissions]
    if not all(conditions):
        return speech.say("permission_any", actions=acts, things=things)
    return speech.say("permission_when", actions=acts, things=things, condition=speech.join(conditions, "or_else"))


def _condition(permission: Permission, speech: Speech) -> str:
    conditions = [aloud(permission.when, speech)] if permission.when else []
    if permission.roles:
        roles = speech.join(speech.quoted([role]) for role in speech.words("roles", permission.roles))
        conditions.insert(0, speech.say("role_is", roles=roles))
    return speech.join(conditions, "and")
