"""Findings about ways out: joint use, recipients abroad, what cookies send."""

import re
from collections.abc import Iterator

from sekisho.engine.errors import Fault, Severity
from sekisho.engine.law.pack import Law
from sekisho.engine.policy.lint.finding import finding
from sekisho.engine.policy.model import Policy, WayOutKind
from sekisho.engine.policy.resolve import expand

OPEN_ENDED = re.compile(r"等|など|代理店|特約店|グループ")
PASSIVE = {"subject_request", "audit", "consent_request", "group_offering"}


def joint_use_notice_is_complete(policy: Policy, law: Law) -> Iterator[Fault]:
    """All elements or it is provision to a third party. Source: APPI 27(5)3; LAW.md 8.2, 8.6."""
    for way in policy.ways_out.values():
        if way.kind is WayOutKind.JOINT_USE:
            elements = law.joint_use_elements.values()
            missing = [one.ja for one in elements if way.notice is None or not getattr(way.notice, one.id)]
            if missing:
                yield finding(
                    policy,
                    law,
                    "lint.joint-use-incomplete",
                    f"ways_out.{way.id}.notice",
                    source="appi.joint_use",
                    clause=way.clause,
                    missing="、".join(missing),
                )


def joint_users_are_determinable(policy: Policy, law: Law) -> Iterator[Fault]:
    """A range the person cannot tell. Source: APPI 27(5)3; PPC guidelines on joint use; LAW.md 8.2."""
    for way in policy.ways_out.values():
        for at, key in enumerate(way.to):
            recipient = policy.recipients[key]
            if way.kind is WayOutKind.JOINT_USE and OPEN_ENDED.search(recipient.label.ja):
                yield finding(
                    policy,
                    law,
                    "lint.joint-users-open",
                    f"ways_out.{way.id}.to[{at}]",
                    source="appi_guideline.joint_use",
                    clause=recipient.clause,
                    recipient=recipient.label.ja,
                )


def joint_items_are_held(policy: Policy, law: Law) -> Iterator[Fault]:
    """What leaves jointly but serves no purpose of the carrier's own. Source: APPI 17(1); LAW.md 8.6."""
    own = {
        name
        for use in policy.uses
        if policy.purposes[use.purpose].nature not in PASSIVE
        for item in use.items
        for name, _, _ in expand(item, policy.classes)
    }
    for way in policy.ways_out.values():
        if way.kind is not WayOutKind.JOINT_USE:
            continue
        for at, item in enumerate(way.items):
            held = policy.classes[item.partition(".")[0]]
            if held.id not in own:
                yield finding(
                    policy,
                    law,
                    "lint.joint-item-without-use",
                    f"ways_out.{way.id}.items[{at}]",
                    source="appi.purpose_specification",
                    clause=way.clause,
                    item=held.label.ja,
                )


def recipients_abroad_are_named(policy: Policy, law: Law) -> Iterator[Fault]:
    """Whether a third party is abroad decides whether APPI 28 applies. Source: APPI 28(1); LAW.md 9.8."""
    for way in policy.ways_out.values():
        for at, key in enumerate(way.to):
            if way.kind is WayOutKind.THIRD_PARTY_PROVISION and policy.recipients[key].foreign is None:
                yield finding(
                    policy,
                    law,
                    "lint.recipient-country-open",
                    f"ways_out.{way.id}.to[{at}]",
                    source="appi.foreign_provision",
                    clause=way.clause,
                    severity=Severity.NOTE,
                    recipient=policy.recipients[key].label.ja,
                )


def cookies_name_their_recipients(policy: Policy, law: Law) -> Iterator[Fault]:
    """Who receives what the browser is told to send must be published. Source: TBA 27の12, rules 22の2の29; LAW.md 8.12."""
    for at, cookie in enumerate(policy.cookies):
        if not cookie.recipients:
            yield finding(
                policy,
                law,
                "lint.cookie-without-recipient",
                f"cookies[{at}].recipients",
                source="tba_rules.external_transmission_items",
                clause=cookie.clause,
                purpose=cookie.label.ja,
            )


SHARING_RULES = (
    joint_use_notice_is_complete,
    joint_users_are_determinable,
    joint_items_are_held,
    recipients_abroad_are_named,
    cookies_name_their_recipients,
)
