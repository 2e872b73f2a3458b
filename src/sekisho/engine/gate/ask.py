"""What is asked of the gate and what it answers.

`actor` is who asks (AuthZEN calls it the subject); `data_subjects` are the people the data is about.
Every instant is aware UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias


class Act(StrEnum):
    """What the actor means to do. A policy may name further acts under `actions`: narrower own uses, told by their names."""

    USE = "use"
    THIRD_PARTY_PROVISION = "third_party_provision"
    JOINT_USE = "joint_use"
    ENTRUSTMENT = "entrustment"
    SUCCESSION = "succession"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """May this actor do this, with these items of these people, for this purpose, now?"""

    actor: str  # staff or client reference
    act: str  # an Act, or a name under the policy's actions
    data_subjects: tuple[str, ...]  # opaque person references; all must permit. Of things that are nobody's data: none
    items: tuple[str, ...]  # "class" or "class.field", or kinds of thing under the policy's resources; all must permit
    purpose: str
    at: datetime
    recipient: str | None = None
    channel: str | None = None  # mail, sms, phone, post: consent to marketing is per channel
    claims: tuple[str, ...] = ()  # references of approved exceptions, warrants, tickets
    resource: Mapping[str, object] = field(default_factory=dict)  # what is known of the rows: line, hours, due_on, …


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkAsk:
    """An ask about everybody, or about as many as the caller names: an `Ask` without its people."""

    actor: str
    act: str
    items: tuple[str, ...]
    purpose: str
    at: datetime
    recipient: str | None = None
    channel: str | None = None
    claims: tuple[str, ...] = ()
    resource: Mapping[str, object] = field(default_factory=dict)  # the same for every row

    def about(self, *data_subjects: str) -> Ask:
        """The same ask about these people."""
        return Ask(
            actor=self.actor,
            act=self.act,
            data_subjects=data_subjects,
            items=self.items,
            purpose=self.purpose,
            at=self.at,
            recipient=self.recipient,
            channel=self.channel,
            claims=self.claims,
            resource=self.resource,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFacts:
    """What is known about one item of one person: two words over the slots, and values for conditions."""

    data_subject: str
    subject_kind: str
    item: str
    era: str | None  # "policy@version" governing the data; None = unknown, refused
    known: int
    value: int
    attributes: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything gathered for one ask: the version in force and one row per person and item."""

    in_force: str  # "policy@version"
    rows: tuple[RowFacts, ...]
    people_epoch: int = 0
    recipient_kind: str | None = None  # kind of the ask's recipient, as the recipients register has it
    grounds: tuple[
        str, ...
    ] = ()  # exceptions (E1…) and secrecy grounds (warrant…) the ask's claims invoke: law pack keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One rule that failed."""

    code: str
    clause: str
    article: str
    message: str
    remedy: str
    item: str = ""
    slot: str = ""  # the fact that failed, where one did
    values: Mapping[str, str] = field(default_factory=dict, compare=False)  # for the message in another language

    @property
    def tell(self) -> tuple[str, ...]:
        """Of an unknown fact: the keys of the ask that would tell it, as `channel` or `resource.started_at`."""
        return tuple(self.values.get("tell", "").split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligation:
    """Something the caller must do to use a permit. One it does not understand makes the answer a refusal."""

    id: str
    type: str  # mask, transform, record, notify, minimum_group, expiry
    properties: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """It may be done, under these obligations."""

    policy: str
    obligations: tuple[Obligation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse:
    """It may not be done, for all these reasons."""

    policy: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsConsent:
    """Only consents are missing: with them it may be done."""

    policy: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsApproval:
    """An approval by a second person is missing (and perhaps consents)."""

    policy: str
    reasons: tuple[Reason, ...]


Decision: TypeAlias = Permit | Refuse | NeedsConsent | NeedsApproval
