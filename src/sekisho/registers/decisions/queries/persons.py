"""The gate's facts about one person and one row of theirs. None = nobody knows, and the gate refuses."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.policy.model import DataClass, Policy
from sekisho.registers.consents.queries import ConsentKind, Standing
from sekisho.registers.decisions.queries.scene import Scene
from sekisho.registers.decisions.queries.slots import Slots, is_approved
from sekisho.registers.decisions.rules import limits, majority
from sekisho.registers.identities.queries import IdentifierInterval, PersonStanding, covers
from sekisho.registers.policies import queries as policies
from sekisho.registers.retention.queries import gate as retention


@dataclass(frozen=True, kw_only=True)
class Person:
    """One person of an ask, each register asked once."""

    ref: str
    scene: Scene

    @cached_property
    def standing(self) -> PersonStanding:
        """As the identities register has it."""
        return self.scene.registers.person(self.ref).standing_at(self.scene.ask.at)

    @cached_property
    def consents(self) -> Standing:
        """As the consent ledger has it."""
        return self.scene.registers.standing(self.ref, self.scene.ask.at)

    @cached_property
    def identifiers(self) -> tuple[IdentifierInterval, ...]:
        """Everything that is or was theirs."""
        return self.scene.registers.person(self.ref).identifiers

    def slots(self) -> Slots:
        """Facts about the person."""
        if not self.standing.known:
            return {"identity_known": False}
        ask, scopes, has = self.scene.ask, self.scene.scopes, self.consents.has
        approved = is_approved(self.scene, self.ref)
        age = self.standing.age_on(self.scene.on)
        of_age = self.standing.is_corporate or (None if age is None else age >= majority(self.scene.on))
        abroad = self.scene.recipient is not None and self.scene.recipient.foreign
        cleared = self.scene.recipient is not None and self.scene.recipient.safeguards
        # A consent to secrecy is individual and specific: `*`, which speaks for every purpose, speaks for none here.
        secrecy = (ConsentKind.SECRECY, ask.purpose) in self.consents.holds
        return {
            "identity_known": True,
            "suppressed": self.standing.suppressed,
            "deceased": self.standing.deceased_on is not None and self.standing.deceased_on <= self.scene.on,
            "purpose_accepted": has(ConsentKind.ACCEPTED_PURPOSE, ask.purpose)
            or has(ConsentKind.SPECIFIC, ask.purpose),
            "consent_for_this_purpose": (ConsentKind.SPECIFIC, ask.purpose) in self.consents.holds,
            "objection": has(ConsentKind.OBJECTION, ask.purpose),
            "restricted": has(ConsentKind.RESTRICTED, ask.purpose),
            "guardian_consent": of_age or (True if has(ConsentKind.GUARDIAN, ask.purpose) else of_age),
            "protected_person": self.standing.protected and not approved,
            "solicitation_refused": has(ConsentKind.SOLICITATION_REFUSED, ask.purpose),
            "channel_consent": has(ConsentKind.CHANNEL, ask.channel) if ask.channel else None,
            "provision_consent": any(has(ConsentKind.PROVISION, scope) for scope in scopes),
            "provision_stopped": any(has(ConsentKind.PROVISION_STOPPED, scope) for scope in scopes) and not approved,
            "entrustment_consent": any(has(ConsentKind.ENTRUSTMENT, scope) for scope in scopes),
            "foreign_cleared": not abroad or cleared or any(has(ConsentKind.FOREIGN, scope) for scope in scopes)
            if self.scene.recipient is not None and self.scene.recipient.known
            else None,
            "secrecy_consent": secrecy,
            "location_consent": secrecy or (ConsentKind.SPECIFIC, ask.purpose) in self.consents.holds,
        }

    def row_slots(self, item: str, data_class: DataClass | None, kind: str) -> Slots:
        """Facts about what of this person the ask is about. A stop may be of one class only, so it is looked at here again."""
        if not self.standing.known or data_class is None:
            return {}
        events = self.events(data_class.id)
        return {
            "owned_in_interval": self._owned(),
            "past_retention": retention.is_past(
                self.scene.policy,
                item,
                kind,
                events,
                on=self.scene.on,
                settled=self.scene.rows.settled,
                holds=self.scene.registers.holds(self.ref, self.scene.on),
            ),
            "special_care_consent": any(
                self.consents.has(ConsentKind.SPECIAL_CARE, scope)
                for scope in (item, data_class.id, self.scene.ask.purpose)
            ),
            "restricted": self.consents.is_stopped(self.scene.ask.purpose, data_class.id),
            "hired": "staff" in self.standing.kinds or self.scene.rows.flag("hired") is True,
        }

    def era(self, history: tuple[Policy, ...]) -> str | None:
        """The version that governs: in force when the row (else the person's data) was acquired.

        What the carrier held before it adopted its first version is governed by that first version.
        """
        acquired_on = self.scene.rows.acquired_on or self.standing.acquired_on
        if acquired_on is None or not history:
            return None
        begun = [policy for policy in history if policy.in_force_from and policy.in_force_from <= acquired_on]
        return max(begun or history[:1], key=lambda policy: policy.in_force_from or date.min).era

    def kind_for(self, data_class: DataClass | None) -> str:
        """As which kind of person the item concerns them: one that holds such data, preferably one the purpose names."""
        kinds = self.standing.kinds & frozenset(data_class.of if data_class else ())
        named = {of for use in self.scene.policy.uses if use.purpose == self.scene.ask.purpose for of in use.of}
        named |= {of for way in self.scene.ways for of in way.of}
        told = self.scene.rows.said.get("subject_kind")
        if isinstance(told, str) and told in self.standing.kinds:
            return told
        return min(kinds & named or kinds or self.standing.kinds or {""})

    def _owned(self) -> bool | None:
        """Numbers are recycled: rows told by line and time must be this person's for the whole of that time."""
        line, hours = self.scene.rows.line, self.scene.rows.hours
        if line is None:
            return True  # told by person: the store is searched by the person's own intervals
        if hours is None:
            return None
        held = [i for i in self.identifiers if i.kind == "number" and i.value == line]
        return covers(held, hours[0], hours[1])

    def events(self, data_class: str) -> dict[str, date | None]:
        """Retention events: what the ask says of the rows, and what the registers know of the person."""
        told = {rule.after for rule in self.scene.policy.retention}
        found: dict[str, date | None] = {
            name: day for name in told if (day := self.scene.rows.event(name, data_class)) is not None
        }
        for event, kinds in limits()["events"].items():
            held = [i for i in self.identifiers if i.kind in kinds]
            if held and event not in found:
                ends = [i.until for i in held]
                last = None if None in ends else max(end for end in ends if end is not None)
                found[event] = tokyo_date(last) if last is not None else None
        return found


def history() -> tuple[Policy, ...]:
    """Every version, oldest first."""
    return policies.history()
