"""The erasure of one person as an ordered plan: frozen, hashed, and without a single personal value in it.

Leaf stores come first and the identity map last. Rows of one person are deleted, rows that serve another party (a
call has two) lose only this person's columns, free text loses its mentions. What law or a hold keeps is listed with
its last day and comes back in the queue then. A number is this person's only within the interval they held it.
Source: DESIGN.md section 6.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from sekisho.engine.catalog.model import DataMap
from sekisho.engine.erasure.due import NotDue
from sekisho.engine.erasure.floors import Hold, RetentionLaw
from sekisho.engine.erasure.order import Link
from sekisho.engine.erasure.remaining import Living, Referred, Retained, living, retained
from sekisho.engine.erasure.steps import Held, Located, Step, StepKind, system_steps
from sekisho.engine.merkle.canonical import canonical
from sekisho.engine.policy.model import Policy

__all__ = ["Held", "Living", "Located", "Plan", "Retained", "Step", "StepKind", "plan"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What will be done, to what, and what stays. `target` commits to the identifiers and names without saying them."""

    person: str
    policy: str
    policy_sha256: str
    datamap_sha256: str
    on: date
    target: str
    steps: tuple[Step, ...]
    retained: tuple[Retained, ...]
    unknown: tuple[NotDue, ...]
    holds: tuple[str, ...] = ()  # the holds the plan knew of: one more, and it may not run
    copies: tuple[str, ...] = ()  # room and reference of what we made of the stores and holds the person
    living: tuple[Living, ...] = ()  # whoever approves must have seen it

    @property
    def sha256(self) -> str:
        """The hash two people approve."""
        return hashlib.sha256(canonical(self.as_json())).hexdigest()

    def as_json(self) -> dict[str, object]:
        """Everything, in the form that is hashed."""
        return {
            "person": self.person,
            "policy": self.policy,
            "policy_sha256": self.policy_sha256,
            "datamap_sha256": self.datamap_sha256,
            "on": self.on.isoformat(),
            "target": self.target,
            "steps": [step.as_json() for step in self.steps],
            "retained": [one.as_json() for one in self.retained],
            "holds": list(self.holds),
            "copies": list(self.copies),
            "living": [one.as_json() for one in self.living],
            "unknown": [{"item": one.item, "code": one.code, "values": dict(one.values)} for one in self.unknown],
        }


def plan(
    datamap: DataMap,
    policy: Policy,
    law: RetentionLaw,
    person: str,
    kinds: frozenset[str],
    identifiers: Iterable[Held],
    located: Iterable[Located],
    holds: Iterable[Hold],
    *,
    on: date,
    target: str,
    unreadable: Iterable[NotDue] = (),
    endings: frozenset[str] = frozenset(),
    links: Iterable[Link] = (),
    copies: Iterable[str] = (),
    contractors: Iterable[str] = (),
) -> Plan:
    """The plan for one person on one Tokyo day. `kinds` are the kinds of identifier they have ever had.

    `unreadable`: systems that could not be asked. Their steps stand in the plan all the same. `endings`: events that
    end a relation; where one is recorded as not having happened, the plan says so. `links`: references that the
    stores themselves know and enforce.
    """
    held, rows, standing, known = tuple(identifiers), tuple(located), tuple(holds), tuple(links)
    unknown: list[NotDue] = [*unreadable]
    made = tuple(copies)
    work: list[Step] = [Step(ordinal=0, kind=StepKind.COPIES, expected=len(made))]
    holders = tuple(contractors)
    work += [Step(ordinal=0, kind=StepKind.ORDER, how=one) for one in holders]
    kept = tuple(retained(datamap, policy, law, rows, standing, on))
    referred = Referred(datamap=datamap, links=known, retained=kept, located=rows)
    for system in sorted(datamap.systems.values(), key=lambda one: (one.erase_order, one.id)):
        steps = list(system_steps(system, policy, law, kinds, held, rows, standing, on, unknown, known))
        steps = [one for step in steps for one in referred.steps(step)]
        if steps:
            work += [*steps, Step(ordinal=0, kind=StepKind.PURGE, system=system.id)]
    work.append(Step(ordinal=0, kind=StepKind.FORGET))
    work += [Step(ordinal=0, kind=StepKind.RECEIPT, how=one) for one in holders]
    return Plan(
        person=person,
        policy=policy.era,
        policy_sha256=policy.sha256,
        datamap_sha256=datamap.sha256,
        on=on,
        target=target,
        copies=made,
        steps=tuple(_numbered(work)),
        retained=(*kept, *referred.retained_too()),
        unknown=tuple(unknown),
        holds=tuple(sorted(hold.id for hold in standing)),
        living=tuple(living(datamap, rows, endings)),
    )


def _numbered(steps: Iterable[Step]) -> Iterator[Step]:
    for ordinal, step in enumerate(steps, start=1):
        yield replace(step, ordinal=ordinal)
