"""Findings about what is held: never to be asked, kept too long or without citing its floor."""

from collections.abc import Iterator

from sekisho.engine.errors import Fault, Severity
from sekisho.engine.law.pack import Law
from sekisho.engine.policy import periods
from sekisho.engine.policy.lint.finding import finding
from sekisho.engine.policy.model import DataKind, Policy
from sekisho.engine.policy.resolve import expand


def nothing_forbidden_is_collected(policy: Policy, law: Law) -> Iterator[Fault]:
    """An applicant's family or bank used before hiring. Source: 職業安定法 5の5; LAW.md 9.15."""
    for rule in law.never_collect:
        for at, use in enumerate(policy.uses):
            if not set(use.of) & set(rule.of) or rule.unless in use.needs:
                continue
            for where, item in enumerate(use.items):
                found = [
                    policy.classes[name].fields[field].label.ja
                    for name, field, _ in expand(item, policy.classes)
                    if field in rule.fields
                    and set(rule.of) & set(use.of) & set(policy.classes[name].of)
                    and rule.unless not in policy.classes[name].conditions
                ]
                if found:
                    yield finding(
                        policy,
                        law,
                        "lint.never-collect",
                        f"uses[{at}].items[{where}]",
                        source=rule.cites[0],
                        clause=use.clause,
                        severity=Severity.ERROR,
                        found="、".join(found),
                        who=policy.subjects[rule.of[0]].label.ja if rule.of[0] in policy.subjects else rule.of[0],
                        unless=rule.unless,
                    )


def floors_are_cited(policy: Policy, law: Law) -> Iterator[Fault]:
    """A class the law wants kept, without the duty named. Source: the floor's own norm; LAW.md 7."""
    for at, row in enumerate(policy.retention):
        kinds = {kind.value for item in row.items for _, _, kind in expand(item, policy.classes)}
        for floor in law.floors.values():
            if kinds & set(floor.kinds) and floor.trigger == row.after and not row.floor:
                yield finding(
                    policy,
                    law,
                    "lint.floor-not-cited",
                    f"retention[{at}]",
                    source=floor.cites[0],
                    clause=row.clause,
                    floor=f"law:{floor.id}",
                    duty=floor.ja,
                )


def communication_logs_are_short(policy: Policy, law: Law) -> Iterator[Fault]:
    """Communication logs beyond what the commentary names, or below what it wishes. Source: LAW.md 2.3."""
    least, most = (law.desirable.get(f"communications_log_{end}") for end in ("minimum", "maximum"))
    for at, row in enumerate(policy.retention):
        kinds = {kind for item in row.items for _, _, kind in expand(item, policy.classes)}
        if DataKind.COMMUNICATIONS_SECRECY not in kinds:
            continue
        if most and periods.longer(row.keep, most.period):
            yield finding(
                policy,
                law,
                "lint.log-too-long",
                f"retention[{at}].keep",
                source=most.cites[0],
                clause=row.clause,
                keep=periods.parse(row.keep).text(),
                duty=most.ja,
            )
        if least and periods.longer(least.period, row.keep):
            yield finding(
                policy,
                law,
                "lint.log-short",
                f"retention[{at}].keep",
                source=least.cites[0],
                clause=row.clause,
                severity=Severity.NOTE,
                keep=periods.parse(row.keep).text(),
                duty=least.ja,
            )


HOLDING_RULES = (
    nothing_forbidden_is_collected,
    floors_are_cited,
    communication_logs_are_short,
)
