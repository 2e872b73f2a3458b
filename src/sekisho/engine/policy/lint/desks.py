"""Findings about desks and services."""

from collections.abc import Iterator
from itertools import combinations

from sekisho.engine.errors import Fault, Severity
from sekisho.engine.law.pack import Law
from sekisho.engine.policy.lint.finding import finding
from sekisho.engine.policy.model import Policy


def fax_needs_a_number(policy: Policy, law: Law) -> Iterator[Fault]:
    """A fax channel without a fax number. Source: APPI 32(1)3; LAW.md 8.9."""
    for desk in policy.desks.values():
        if "fax" in desk.channels and not desk.fax:
            path, clause = f"desks.{desk.id}.fax", desk.clause
            source = "appi.public_notice_procedure"
            yield finding(
                policy, law, "lint.fax-without-number", path, source=source, clause=clause, desk=desk.label.ja
            )


def hours_agree(policy: Policy, law: Law) -> Iterator[Fault]:
    """One phone number, two sets of hours. Source: APPI 32(1)3, must be true at all times; LAW.md 8.11."""
    for first, second in combinations(policy.desks.values(), 2):
        same = first.phone and first.phone == second.phone
        hours = [(desk.opens, desk.closes, tuple(sorted(desk.days))) for desk in (first, second)]
        if same and hours[0] != hours[1]:
            yield finding(
                policy,
                law,
                "lint.hours-differ",
                f"desks.{second.id}.opens",
                source="appi.public_notice_procedure",
                clause=second.clause,
                first=first.label.ja,
                second=second.label.ja,
                phone=first.phone,
            )


def weekdays_are_named(policy: Policy, law: Law) -> Iterator[Fault]:
    """Hours without days leave weekends open. Source: APPI 32(1)3; LAW.md 8.11."""
    for desk in policy.desks.values():
        if desk.opens and not desk.days:
            path, clause = f"desks.{desk.id}.days", desk.clause
            note, source = Severity.NOTE, "appi.public_notice_procedure"
            yield finding(
                policy, law, "lint.no-weekdays", path, source=source, clause=clause, severity=note, desk=desk.label.ja
            )


def there_is_a_complaints_desk(policy: Policy, law: Law) -> Iterator[Fault]:
    """No desk of any kind. Source: APPI 40(2)."""
    if not policy.desks:
        yield finding(policy, law, "lint.no-desk", "desks", source="appi.complaints_system")


def services_have_their_pages(policy: Policy, law: Law) -> Iterator[Fault]:
    """A clause refers to a service's page, desk or notice that is not published. Source: APPI 32(1); LAW.md 9.18."""
    for service in policy.services.values():
        facts = {"page": "案内のページ", "desk": "窓口", "joint_use_notice": "共同利用のお知らせ"}
        missing = [name for key, name in facts.items() if not getattr(service, key)]
        if missing:
            yield finding(
                policy,
                law,
                "lint.service-without-page",
                f"services.{service.id}",
                source="appi.public_notice",
                clause=service.clause,
                service=service.label.ja,
                missing="、".join(missing),
            )


DESK_RULES = (
    fax_needs_a_number,
    hours_agree,
    weekdays_are_named,
    there_is_a_complaints_desk,
    services_have_their_pages,
)
