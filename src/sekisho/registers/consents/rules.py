"""From events to a standing: the last event of each kind and scope counts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sekisho.engine.gate.stops import EVERYTHING, stop_scopes


class ConsentKind(StrEnum):
    """What an event is about. `given=False` withdraws it (or lifts an objection)."""

    ACCEPTED_PURPOSE = "accepted_purpose"  # the purposes named in the notice at sign-up
    SPECIFIC = "specific"  # consent asked for this purpose alone
    OBJECTION = "objection"
    CHANNEL = "channel"  # marketing by mail, sms, phone, post (特定電子メール法 3)
    SOLICITATION_REFUSED = "solicitation_refused"  # TBA 27の2
    PROVISION = "provision"
    PROVISION_STOPPED = "provision_stopped"
    ENTRUSTMENT = "entrustment"
    FOREIGN = "foreign"  # APPI 28
    SECRECY = "secrecy"  # individual, specific, clear consent for communications data
    SPECIAL_CARE = "special_care"
    RESTRICTED = "restricted"  # 利用停止: scopes of engine.gate.stops
    GUARDIAN = "guardian"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event, as far as a standing needs it."""

    kind: ConsentKind
    scope: str
    given: bool
    notice_era: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a person has agreed to and objected to, up to an epoch."""

    epoch: int
    holds: Mapping[tuple[ConsentKind, str], str] = field(default_factory=dict)  # (kind, scope) -> notice era

    def has(self, kind: ConsentKind, scope: str = EVERYTHING) -> bool:
        """Whether the person's last word on this kind and scope is yes; `*` speaks for every scope."""
        return (kind, scope) in self.holds or (kind, EVERYTHING) in self.holds

    def has_any(self, kind: ConsentKind) -> bool:
        """Whether anything of this kind holds."""
        return any(held is kind for held, _ in self.holds)

    def is_stopped(self, purpose: str, data_class: str) -> bool:
        """Whether use of one class under one purpose was stopped: the purpose, the class under it, or the class."""
        return any(self.has(ConsentKind.RESTRICTED, scope) for scope in stop_scopes(purpose, data_class))

    def notice_era(self, kind: ConsentKind, scope: str) -> str:
        """The policy version whose notice the person saw; empty where nothing holds."""
        return self.holds.get((kind, scope)) or self.holds.get((kind, EVERYTHING), "")


def standing(events: Iterable[Event], epoch: int) -> Standing:
    """Fold events, in order, into a standing. A withdrawal of `*` withdraws every scope of that kind."""
    holds: dict[tuple[ConsentKind, str], str] = {}
    for event in events:
        if event.given:
            holds[event.kind, event.scope] = event.notice_era
        elif event.scope == EVERYTHING:
            holds = {key: era for key, era in holds.items() if key[0] is not event.kind}
        else:
            holds.pop((event.kind, event.scope), None)
    return Standing(epoch=epoch, holds=holds)
