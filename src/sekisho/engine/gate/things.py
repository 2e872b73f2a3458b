"""Things that are nobody's data: who may do what to them. Any permission suffices; without one the act is refused.

Of such things no person, purpose, acquisition or period is asked, only who asks and the conditions of the policy.
"""

from datetime import date

from sekisho.engine.gate.ask import Act
from sekisho.engine.gate.parts import Part, Question
from sekisho.engine.gate.rules import Rules
from sekisho.engine.policy.model import Permission


def look_at_permissions(part: Part, ask: Question, rules: Rules) -> None:
    """One condition out of all permissions of this act on this kind of thing; the facts asked of whoever asks."""
    policy, thing = ask.policy, ask.policy.resources[ask.item]
    clause = policy.actions[ask.action].clause if ask.action else thing.clause
    if ask.subject_kind:
        part.fail("gate.class-not-of-kind", thing.clause, ask.item)
    if ask.purpose and ask.purpose not in policy.purposes:
        part.fail("gate.unknown-purpose", policy.use_basis_clause, "")
    if ask.act is Act.USE and ask.recipient is not None:
        part.fail("gate.recipient-with-own-use", policy.use_basis_clause, "")
    found = [
        permission
        for permission in policy.permissions
        if ask.action in permission.actions and ask.item in permission.on and _holds(permission, ask.on)
    ]
    if not found:
        part.fail("gate.act-not-permitted", clause, ask.item)
    conditions = [_condition(permission) for permission in found]
    if found and all(conditions):
        told = conditions if len(conditions) == 1 else [f"({condition})" for condition in conditions]
        part.conditions[" || ".join(told)] = found[0].clause
    clause = found[0].clause if found else clause
    for slot in sorted(rules.things.asks):
        part.ask_for(slot, clause)
    for duty in policy.people_duties:
        if duty.id in rules.duties:
            part.ask_for(rules.duties[duty.id], duty.clause)


def _condition(permission: Permission) -> str:
    """When it applies, as one condition; "" = always."""
    roles = ", ".join(f'"{role}"' for role in permission.roles)
    is_role = f"actor.role in [{roles}]" if roles else ""
    if is_role and permission.when:
        return f"{is_role} && ({permission.when})"
    return is_role or permission.when


def _holds(permission: Permission, on: date) -> bool:
    return (permission.since is None or permission.since <= on) and (permission.until is None or on <= permission.until)
