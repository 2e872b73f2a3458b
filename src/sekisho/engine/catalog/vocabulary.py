"""What a data map may say: the policy's words, handed in by whoever knows the policy. The catalog stands below it."""

from collections.abc import Mapping
from dataclasses import dataclass

IDENTIFIER_KINDS = (
    "customer_no",
    "number",
    "staff_no",
    "applicant_no",
    "shareholder_no",
    "contact_no",
    "recipient_no",
    "mail",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """`items` are "class" and "class.field"; `events` tells, per (item, subject kind), what starts its retention.

    `secret` are the items that taint whatever is derived from them, however indirectly: the secrecy of communications
    and location.
    """

    items: frozenset[str]
    subject_kinds: frozenset[str]
    events: Mapping[tuple[str, str], frozenset[str]]
    secret: frozenset[str] = frozenset()
