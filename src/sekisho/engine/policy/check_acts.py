"""Checks of named actions, declared attributes and things that are no personal data."""

from sekisho.engine.errors import Severity
from sekisho.engine.law.pack import Law
from sekisho.engine.policy.model import Policy, WayOutKind
from sekisho.engine.policy.reader import Reading
from sekisho.engine.policy.words import words

OWN_USE = "use"
ACTS = frozenset({OWN_USE, *(kind.value for kind in WayOutKind)})


def names_are_free(policy: Policy, law: Law, reading: Reading) -> None:
    """No action is named as one of the five acts, no thing as a class, no attribute as one of the vocabulary.

    What a register knows (`actor.role`) must not be told by whoever asks.
    """
    del law
    for act in policy.actions.values():
        if act.id in ACTS:
            reading.fault("policy.act-taken", reading.place(f"actions.{act.id}"), clause=act.clause, found=act.id)
    for thing in policy.resources.values():
        if thing.id in policy.classes:
            place = reading.place(f"resources.{thing.id}")
            reading.fault("policy.resource-is-class", place, clause=thing.clause, found=thing.id)
    for name in policy.attributes:
        if name in words()["attributes"]:
            reading.fault("policy.attribute-known", reading.place(f"attributes.{name}"), found=name)


def every_action_and_thing_is_used(policy: Policy, law: Law, reading: Reading) -> None:
    """A thing that no permission names, an action that nothing allows: every such ask will be refused."""
    del law
    allowed = {act for use in policy.uses for act in use.acts or policy.actions}
    allowed |= {act for permission in policy.permissions for act in permission.actions}
    warn = Severity.WARNING
    for act in policy.actions.values():
        if act.id not in allowed:
            place = reading.place(f"actions.{act.id}")
            reading.fault("policy.action-unused", place, severity=warn, clause=act.clause, found=act.id)
    reached = {thing for permission in policy.permissions for thing in permission.on}
    for thing in policy.resources.values():
        if thing.id not in reached:
            place = reading.place(f"resources.{thing.id}")
            reading.fault("policy.resource-unused", place, severity=warn, clause=thing.clause, found=thing.id)


ACT_CHECKS = (names_are_free, every_action_and_thing_is_used)
