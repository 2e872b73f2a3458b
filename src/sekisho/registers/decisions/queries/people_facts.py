"""Facts about everybody for one ask, slot by slot, as sets of people. A fact that nobody knows stays unknown.

Each slot is the one of the same name in `persons` and `slots`, where its meaning is written down: the tests hold them
equal. What hangs on few distinct values (era, kind, retention) is asked of `Person` itself, once for each of them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt

from sekisho.engine.erasure.floors import Hold
from sekisho.engine.gate.alike import Combining, Numbering
from sekisho.engine.gate.sets import Fact, Part
from sekisho.engine.gate.stops import stop_scopes
from sekisho.registers.consents.queries import ConsentKind
from sekisho.registers.decisions.queries.persons import Person
from sekisho.registers.decisions.queries.scene import Scene
from sekisho.registers.decisions.queries.slots import actor_slots, ask_slots, is_approved, recipient_slots
from sekisho.registers.decisions.rules import limits, majority
from sekisho.registers.identities.queries import IdentifierInterval, PersonStanding
from sekisho.registers.populations import queries as populations
from sekisho.registers.populations.queries import ABSENT, EVERYTHING, NO_DAY, OPEN, Bits, Holding, Population
from sekisho.registers.retention.queries import gate as retention

UNNAMED = "anybody"  # a person whom neither claim nor hold names
MICROSECONDS_OF_HOUR = 3_600 * 1_000_000
AHEAD = 9  # hours by which Tokyo is ahead of UTC
FAR = 1 << 20  # makes days before 1970 numbers above the two that mean no day


@dataclass(frozen=True, kw_only=True)
class PeopleFacts:
    """The facts of those of whom no claim, hold or line speaks by name."""

    scene: Scene
    population: Population
    holding: Holding  # as of the ask
    table_holds: tuple[Hold, ...]  # holds that name nobody

    def slots(self) -> dict[str, Fact]:
        """Facts about the people, the actor, the recipient and the ask: the same for every item."""
        actor, people = self.scene.actor, self.population.people
        always = {
            "identity_known": True,
            **actor_slots(self.scene, actor.shop),
            **recipient_slots(self.scene),
            **ask_slots(self.scene, UNNAMED),
        }
        found = {name: _constant(fact) for name, fact in always.items()}
        found |= {name: fact if isinstance(fact, Fact) else Fact(known=True, value=fact) for name, fact in self._own()}
        if actor.known and actor.shop:
            number = people.shops.index(actor.shop) if actor.shop in people.shops else len(people.shops)
            own = people.derive(("shop", actor.shop), lambda: populations.packed(people.shop == number))
            found["own_customer"] = Fact(known=True, value=own)
        return found

    def row_slots(self, item: str, kinds: Mapping[str, Bits]) -> dict[str, Fact]:
        """Facts about what of the people the ask is about; nothing where the policy has no such class."""
        data_class = self.scene.policy.classes.get(item.partition(".")[0])
        if data_class is None:
            return {}
        line, hours = self.scene.rows.line, self.scene.rows.hours
        hired = True if self.scene.rows.flag("hired") is True else self._of_kind("staff")
        stopped = stop_scopes(self.scene.ask.purpose, data_class.id)
        special = self._any(ConsentKind.SPECIAL_CARE, (item, data_class.id, self.scene.ask.purpose))
        return {
            "owned_in_interval": _constant(line is None if line is None or hours is not None else None),
            "past_retention": self._past_retention(item, data_class.id, kinds),
            "special_care_consent": Fact(known=True, value=special),
            "restricted": Fact(known=True, value=self._any(ConsentKind.RESTRICTED, stopped)),
            "hired": Fact(known=True, value=hired),
        }

    def eras(self) -> dict[str | None, Bits]:
        """Whose data is governed by which version."""
        versions, first = self.scene.registers.versions, populations.FIRST_DAY
        starts = sorted({populations.day_number(policy.in_force_from) for policy in versions if policy.in_force_from})
        days = [date.min, *(first + timedelta(days=start) for start in starts)]
        since = [self._acquired_from(start) for start in starts]
        found: dict[str | None, Bits] = {}
        for day, begun, ended in zip(days, [self.exists, *since], [*since, None], strict=True):
            part = begun & self.exists if ended is None else populations.complement(ended, begun & self.exists)
            era = self._sample(acquired_on=day).era(versions)
            found[era] = found[era] | part if era in found else part
        return {era: part for era, part in found.items() if part.any()}

    def kinds(self, item: str) -> dict[str, Bits]:
        """As which kind of person the item concerns whom."""
        data_class = self.scene.policy.classes.get(item.partition(".")[0])
        names, found = self.population.people.kind_names, dict[str, Bits]()
        for word, part in self._by_kinds():
            held = frozenset(name for bit, name in enumerate(names) if word >> bit & 1)
            kind = self._sample(kinds=held).kind_for(data_class)
            found[kind] = found[kind] | part if kind in found else part
        return found

    @property
    def exists(self) -> Bits:
        """Everybody there is."""
        people = self.population.people
        return people.derive("exists", lambda: populations.packed(people.exists))

    def _acquired_from(self, day: int) -> Bits:
        people = self.population.people
        return people.derive(("acquired", day), lambda: populations.packed(people.acquired >= day))

    def _own(self) -> Iterator[tuple[str, Fact | Part]]:
        """What the registers say of the people themselves, in the order and the words of `Person.slots`."""
        ask, scene, people = self.scene.ask, self.scene, self.population.people
        approved, recipient, today = is_approved(scene, UNNAMED), scene.recipient, populations.day_number(scene.on)
        specific = self._exactly(ConsentKind.SPECIFIC, ask.purpose)
        secrecy = self._exactly(ConsentKind.SECRECY, ask.purpose)
        accepted = self._any(ConsentKind.ACCEPTED_PURPOSE, (ask.purpose,)) | self._any(
            ConsentKind.SPECIFIC, (ask.purpose,)
        )
        yield "suppressed", self._suppressed()
        yield (
            "deceased",
            people.derive(
                ("deceased", today),
                lambda: populations.packed((people.deceased != NO_DAY) & (people.deceased <= today)),
            ),
        )
        yield "purpose_accepted", accepted
        yield "consent_for_this_purpose", specific
        yield "objection", self._any(ConsentKind.OBJECTION, (ask.purpose,))
        yield "restricted", self._any(ConsentKind.RESTRICTED, (ask.purpose,))
        yield "guardian_consent", self._guarded()
        yield (
            "protected_person",
            not approved and people.derive("protected", lambda: populations.packed(people.is_protected)),
        )
        yield "solicitation_refused", self._any(ConsentKind.SOLICITATION_REFUSED, (ask.purpose,))
        if ask.channel:
            yield "channel_consent", self._any(ConsentKind.CHANNEL, (ask.channel,))
        yield "provision_consent", self._any(ConsentKind.PROVISION, scene.scopes)
        yield "provision_stopped", not approved and self._any(ConsentKind.PROVISION_STOPPED, scene.scopes)
        yield "entrustment_consent", self._any(ConsentKind.ENTRUSTMENT, scene.scopes)
        if recipient is not None and recipient.known:
            cleared = not recipient.foreign or recipient.safeguards
            yield "foreign_cleared", cleared or self._any(ConsentKind.FOREIGN, scene.scopes)
        yield "secrecy_consent", secrecy
        yield "location_consent", secrecy | specific

    def _guarded(self) -> Fact:
        """Of age, or a statutory agent consented. Without a birth date only a consent tells."""
        people, latest = self.population.people, _latest_birth(self.scene.on)
        of_age = people.derive(
            ("of age", latest),
            lambda: populations.packed(people.is_corporate | ((people.born != NO_DAY) & (people.born <= latest))),
        )
        born = people.derive("born", lambda: populations.packed(people.born != NO_DAY))
        consented = of_age | self._any(ConsentKind.GUARDIAN, (self.scene.ask.purpose,))
        return Fact(known=consented | born, value=consented)

    def _suppressed(self) -> Bits:
        at = populations.instant_number(self.scene.ask.at)
        spans = self.population.people.suppressions
        held = [place for place, given in spans.items() if any(since <= at < until for since, until in given)]
        return populations.with_places(populations.no_bits(self.population.size), np.array(held, dtype=np.int64))

    def _past_retention(self, item: str, class_id: str, kinds: Mapping[str, Bits]) -> Fact:
        """Whether every reason to keep the item has ended: asked once for each kind and set of last days."""
        known, value = populations.no_bits(self.population.size), populations.no_bits(self.population.size)
        for kind, of_kind in kinds.items():
            kind_known, kind_value = self._past_of_kind(item, class_id, kind)
            known |= of_kind & kind_known
            value |= of_kind & kind_value
        return Fact(known=known, value=value)

    def _past_of_kind(self, item: str, class_id: str, kind: str) -> tuple[Bits, Bits]:
        people, scene = self.population.people, self.scene
        told = tuple(sorted(self._sample().events(class_id).items()))
        key = ("past", scene.policy.sha256, item, kind, scene.on, scene.rows.settled, told, self.table_holds)

        def ask_each() -> tuple[Bits, Bits]:
            numbers, places = people.derive("last days", self._last_days)
            answers = [
                retention.is_past(
                    scene.policy,
                    item,
                    kind,
                    self._sample(identifiers=self._held(place)).events(class_id),
                    on=scene.on,
                    settled=scene.rows.settled,
                    holds=self.table_holds,
                )
                for place in places
            ]
            known = np.array([answer is not None for answer in answers], dtype=np.bool_)[numbers]
            value = np.array([answer is True for answer in answers], dtype=np.bool_)[numbers]
            return populations.packed(known), populations.packed(value)

        return people.derive(key, ask_each)

    def _last_days(self) -> tuple[npt.NDArray[np.int32], list[int]]:
        """Who has the same last Tokyo day for each event that the registers know; and one place for each number."""
        parts = []
        for kinds in limits()["events"].values():
            of_kinds = [ends for kind, ends in self.population.people.ends.items() if kind in kinds]
            if of_kinds:
                last = np.maximum.reduce(of_kinds)
                days = (last // MICROSECONDS_OF_HOUR + AHEAD) // 24 + FAR
                days[last == OPEN] = 1
                days[last == ABSENT] = 0
                parts.append(Numbering().numbers(days))
        numbers = Combining().numbers(parts or [np.zeros(self.population.size, dtype=np.int32)])
        places = np.zeros(int(numbers.max()) + 1, dtype=np.int64)
        places[numbers] = np.arange(len(numbers))  # one place of each: any will do
        return numbers, places.tolist()

    def _held(self, place: int) -> tuple[IdentifierInterval, ...]:
        """A person's identifiers as far as retention asks for them: kind and last end."""
        ends = {kind: int(ends[place]) for kind, ends in self.population.people.ends.items()}
        return tuple(
            IdentifierInterval(
                person=UNNAMED, kind=kind, value="", until=None if end == OPEN else populations.instant_of(end)
            )
            for kind, end in ends.items()
            if end != ABSENT
        )

    def _by_kinds(self) -> list[tuple[int, Bits]]:
        """Who is of which kinds, every combination apart."""
        people = self.population.people

        def apart() -> list[tuple[int, Bits]]:
            numbering = Numbering()
            numbers = numbering.numbers(people.kinds)
            every = [(word, populations.packed(numbers == number)) for number, word in enumerate(numbering.words)]
            return [(word, part) for word, bits in every if (part := bits & self.exists).any()]

        return people.derive("kinds", apart)

    def _of_kind(self, kind: str) -> Bits:
        names = self.population.people.kind_names
        bit = 1 << names.index(kind) if kind in names else 0
        none = populations.no_bits(self.population.size)
        return reduce(np.bitwise_or, (part for word, part in self._by_kinds() if word & bit), none)

    def _any(self, kind: ConsentKind, scopes: Iterable[str]) -> Bits:
        """`Standing.has` for any of these scopes."""
        parts = [self._exactly(kind, scope) for scope in sorted({*scopes, EVERYTHING})]
        return reduce(np.bitwise_or, parts)

    def _exactly(self, kind: ConsentKind, scope: str) -> Bits:
        """Who holds this very scope: `*` does not count."""
        return self.holding.of(kind.value, scope, self.population.size)

    def _sample(self, identifiers: tuple[IdentifierInterval, ...] = (), **standing: Any) -> "_Sample":
        said = PersonStanding(known=True, **standing)
        return _Sample(ref=UNNAMED, scene=self.scene, standing=said, identifiers=identifiers)


@dataclass(frozen=True, kw_only=True)
class _Sample(Person):
    """A person made up to ask `Person` about everybody who is alike in this."""

    standing: PersonStanding
    identifiers: tuple[IdentifierInterval, ...]


def _constant(fact: bool | None) -> Fact:
    return Fact(known=fact is not None, value=fact is True)


def _latest_birth(on: date) -> int:
    """Whoever was born by this day is of age. 29 February counts on 1 March."""
    year = on.year - majority(on)
    try:
        return populations.day_number(on.replace(year=year))
    except ValueError:
        return populations.day_number(date(year, 2, 28))
